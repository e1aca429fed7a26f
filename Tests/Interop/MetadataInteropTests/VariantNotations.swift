// SPDX-License-Identifier: Apache-2.0

/// Other vocabularies, RDF's other notations, and attributes.
extension BenignVariant {
    /// Words of other vocabularies, and elements in other places.
    static let vocabulary: [BenignVariant] = [
        added("a word of Dublin Core", "<dcterms:rights>CC0</dcterms:rights>"),
        added("a date of Dublin Core", "<dcterms:modified>2016-01-01</dcterms:modified>"),
        added(
            "a date of Dublin Core that is none", "<dcterms:modified>yesterday</dcterms:modified>"),
        added("a word unknown to Dublin Core", "<dcterms:unknown>a</dcterms:unknown>"),
        added("a word unknown to StratusLab", "<slterms:unknown>a</slterms:unknown>"),
        added("a port", "<slterms:inbound-port>22</slterms:inbound-port>"),
        added("a port too high", "<slterms:inbound-port>65536</slterms:inbound-port>"),
        added("a port in words", "<slterms:outbound-port>ssh</slterms:outbound-port>"),
        added("an ICMP type too high", "<slterms:icmp>256</slterms:icmp>"),
        added(
            "old Dublin Core",
            "<dc:title xmlns:dc=\"http://purl.org/dc/elements/1.1/\">a</dc:title>"),
        added("a word of no namespace", "<note>a</note>"),
        added(
            "a word with a structure",
            "<x:a xmlns:x=\"http://example.org/\"><x:B><x:c>d</x:c></x:B></x:a>"),
        added("a stray required word", "<slreq:bytes>12345</slreq:bytes>"),
        added("an unknown required word", "<slreq:unknown>1</slreq:unknown>"),
        added(
            "a checksum at the end",
            "<slreq:checksum rdf:parseType=\"Resource\"><slreq:algorithm>SHA-384"
                + "</slreq:algorithm><slreq:value>00</slreq:value></slreq:checksum>"
        ),
        added("an identifier at the end", "<dcterms:identifier>x</dcterms:identifier>"),
        added(
            "a word with a relative namespace's cousin", "<u:a xmlns:u=\"urn:example:a\">b</u:a>"),
        added(
            "five hundred words",
            String(repeating: "<dcterms:subject>a</dcterms:subject>", count: 500)),
        BenignVariant(
            "a checksum of CRC-32", "<slreq:algorithm>MD5",
            "<slreq:algorithm>CRC32"),
        BenignVariant(
            "rdf:type before the identifier", "<dcterms:identifier>",
            "<rdf:type>a</rdf:type><dcterms:identifier>"),
        BenignVariant(
            "rdf:type as a resource", "<dcterms:identifier>",
            "<rdf:type rdf:resource=\"http://example.org/#a\"/><dcterms:identifier>"),
        BenignVariant(
            "dcterms:type before the identifier", "<dcterms:identifier>",
            "<dcterms:created/><dcterms:identifier>"),
    ]

    /// RDF's other notations for what a reader of plain elements may miss.
    static let striping: [BenignVariant] = [
        BenignVariant(
            "location as a resource", "<slterms:location>\(location)</slterms:location>",
            "<slterms:location rdf:resource=\"\(location)\"/>"),
        BenignVariant(
            "creator as a resource", "<dcterms:creator>Alice</dcterms:creator>",
            "<dcterms:creator rdf:resource=\"http://example.org/alice\"/>"),
        BenignVariant(
            "creator as a node", "<dcterms:creator>Alice</dcterms:creator>",
            "<dcterms:creator><rdf:Description><dcterms:title>a</dcterms:title>"
                + "</rdf:Description></dcterms:creator>"
        ),
        BenignVariant(
            "creator as a parsed resource", "<dcterms:creator>Alice</dcterms:creator>",
            "<dcterms:creator rdf:parseType=\"Resource\"><dcterms:title>a"
                + "</dcterms:title></dcterms:creator>"
        ),
        BenignVariant(
            "title as a literal of text", "<dcterms:title>",
            "<dcterms:title rdf:parseType=\"Literal\">"),
        BenignVariant(
            "bytes with a data type", "<slreq:bytes>",
            "<slreq:bytes rdf:datatype=\"http://www.w3.org/2001/XMLSchema#integer\">"),
        BenignVariant(
            "title with a data type", "<dcterms:title>",
            "<dcterms:title rdf:datatype=\"http://www.w3.org/2001/XMLSchema#string\">"),
        BenignVariant("title with an rdf:ID", "<dcterms:title>", "<dcterms:title rdf:ID=\"a\">"),
        added("a resource", "<dcterms:relation rdf:resource=\"http://example.org/\"/>"),
        added("a blank node", "<dcterms:relation rdf:nodeID=\"a\"/>"),
        added(
            "a node of its own type",
            "<dcterms:relation><x:A xmlns:x=\"http://example.org/\" rdf:about=\"#x\"/>"
                + "</dcterms:relation>"
        ),
        added(
            "a collection",
            "<dcterms:relation rdf:parseType=\"Collection\"><rdf:Description "
                + "rdf:about=\"http://example.org/\"/></dcterms:relation>"
        ),
        added(
            "a bag",
            "<dcterms:subject><rdf:Bag><rdf:li>a</rdf:li><rdf:li>b</rdf:li></rdf:Bag>"
                + "</dcterms:subject>"
        ),
        added(
            "XML as a literal",
            "<x:a xmlns:x=\"http://example.org/\" rdf:parseType=\"Literal\"><b>a</b></x:a>"),
        added(
            "a parsed resource",
            "<x:a xmlns:x=\"http://example.org/\" rdf:parseType=\"Resource\"><x:b>c</x:b></x:a>"),
        added(
            "an unknown parse type",
            "<x:a xmlns:x=\"http://example.org/\" rdf:parseType=\"Other\">a</x:a>"),
        added("property attributes", "<x:a xmlns:x=\"http://example.org/\" x:b=\"c\"/>"),
        added(
            "a node about something else",
            "<dcterms:relation><rdf:Description rdf:about=\"http://example.org/x\">"
                + "<dcterms:title>a</dcterms:title></rdf:Description></dcterms:relation>"
        ),
        added(
            "a node with an rdf:ID",
            "<dcterms:relation><rdf:Description rdf:ID=\"x\"/></dcterms:relation>"),
        added(
            "a node without a name",
            "<dcterms:relation><rdf:Description><dcterms:title>a</dcterms:title>"
                + "</rdf:Description></dcterms:relation>"
        ),
        added(
            "a node without a name, of another vocabulary",
            "<x:a xmlns:x=\"http://example.org/\"><rdf:Description><x:b>a</x:b>"
                + "</rdf:Description></x:a>"
        ),
        added(
            "two nodes in one property", "<x:a xmlns:x=\"http://example.org/\"><x:B/><x:C/></x:a>"),
        added("text beside a node", "<x:a xmlns:x=\"http://example.org/\">a<x:B/></x:a>"),
        added(
            "a base of a property",
            "<x:a xmlns:x=\"http://example.org/\" xml:base=\"http://example.org/\" "
                + "rdf:resource=\"a\"/>"
        ),
        added(
            "a resource with a property",
            "<x:a xmlns:x=\"http://example.org/\" rdf:resource=\"http://example.org/\" "
                + "x:b=\"c\"/>"),
        added(
            "a resource with a text",
            "<x:a xmlns:x=\"http://example.org/\" rdf:resource=\"http://example.org/\">a</x:a>"),
        added(
            "a number that is none",
            "<x:a xmlns:x=\"http://example.org/\" "
                + "rdf:datatype=\"http://www.w3.org/2001/XMLSchema#integer\">a</x:a>"
        ),
        added(
            "a data type of one's own",
            "<x:a xmlns:x=\"http://example.org/\" rdf:datatype=\"http://example.org/t\">a</x:a>"),
        added(
            "a blank node with a bad name",
            "<x:a xmlns:x=\"http://example.org/\" rdf:nodeID=\"1 2\"/>"),
        added(
            "a resource and a blank node",
            "<x:a xmlns:x=\"http://example.org/\" rdf:resource=\"a\" rdf:nodeID=\"b\"/>"),
        added(
            "a type by attribute",
            "<x:a xmlns:x=\"http://example.org/\" rdf:type=\"http://example.org/T\"/>"),
        added(
            "a comment in another vocabulary",
            "<x:a xmlns:x=\"http://example.org/\">a<!-- b -->c</x:a>"),
        added("a comment before a text", "<x:a xmlns:x=\"http://example.org/\"><!-- b -->c</x:a>"),
        added(
            "a type by instance in another vocabulary",
            "<x:a xmlns:x=\"http://example.org/\" "
                + "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:nil=\"true\"/>"
        ),
        added(
            "a node about something else, of another vocabulary",
            "<x:a xmlns:x=\"http://example.org/\"><rdf:Description "
                + "rdf:about=\"http://example.org/n\"><x:b>c</x:b></rdf:Description></x:a>"
        ),
        added(
            "a node about this image, of another vocabulary",
            "<x:a xmlns:x=\"http://example.org/\"><x:B "
                + "rdf:about=\"#\(Workshop.identifier)\"><x:b>c</x:b></x:B></x:a>"
        ),
        added(
            "a node with an rdf:ID, of another vocabulary",
            "<x:a xmlns:x=\"http://example.org/\"><x:B rdf:ID=\"n\"/></x:a>"),
        added(
            "a property with an rdf:ID", "<x:a xmlns:x=\"http://example.org/\" rdf:ID=\"p\">b</x:a>"
        ),
        added(
            "old RDF's resource",
            "<x:a xmlns:x=\"http://example.org/\" resource=\"http://example.org/\"/>"),
        added(
            "old RDF's about",
            "<x:a xmlns:x=\"http://example.org/\"><x:B about=\"http://example.org/\"/></x:a>"),
        added(
            "an xml:id in another vocabulary",
            "<x:a xmlns:x=\"http://example.org/\" xml:id=\"i\">b</x:a>"),
        added(
            "an xml:space in another vocabulary",
            "<x:a xmlns:x=\"http://example.org/\" xml:space=\"preserve\">b</x:a>"),
        added(
            "a bag in another vocabulary",
            "<x:a xmlns:x=\"http://example.org/\"><rdf:Bag><rdf:li>b</rdf:li></rdf:Bag></x:a>"),
        added(
            "a chain of nodes",
            "<x:a xmlns:x=\"http://example.org/\"><x:B><x:c><x:D><x:e>f</x:e></x:D>"
                + "</x:c></x:B></x:a>"
        ),
        added(
            "a stray required word in another vocabulary",
            "<x:a xmlns:x=\"http://example.org/\" rdf:parseType=\"Resource\">"
                + "<slreq:bytes>1</slreq:bytes></x:a>"
        ),
        added("rdf:value", "<rdf:value>a</rdf:value>"),
        added("rdf:li alone", "<rdf:li>a</rdf:li>"),
        added("rdf:_1", "<rdf:_1>a</rdf:_1>"),
        added("rdf:Statement as a property", "<rdf:Statement>a</rdf:Statement>"),
        added("rdf:unknown", "<rdf:unknown>a</rdf:unknown>"),
    ]

    /// Attributes that say nothing about the image.
    static let attributes: [BenignVariant] = [
        BenignVariant("a language of the whole", "<rdf:RDF ", "<rdf:RDF xml:lang=\"en\" "),
        BenignVariant(
            "a language of the description", "<rdf:Description ",
            "<rdf:Description xml:lang=\"en\" "),
        BenignVariant(
            "white space preserved", "<rdf:Description ", "<rdf:Description xml:space=\"preserve\" "
        ),
        BenignVariant("an xml:id", "<rdf:Description ", "<rdf:Description xml:id=\"a\" "),
        BenignVariant(
            "a base of the description", "<rdf:Description ",
            "<rdf:Description xml:base=\"http://example.org/\" "),
        BenignVariant("an attribute of no namespace", "<dcterms:title>", "<dcterms:title a=\"b\">"),
        BenignVariant(
            "an attribute of another namespace", "<dcterms:title>",
            "<dcterms:title xmlns:x=\"http://example.org/\" x:a=\"b\">"),
        BenignVariant(
            "an attribute of the endorsement", "<slreq:endorsement ",
            "<slreq:endorsement rdf:ID=\"a\" "),
        BenignVariant(
            "an attribute of the e-mail", "<slreq:email>", "<slreq:email xml:lang=\"en\">"),
        BenignVariant(
            "a language of the endorser", "<slreq:endorser ", "<slreq:endorser xml:lang=\"en\" "),
        BenignVariant(
            "a namespace that is not used", "<rdf:Description ",
            "<rdf:Description xmlns:x=\"http://example.org/\" "),
    ]
}

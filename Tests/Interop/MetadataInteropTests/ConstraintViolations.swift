// SPDX-License-Identifier: Apache-2.0

/// Documents that break one rule of the content each, signed by the endorser they name.
enum ConstraintViolations {
    private static let identifier = "<dcterms:identifier>"
    private static let whole = identifier + Workshop.identifier + "</dcterms:identifier>"
    private static let about = "rdf:about=\"#"
    private static let bytes = "<slreq:bytes>12345</slreq:bytes>"
    private static let type = "<dcterms:type>base</dcterms:type>"
    private static let valid = "<dcterms:valid>2016-12-13T00:00:00Z</dcterms:valid>"
    private static let created =
        "<dcterms:created>2016-06-18T00:00:00Z</dcterms:created>\n"
        + "        <dcterms:valid>"
    private static let email = "<slreq:email>endorser@example.org</slreq:email>"
    private static let sha1 = "<slreq:algorithm>SHA-1</slreq:algorithm>"
    private static let md5 = "<slreq:algorithm>MD5</slreq:algorithm>"
    private static let value = "<slreq:value>\(Workshop.sha1)</slreq:value>"
    private static let md5Value = "<slreq:value>" + String(repeating: "a5", count: 16)
    private static let base = "xml:base=\"http://mp.stratuslab.eu/\""
    private static let checksum = "<slreq:checksum rdf:parseType=\"Resource\">"

    private typealias Row = (name: String, element: String, from: String, to: String)

    static var all: [HostileDocument] {
        (root + identity + size + checksums + types + single + values).map {
            .content($0.name, .constraint($0.element), $0.from, $0.to)
        } + dates + contradictions
    }

    private static let root: [Row] = [
        ("xml:base absent", "rdf:RDF", " \(base)", ""),
        ("xml:base empty", "rdf:RDF", base, "xml:base=\"\""),
        ("xml:base without slash", "rdf:RDF", base, "xml:base=\"http://mp.stratuslab.eu\""),
        ("xml:base of another host", "rdf:RDF", base, "xml:base=\"http://mp.example.org/\""),
        ("xml:base with https", "rdf:RDF", base, "xml:base=\"https://mp.stratuslab.eu/\""),
        ("xml:base in capitals", "rdf:RDF", base, "xml:base=\"HTTP://mp.stratuslab.eu/\""),
        ("xml:base with spaces", "rdf:RDF", base, "xml:base=\" http://mp.stratuslab.eu/ \""),
        ("base without a prefix", "rdf:RDF", base, "base=\"http://mp.stratuslab.eu/\""),
        ("an element beside the description", "dcterms:x", "</rdf:RDF>", "<dcterms:x/></rdf:RDF>"),
        (
            "an element before the description", "dcterms:x", "<rdf:Description",
            "<dcterms:x/>\n    <rdf:Description"
        ),
    ]

    private static let identity: [Row] = [
        ("identifier with a letter too many", "dcterms:identifier", identifier, identifier + "A"),
        (
            "two identifiers", "dcterms:identifier", identifier,
            "\(identifier)x</dcterms:identifier>\(identifier)"
        ),
        ("identifier with a space", "dcterms:identifier", identifier, identifier + " "),
        (
            "identifier with a line end", "dcterms:identifier", "</dcterms:identifier>",
            "\n</dcterms:identifier>"
        ),
        (
            "identifier with an element inside", "dcterms:identifier", identifier,
            identifier + "<dcterms:x/>"
        ),
        (
            "identifier with a letter of another alphabet", "dcterms:identifier", identifier + "A",
            identifier + "é"
        ),
        ("identifier absent", "dcterms:identifier", whole, ""),
        ("identifier empty", "dcterms:identifier", whole, "<dcterms:identifier/>"),
        (
            "identifier in another namespace", "dcterms:identifier", whole,
            whole.replacing("dcterms:", with: "slreq:")
        ),
        (
            "identifier with a full-width letter", "dcterms:identifier", identifier + "A",
            identifier + "\u{FF21}"
        ),
        (
            "identifier of more than 160 bits", "dcterms:identifier", identifier + "A",
            identifier + "Q"
        ),
        (
            "identifier with base64's own digits", "dcterms:identifier", identifier + "A",
            identifier + "/"
        ),
    ]

    private static let size: [Row] = [
        ("bytes absent", "slreq:bytes", bytes, ""),
        ("bytes empty", "slreq:bytes", ">12345<", "><"),
        ("bytes negative", "slreq:bytes", ">12345<", ">-12345<"),
        ("bytes of minus zero", "slreq:bytes", ">12345<", ">-0x0<"),
        ("bytes fractional", "slreq:bytes", ">12345<", ">12345.5<"),
        ("bytes with an exponent", "slreq:bytes", ">12345<", ">1e9<"),
        ("bytes hexadecimal", "slreq:bytes", ">12345<", ">0x3039<"),
        ("bytes in words", "slreq:bytes", ">12345<", ">many<"),
        ("bytes in Arabic digits", "slreq:bytes", ">12345<", ">\u{661}\u{662}<"),
        ("bytes with separators", "slreq:bytes", ">12345<", ">12,345<"),
        ("bytes twice", "slreq:bytes", bytes, bytes + bytes),
        ("bytes with an element inside", "slreq:bytes", ">12345<", "><dcterms:x/>12345<"),
        ("bytes of a whole zettabyte", "slreq:bytes", ">12345<", ">1000000000000000000000<"),
    ]

    private static let checksums: [Row] = [
        ("no SHA-1 checksum", "slreq:checksum", sha1, md5),
        (
            "no checksum by that name", "slreq:algorithm", sha1,
            "<slreq:algorithm>sha1</slreq:algorithm>"
        ),
        ("an algorithm with a space", "slreq:algorithm", ">SHA-1<", "> SHA-1<"),
        ("an unknown algorithm", "slreq:algorithm", ">SHA-512<", ">SHA-3<"),
        ("an algorithm of no name", "slreq:algorithm", ">SHA-512<", "><"),
        ("two SHA-1 checksums", "slreq:checksum", ">MD5<", ">SHA-1<"),
        ("two SHA-256 checksums", "slreq:checksum", ">SHA-512<", ">SHA-256<"),
        ("a checksum without algorithm", "slreq:algorithm", md5, ""),
        ("a checksum without value", "slreq:value", value, ""),
        ("a checksum with two values", "slreq:value", value, value + value),
        ("a checksum with two algorithms", "slreq:algorithm", sha1, sha1 + md5),
        (
            "a checksum's value before its algorithm", "slreq:value",
            sha1 + "\n            " + value, value + sha1
        ),
        ("a value that is not hexadecimal", "slreq:value", md5Value, "<slreq:value>g5"),
        ("a value with spaces", "slreq:value", md5Value, "<slreq:value>a5 a5"),
        ("a value with 0x", "slreq:value", md5Value, "<slreq:value>0xa5"),
        ("a negative value", "slreq:value", "<slreq:value>00f1", "<slreq:value>-f1"),
        ("a value with a plus sign", "slreq:value", "<slreq:value>00f1", "<slreq:value>+f1"),
        ("an empty value", "slreq:value", value, "<slreq:value/>"),
        (
            "a value too long for its algorithm", "slreq:value", md5Value,
            "<slreq:value>a5" + String(repeating: "a5", count: 16)
        ),
        (
            "a SHA-512 value under the name MD5", "slreq:value", md5Value,
            "<slreq:value>" + String(repeating: "c7", count: 64)
        ),
        ("an element inside a value", "slreq:value", md5Value, "<slreq:value><dcterms:x/>a5"),
        (
            "a value of ten thousand zeros", "slreq:value", md5Value,
            "<slreq:value>" + String(repeating: "0", count: 10_000)
        ),
        (
            "a checksum without content", "slreq:algorithm", checksum,
            "<slreq:checksum rdf:parseType=\"Resource\"/>" + checksum
        ),
    ]

    private static let types: [Row] = [
        ("no type", "dcterms:type", type, ""),
        ("two types", "dcterms:type", type, type + type),
        ("a type with a child", "dcterms:type", type, "<dcterms:type><dcterms:x/></dcterms:type>"),
        (
            "a type with text and a child", "dcterms:type", type,
            "<dcterms:type>base<dcterms:x/></dcterms:type>"
        ),
    ]

    private static let single: [Row] =
        [
            ("os", "cirros"), ("os-arch", "x86_64"), ("os-version", "0.3.4"), ("version", "1.7"),
            ("serial-number", "42"),
        ].flatMap { name, text -> [Row] in
            let element = "<slterms:\(name)>\(text)</slterms:\(name)>"
            return [
                ("two of \(name)", "slterms:\(name)", element, element + element),
                (
                    "two of \(name), one empty", "slterms:\(name)", element,
                    element + "<slterms:\(name)/>"
                ),
                (
                    "a child in \(name)", "slterms:\(name)", element,
                    "<slterms:\(name)><dcterms:x/>\(text)</slterms:\(name)>"
                ),
            ]
        } + [
            (
                "two of deprecated", "slterms:deprecated", type,
                "\(type)<slterms:deprecated>a</slterms:deprecated><slterms:deprecated/>"
            )
        ]

    private static let values: [Row] = [
        ("a serial number that is no number", "slterms:serial-number", ">42<", ">forty<"),
        ("a negative serial number", "slterms:serial-number", ">42<", ">-1<"),
        (
            "an e-mail address without @", "slreq:email", email,
            "<slreq:email>endorser</slreq:email>"
        ),
        (
            "an e-mail address with a name", "slreq:email", email,
            "<slreq:email>A &lt;a@example.org&gt;</slreq:email>"
        ),
        ("an element inside the title", "dcterms:title", "CirrOS image", "<b>CirrOS</b>"),
        (
            "an element inside a location", "slterms:location", "http://example.org/",
            "<dcterms:x/>http://example.org/"
        ),
        ("an element inside the format", "dcterms:format", ">qcow2<", "><dcterms:x/>qcow2<"),
        ("an element inside the compression", "dcterms:compression", ">gz<", "><dcterms:x/>gz<"),
    ]

    private static var dates: [HostileDocument] {
        let texts = [
            ("a day alone", "2016-12-13"), ("no time zone", "2016-12-13T00:00:00"),
            ("an offset", "2016-12-13T00:00:00+01:00"), ("a fraction", "2016-12-13T00:00:00.5Z"),
            ("month 13", "2016-13-13T00:00:00Z"), ("30 February", "2016-02-30T00:00:00Z"),
            ("hour 25", "2016-12-13T25:00:00Z"), ("a small z", "2016-12-13T00:00:00z"),
            ("a space for T", "2016-12-13 00:00:00Z"), ("spaces", " 2016-12-13T00:00:00Z "),
            ("words", "tomorrow"), ("a year of five digits", "12016-12-13T00:00:00Z"),
            ("second 60", "2016-12-13T00:00:60Z"),
        ]
        return texts.map { name, text in
            .content(
                "valid: \(name)", .constraint("dcterms:valid"), valid,
                "<dcterms:valid>\(text)</dcterms:valid>")
        }
            + texts.prefix(4).map { name, text in
                .content(
                    "created: \(name)", .constraint("dcterms:created"), created,
                    "<dcterms:created>\(text)</dcterms:created><dcterms:valid>")
            }
            + texts.prefix(4).map { name, text in
                .content(
                    "endorsement's created: \(name)",
                    .constraint("dcterms:created"), "2016-06-18T00:00:00Z",
                    text)
            } + [
                .content("two of valid", .constraint("dcterms:valid"), valid, valid + valid),
                .content(
                    "two of created", .constraint("dcterms:created"), created,
                    "<dcterms:created/>" + created),
            ]
    }

    /// Two parts that do not fit together.
    private static let contradictions: [HostileDocument] = [
        HostileDocument(
            "identifier and SHA-1 of 161 bits that agree", .constraint("dcterms:identifier")
        ) {
            let longer = "Q" + Workshop.identifier.dropFirst()
            return try $0.sign(
                $0.draft.replacing(Workshop.identifier, with: longer)
                    .replacing(Workshop.sha1, with: "1" + Workshop.sha1))
        },
        .content("about without #", .constraint("rdf:Description"), about, "rdf:about=\""),
        .content("about with two #", .constraint("rdf:Description"), about, "rdf:about=\"##"),
        .content(
            "about of another image", .consistency("rdf:Description"), about + "A", "rdf:about=\"#B"
        ),
        .content("about with a space", .constraint("rdf:Description"), about, "rdf:about=\" #"),
        .content(
            "about in full", .constraint("rdf:Description"), about,
            "rdf:about=\"http://mp.stratuslab.eu/#"),
        .content(
            "no about", .constraint("rdf:Description"), " rdf:about=\"#\(Workshop.identifier)\"",
            ""),
        .content("about without a prefix", .constraint("rdf:Description"), "rdf:about", "about"),
        .content(
            "a SHA-1 that is not the identifier's", .consistency("dcterms:identifier"),
            "<slreq:value>00f1", "<slreq:value>00f2"),
        .content(
            "a SHA-1 with a digit lost", .consistency("dcterms:identifier"), "beec</slreq:value>",
            "bee</slreq:value>"),
        .content(
            "a SHA-1 with a digit more", .consistency("dcterms:identifier"), "<slreq:value>00f1",
            "<slreq:value>0f10"),
    ]
}

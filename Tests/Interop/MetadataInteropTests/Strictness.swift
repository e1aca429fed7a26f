// SPDX-License-Identifier: Apache-2.0

/// Why we refuse documents that the reference accepts. The raw value is the first column of the
/// table in `StricterThanTheReference.md`, which gives the reason.
enum Strictness: String, CaseIterable, Sendable {
    case base64 = "Base64 with foreign characters"
    case keyInfo = "KeyInfo that is not one X.509 certificate"
    case object = "Content of the signature beside its three parts"
    case attribute = "Attributes in the signature"
    case comment = "Comments in the signature"
    case key = "Keys that are not RSA, or have fewer than 1024 bits"
    case place = "A signature that is no child of the root"
    case transform = "Transforms other than enveloped-signature and Canonical XML 1.0"
    case canonicalization = "Other canonicalization methods"
    case digest = "Other digest methods"
    case reference = "References to anything but the document, or several"
    case documentType = "Document type declarations"
    case instruction = "Processing instructions"
    case instance = "Attributes that change what is around them"
    case encoding = "Other encodings than UTF-8, other versions than XML 1.0"
    case size = "Documents above the limits"
    case namespace = "Namespaces that are no absolute URI"
    case address = "Addresses whose host or port is none"
    case value = "Comments and elements inside values"
    case bytes = "Sizes above 2^63 - 1 bytes"
    case checksum = "Checksums of unknown or repeated algorithms, or of a wrong length"
    case date = "Dates that are none, or that stand twice"
    case order = "Characters that turn the order of writing"
    case node = "Several nodes in a property, or text beside one"
    case named = "Nodes and properties with a name of their own"
    case old = "RDF's attributes without a prefix"
    case required = "Elements of StratusLab's required vocabulary in other places"

    /// The documents of the corpus that the reference accepts, all of them.
    static let corpus: [Strictness: [String]] = [
        .base64: [
            "a signature value with a bad character", "a signature value cut off",
            "an element in the signature value", "a location in the signature value",
            "a certificate that is no Base64",
        ],
        .keyInfo: [
            "a key name before the certificate", "a retrieval method",
            "a retrieval method for a file", "a subject name beside the certificate",
            "two lots of X.509 data", "the certificate twice",
            "a second document in the key information", "a second document in the X.509 data",
            "the stranger's key as a value, the endorser's certificate",
            "the endorser's certificate, then the stranger's",
        ],
        .object: [
            "text in the signature", "an object beside the good parts",
            "properties beside the good parts", "a second document in an object",
            "a description in an object", "a location in an object",
            "a signature within the signature",
        ],
        .comment: ["a comment in the SignedInfo"],
        .key: ["a DSA key", "an RSA key of 512 bits", "an RSA key of 1023 bits"],
        .place: ["the signature inside the description"],
        .transform: [
            "an XPath that leaves out the locations",
            "an XPath instead of the enveloped transform", "an XPath that signs nothing",
            "an XPath filter 2.0", "exclusive canonical form", "Canonical XML 1.1",
            "the enveloped transform twice",
        ],
        .canonicalization: [
            "exclusive canonicalization of the SignedInfo", "Canonical XML 1.1 of the SignedInfo",
            "exclusive canonicalization with prefixes",
        ],
        .digest: ["a SHA-224 digest", "a SHA-512 digest"],
        .reference: [
            "a pointer to the whole", "two references to the whole", "thirty references",
            "a reference to an object of the signature", "a manifest",
        ],
        .documentType: [
            "an empty document type", "a document type with an empty subset",
            "a document type of another name", "a document type with a comment",
            "an unused entity", "an unused parameter entity", "an element declaration",
            "an Id by declaration", "a notation", "a billion laughs, never used",
            "an entity in the title", "an entity of an entity", "an unparsed entity",
            "an external subset in a file",
        ],
        .instruction: [
            "an instruction: a style sheet", "an instruction: a model", "an instruction: PHP",
            "an instruction in the description", "an instruction in the title",
            "an instruction in the signature",
        ],
        .instance: ["a schema's place"],
        .encoding: [
            "UTF-16, little end first", "UTF-16, big end first", "UTF-16 without a mark",
            "UTF-16 by name of its order", "ISO 8859-1", "Windows 1252", "XML 1.1",
        ],
        .size: ["ten thousand comments", "a comment too long", "white space without end"],
        .value: ["an element inside the compression"],
        .bytes: ["bytes of a whole zettabyte"],
        .checksum: [
            "an unknown algorithm", "an algorithm of no name", "two SHA-256 checksums",
            "a value too long for its algorithm", "a SHA-512 value under the name MD5",
            "a value of ten thousand zeros", "identifier and SHA-1 of 161 bits that agree",
        ],
        .date: [
            "created: a day alone", "created: no time zone", "created: an offset",
            "created: a fraction", "two of valid", "two of created",
        ],
    ]

    /// The same of the variants that nobody means harm with.
    static let variants: [Strictness: [String]] = [
        .attribute: [
            "a reference of the type Object", "an Id of the reference", "an Id of the signature",
        ],
        .comment: [
            "a comment within the key information", "a comment within the certificate",
        ],
        .value: [
            "title with a comment", "subject with a comment", "e-mail with a comment",
            "bytes with a comment", "value with a comment", "valid with a comment",
            "a comment in another vocabulary",
        ],
        .checksum: [
            "a checksum of SHA-384", "a checksum at the end",
            "a checksum of CRC-32",
        ],
        .date: ["valid twice", "valid before 1970", "endorsed without a date"],
        .namespace: [
            "a namespace with letters beyond ASCII", "a namespace with spaces",
            "a namespace of a mail address",
        ],
        .address: [
            "location http://a:b:c/", "location http://host:port/", "location http://host:/",
            "location http://user@@host/", "location //:",
        ],
        .instance: [
            "a type by instance in another vocabulary", "a base of a property",
            "an xml:id in another vocabulary", "an xml:space in another vocabulary",
        ],
        .named: [
            "a node about something else, of another vocabulary",
            "a node about this image, of another vocabulary",
            "a node with an rdf:ID, of another vocabulary", "a property with an rdf:ID",
        ],
        .old: ["old RDF's resource", "old RDF's about"],
        .order: ["title with an override of the order of writing", "location with an isolate"],
        .node: ["two nodes in one property", "text beside a node"],
        .required: [
            "a stray required word", "an unknown required word", "an identifier at the end",
            "a stray required word in another vocabulary",
        ],
    ]
}

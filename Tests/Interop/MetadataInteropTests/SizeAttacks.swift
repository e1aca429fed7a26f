// SPDX-License-Identifier: Apache-2.0
import StratusLab
import XMLDocuments

/// Documents that would cost too much, or that come to an end too early.
enum SizeAttacks {
    private static let type = "<dcterms:type>"
    private static let title = "CirrOS image"
    private static let limits = XMLLimits.document

    static var all: [HostileDocument] { deep + many + long + broken }

    private static let deep: [HostileDocument] = [
        nested("a level too deep", limits.depthMax),
        nested("ten thousand levels", 10_000),
        .text(
            "ten thousand levels that never end", .malformed("xml-depth"), title,
            String(repeating: "<x>", count: 10_000)),
        .meddled(
            "levels inside the signature", .malformed("xml-depth"), "<X509Certificate>",
            String(repeating: "<x>", count: 100)),
    ]

    private static let many: [HostileDocument] = [
        .text(
            "ten thousand elements", .malformed("xml-nodes"), type,
            String(repeating: "<a/>", count: limits.nodesMax) + type),
        .text(
            "ten thousand comments", .malformed("xml-nodes"), type,
            String(repeating: "<!---->", count: limits.nodesMax) + type),
        .text(
            "ten thousand attributes on a thousand elements", .malformed("xml-nodes"), type,
            String(repeating: "<a b='' c='' d='' e='' f='' g='' h='' i='' j='' k=''/>", count: 1000)
                + type),
        .text(
            "ten thousand pieces of text", .malformed("xml-nodes"), title,
            String(repeating: "a<!---->", count: limits.nodesMax / 2)),
        .text(
            "too many attributes", .malformed("xml-attributes"), type,
            "<a \(attributes(limits.attributesMax + 1))/>" + type),
        .text(
            "too many namespaces", .malformed("xml-attributes"), type,
            "<a \(namespaces(limits.attributesMax + 1))/>" + type),
        .text(
            "attributes and namespaces, too many together", .malformed("xml-attributes"), type,
            "<a \(attributes(40)) \(namespaces(40))/>" + type),
        .text(
            "an attribute twice", .malformed("xml-well-formed"), "rdf:about=\"#",
            "rdf:about=\"\" rdf:about=\"#"),
        .text(
            "an attribute twice under two prefixes", .malformed("xml-well-formed"),
            "<rdf:Description ",
            "<rdf:Description xmlns:r=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\" "
                + "r:about=\"#\" "
        ),
    ]

    private static let long: [HostileDocument] = [
        .text(
            "a title too long", .malformed("xml-size"), title,
            String(repeating: "x", count: MetadataDocument.bytesMax)),
        .text(
            "an attribute too long", .malformed("xml-size"), "rdf:about=\"#",
            "rdf:about=\"" + String(repeating: "x", count: MetadataDocument.bytesMax)),
        .text(
            "a comment too long", .malformed("xml-size"), type,
            "<!--" + String(repeating: "x", count: MetadataDocument.bytesMax) + "-->" + type),
        .text(
            "a name too long", .malformed("xml-well-formed"), type,
            "<" + String(repeating: "x", count: 60_000) + "/>" + type),
        HostileDocument("white space without end", .malformed("xml-size")) {
            Array($0.genuine.utf8) + Array(repeating: 32, count: MetadataDocument.bytesMax)
        },
    ]

    private static let broken: [HostileDocument] = [
        bytes("nothing") { _ in [] },
        bytes("a space") { _ in [32] },
        bytes("no markup") { _ in Array("metadata".utf8) },
        bytes("half of it") { Array($0.prefix($0.count / 2)) },
        bytes("all but the last byte") { Array($0.trimmed.dropLast()) },
        bytes("a byte before the declaration") { [32] + $0 },
        bytes("text behind the root") { $0 + Array("x".utf8) },
        bytes("another root behind the root") { $0 + Array("<x/>".utf8) },
        bytes("a NUL behind the root", "xml-encoding") { $0.trimmed + [0, 0] },
        bytes("the document twice") { $0 + $0 },
        .text("a stray end", .malformed("xml-well-formed"), type, "</x>" + type),
        .text(
            "a left angle in an attribute", .malformed("xml-well-formed"), "rdf:about=\"#",
            "rdf:about=\"<#"),
        .text("the end of a CDATA section", .malformed("xml-well-formed"), title, "]]>"),
        .text(
            "two hyphens in a comment", .malformed("xml-well-formed"), type, "<!-- -- -->" + type),
        .text(
            "a prefix that is not declared", .malformed("xml-well-formed"), type, "<x:y/>" + type),
        .text(
            "a prefix taken back", .malformed("xml-well-formed"), "<rdf:Description ",
            "<rdf:Description xmlns:dcterms=\"\" "),
        .text(
            "the prefix xml bound to another name", .malformed("xml-well-formed"),
            "<rdf:Description ", "<rdf:Description xmlns:xml=\"http://example.org/\" "),
        .text(
            "a relative namespace", .malformed("xml-namespace"), "<rdf:Description ",
            "<rdf:Description xmlns:x=\"x\" "),
        .text(
            "a namespace that goes up", .malformed("xml-namespace"), type,
            "<x xmlns=\"../x\"/>" + type),
    ]

    private static func nested(_ name: String, _ levels: Int) -> HostileDocument {
        .text(
            name, .malformed("xml-depth"), type,
            String(repeating: "<x>", count: levels) + String(repeating: "</x>", count: levels)
                + type)
    }

    private static func attributes(_ count: Int) -> String {
        (0..<count).map { "a\($0)=\"\"" }.joined(separator: " ")
    }

    private static func namespaces(_ count: Int) -> String {
        (0..<count).map { "xmlns:n\($0)=\"http://example.org/\($0)\"" }.joined(separator: " ")
    }

    private static func bytes(
        _ name: String, _ rule: String = "xml-well-formed",
        _ change: @escaping @Sendable ([UInt8]) -> [UInt8]
    ) -> HostileDocument {
        HostileDocument(name, .malformed(rule)) { change(Array($0.genuine.utf8)) }
    }
}

extension [UInt8] {
    /// Without line ends behind.
    fileprivate var trimmed: [UInt8] {
        Array(prefix((lastIndex { $0 != 10 } ?? -1) + 1))
    }
}

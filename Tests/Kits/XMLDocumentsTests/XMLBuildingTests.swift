// SPDX-License-Identifier: Apache-2.0
import Testing
import XMLDocuments

@Suite struct XMLBuildingTests {
    private static let a = XMLNamespace(prefix: "a", uri: "urn:a")
    private static let other = XMLNamespace(prefix: "o", uri: "urn:o")
    private static let plain = XMLNamespace(prefix: "", uri: "urn:plain")

    private func document() throws -> XMLDocument {
        try XMLDocument(root: "r", in: Self.a, declaring: [Self.a])
    }

    private func text(_ document: XMLDocument) throws -> String {
        String(decoding: try document.serialised(), as: UTF8.self)
    }

    @Test func writesTheSameBytesForTheSameTree() throws {
        func build() throws -> String {
            let document = try document()
            let root = try document.root
            try root.setAttribute("base", in: .xml, to: "http://x/")
            let child = try root.append("c", in: Self.a, text: "1")
            try child.setAttribute("k", to: "<\"&'>")
            try root.append("S", in: Self.plain).append("T", in: Self.plain)
            try root.indent(level: 0)
            return try text(document)
        }
        let expected = """
            <?xml version="1.0" encoding="UTF-8"?>
            <a:r xmlns:a="urn:a" xml:base="http://x/">
                <a:c k="&lt;&quot;&amp;'&gt;">1</a:c>
                <S xmlns="urn:plain">
                    <T/>
                </S>
            </a:r>

            """
        #expect(try build() == expected)
        #expect(try build() == expected)
    }

    @Test(arguments: [
        "<script>alert('x') && \"y\"</script>", "]]> <!-- --> <?pi?> &amp; &#0;",
        "Grüße, 日本語, עברית, 👩‍👩‍👧‍👦 e\u{301}", " leading and trailing \t\n ", "a\r\nb\rc",
        "\u{85}\u{2028}\u{FEFF}\u{FFFD}\u{10FFFF}\u{E000}",
    ])
    func anyTextComesBackAsItWas(_ content: String) throws {
        let document = try document()
        try document.root.append("c", in: Self.a, text: content)
            .setAttribute("k", to: content)
        let child = try #require(
            try XMLDocument.parse(try document.serialised()).root.children.first)
        #expect(Array(child.text.unicodeScalars) == Array(content.unicodeScalars))
        #expect(
            child.attribute("k").map { Array($0.unicodeScalars) } == Array(content.unicodeScalars))
        #expect(child.children.isEmpty)
    }

    @Test(arguments: [0x0, 0x1, 0x8, 0xB, 0xC, 0x1F, 0xFFFE, 0xFFFF] as [UInt32])
    func refusesCharactersThatXMLCannotHold(_ code: UInt32) throws {
        let scalar = try #require(Unicode.Scalar(code))
        let document = try document()
        let root = try document.root
        #expect(throws: XMLDocumentsError.invalidCharacter(field: "a:c", scalar: code)) {
            try root.append("c", in: Self.a, text: "x\(Character(scalar))y")
        }
        #expect(throws: XMLDocumentsError.invalidCharacter(field: "attribute k", scalar: code)) {
            try root.setAttribute("k", to: "\(Character(scalar))")
        }
    }

    @Test(arguments: ["", "1a", "a b", "a>", "a:b", "é"])
    func refusesNames(_ name: String) throws {
        let root = try document().root
        #expect(throws: XMLDocumentsError.invalidName(name)) { try root.append(name, in: Self.a) }
        #expect(throws: XMLDocumentsError.invalidName(name)) { try root.setAttribute(name, to: "") }
    }

    @Test func refusesNamespacesThatAreNotDeclared() throws {
        let root = try document().root
        #expect(throws: XMLDocumentsError.invalidName("o")) { try root.append("x", in: Self.other) }
        #expect(throws: XMLDocumentsError.invalidName("o")) {
            try XMLDocument(root: "r", in: Self.other, declaring: [Self.a])
        }
    }

    @Test func removedElementsStayReadable() throws {
        let document = try document()
        let root = try document.root
        let child = try root.append("c", in: Self.a, text: "still here")
        let inner = try child.append("d", in: Self.a, text: "too")
        child.remove()
        #expect(child.text == "still here" && inner.text == "too")
        #expect(!(try text(document)).contains("still here"))
        try root.append("e", in: Self.a, text: "x").removeContent()
        #expect(try text(document).contains("<a:e/>"))
    }
}

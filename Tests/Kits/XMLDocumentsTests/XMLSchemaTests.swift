// SPDX-License-Identifier: Apache-2.0
import Testing
import XMLDocuments

@Suite struct XMLSchemaTests {
    private static let main = """
        <xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:o="urn:o" \
        targetNamespace="urn:r" elementFormDefault="qualified">
        <xs:import namespace="urn:o" schemaLocation="other.xsd"/>
        <xs:element name="r"><xs:complexType><xs:sequence>
        <xs:element name="n" type="xs:integer"/><xs:element ref="o:o" minOccurs="0"/>
        </xs:sequence><xs:attribute name="k" use="required"/></xs:complexType></xs:element>
        </xs:schema>
        """
    private static let other = """
        <xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:o">
        <xs:element name="o" type="xs:string"/></xs:schema>
        """

    private func schema() throws -> XMLSchema {
        try XMLSchema(main: "main.xsd", parts: ["main.xsd": Self.main, "other.xsd": Self.other])
    }

    private func faults(_ text: String) throws -> [XMLSchemaFault] {
        try schema().faults(in: try XMLDocument.parse(Array(text.utf8)))
    }

    @Test func acceptsWhatItDescribes() throws {
        let text = "<r xmlns='urn:r' k='1'><n> 7 </n><p:o xmlns:p='urn:o'>x</p:o></r>"
        #expect(try faults(text) == [])
    }

    @Test(arguments: [
        (XMLSchemaFault.Kind.element, "x", "<r xmlns='urn:r' k='1'>\n<x/></r>"),
        (.element, "r", "\n<r xmlns='urn:r' k='1'/>"),
        (.element, "other", "\n<other/>"),
        (.text, "r", "\n<r xmlns='urn:r' k='1'>text<n>7</n></r>"),
        (.attribute, "n", "<r xmlns='urn:r' k='1'>\n<n m='1'>7</n></r>"),
        (.missingAttribute, "r", "\n<r xmlns='urn:r'><n>7</n></r>"),
        (.value, "n", "<r xmlns='urn:r' k='1'>\n<n>seven</n></r>"),
        (
            .element, "p:o",
            "<r xmlns='urn:r' k='1'><n>7</n><p:o xmlns:p='urn:o'/>\n<p:o xmlns:p='urn:o'/></r>"
        ),
        (.element, "n", "<r xmlns='urn:r' k='1'>\n<n><m/></n></r>"),
    ])
    func namesKindElementAndLine(
        _ kind: XMLSchemaFault.Kind, _ element: String, _ text: String
    ) throws {
        let faults = try faults(text)
        #expect(faults.map(\.kind) == [kind], "\(faults)")
        #expect(faults.map(\.element) == [element])
        #expect(faults.map(\.line) == [2])
        #expect(faults.first?.reason.isEmpty == false)
    }

    @Test func boundsItsFaults() throws {
        let text = "<r xmlns='urn:r' k='1'><n>7</n>" + String(repeating: "<x y='1'/>", count: 500)
        #expect(try faults(text + "</r>").count <= XMLSchema.faultsMax)
    }

    /// A document names no schema of its own: nothing is loaded for it, and ours holds.
    @Test func ignoresSchemasThatTheDocumentNames() throws {
        let text = """
            <r xmlns='urn:r' xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' k='1' \
            xsi:schemaLocation='urn:r file:///etc/passwd'><n>seven</n></r>
            """
        #expect(try faults(text).map(\.kind) == [.value])
    }

    @Test func refusesWhatIsNoSchemaOrNotWhole() {
        #expect(throws: XMLDocumentsError.invalidSchema("a")) {
            try XMLSchema(main: "a", parts: ["a": "<x/>"])
        }
        #expect(throws: XMLDocumentsError.invalidSchema("b")) {
            try XMLSchema(main: "b", parts: [:])
        }
        // The part it imports is missing; nothing looks for it on disk.
        let parts = ["main.xsd": Self.main]
        #expect(throws: XMLDocumentsError.invalidSchema("main.xsd")) {
            try XMLSchema(main: "main.xsd", parts: parts)
        }
    }

    @Test func servesManyTasks() async throws {
        let schema = try schema()
        let bad = Array("<r xmlns='urn:r' k='1'><n>seven</n></r>".utf8)
        try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<200 {
                group.addTask { try schema.faults(in: try XMLDocument.parse(bad)).count }
            }
            for try await count in group { #expect(count == 1) }
        }
    }

    @Test(arguments: [
        ("7", "integer", true), ("x", "integer", false), ("a", "NCName", true),
        ("1a", "NCName", false), ("7", "noSuchType", false), ("true", "boolean", true),
    ])
    func knowsTheTypesOfXMLSchema(_ text: String, _ type: String, _ isValue: Bool) {
        #expect(XMLSchemaType.accepts(text, as: type) == isValue)
    }
}

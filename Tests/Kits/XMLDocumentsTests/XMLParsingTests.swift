// SPDX-License-Identifier: Apache-2.0
import Testing
import XMLDocuments

@Suite struct XMLParsingTests {
    private static let tight = XMLLimits(
        bytesMax: 4096, depthMax: 4, nodesMax: 50, attributesMax: 3)

    private func refusal(_ text: String, limits: XMLLimits = tight) -> XMLDocumentsError? {
        do {
            _ = try XMLDocument.parse(Array(text.utf8), limits: limits)
            return nil
        } catch {
            return error
        }
    }

    @Test func readsNamesTextAndAttributes() throws {
        let text = """
            <a:r xmlns:a="urn:a" xmlns="urn:b" xml:base="http://x/" a:k="1" k="2"><c>Gr&#252;&lt;\
            <!-- not here --><![CDATA[<&>]]></c><a:c/></a:r>
            """
        let root = try XMLDocument.parse(Array(text.utf8)).root
        let a = XMLNamespace(prefix: "x", uri: "urn:a")
        #expect(root.isNamed("r", in: a) && root.qualifiedName == "a:r")
        #expect(root.attribute("base", in: .xml) == "http://x/")
        #expect(root.attribute("k", in: a) == "1" && root.attribute("k") == "2")
        #expect(root.attribute("absent") == nil)
        #expect(root.children.map(\.namespace) == ["urn:b", "urn:a"])
        #expect(root.children.first?.text == "Grü<<&>")
        #expect(root.children("c", in: a).count == 1)
        #expect(root.subtree.count == 3)
    }

    @Test(arguments: [
        "<!DOCTYPE r><r/>",
        "<!DOCTYPE r SYSTEM \"file:///etc/passwd\"><r/>",
        "<!DOCTYPE r [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><r>&x;</r>",
        "<!DOCTYPE r [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;&a;\">]><r>&b;</r>",
        "<!DOCTYPE r [<!ENTITY % p SYSTEM \"http://127.0.0.1:1/x\"> %p;]><r/>",
    ])
    func refusesDocumentTypes(_ text: String) {
        #expect(refusal(text) == .documentType)
    }

    @Test func refusesUndeclaredEntities() {
        guard case .notWellFormed(1, _) = refusal("<r>&x;</r>") else {
            Issue.record("an entity without a declaration was accepted")
            return
        }
    }

    @Test(arguments: [
        "", "   ", "<r>", "<r/><r/>", "x", "<a:r/>", "<r>\u{1}</r>", "<r a='1' a='2'/>",
    ])
    func refusesWhatIsNotWellFormed(_ text: String) {
        guard case .notWellFormed = refusal(text) else {
            Issue.record("'\(text)': \(String(describing: refusal(text)))")
            return
        }
    }

    @Test func refusesBytesThatAreNotUTF8() {
        #expect(throws: XMLDocumentsError.self) {
            try XMLDocument.parse(Array("<r>".utf8) + [0xFF, 0xC0] + Array("</r>".utf8))
        }
    }

    @Test func boundsBytes() {
        let text = "<r>" + String(repeating: "x", count: 5000) + "</r>"
        #expect(refusal(text) == .tooLarge(bytes: 5007, limit: 4096))
    }

    @Test func boundsDepth() {
        #expect(refusal("<a><a><a><a/></a></a></a>") == nil)
        #expect(refusal("<a><a><a><a><a/></a></a></a></a>") == .tooDeep(limit: 4))
        let bomb = String(repeating: "<a>", count: 1_000)
        #expect(refusal(bomb) == .tooDeep(limit: 4))
    }

    @Test func boundsNodesOfEveryKind() {
        #expect(refusal("<a>" + String(repeating: "<b/>", count: 49) + "</a>") == nil)
        for piece in ["<b/>", "<!--x-->", "<?x y?>", "t<b/>"] {
            let text = "<a>" + String(repeating: piece, count: 60) + "</a>"
            #expect(refusal(text) == .tooManyNodes(limit: 50), "\(piece)")
        }
    }

    @Test func boundsAttributesAndNamespaceDeclarations() {
        #expect(refusal("<a b='1' c='2' d='3'/>") == nil)
        #expect(refusal("<a b='1' c='2' d='3' e='4'/>") == .tooManyAttributes(limit: 3))
        #expect(
            refusal("<a xmlns:b='u' xmlns:c='u' xmlns:d='u' xmlns:e='u'/>")
                == .tooManyAttributes(limit: 3))
    }

    /// The canonicaliser fails on these, so a signer would find out too late, and blame its key.
    @Test(arguments: ["u", "../u", "#u", "a b:c", "//host/u", "foo:bar"])
    func refusesNamespacesThatHaveNoCanonicalForm(_ name: String) {
        #expect(refusal("<a xmlns='\(name)'/>") == .relativeNamespace)
        #expect(refusal("<a><b xmlns:c='\(name)'/></a>") == .relativeNamespace)
    }

    @Test func acceptsAbsoluteNamespacesAndNone() {
        #expect(refusal("<a xmlns='urn:a' xmlns:b='http://b/#'><b xmlns=''/></a>") == nil)
    }

    @Test func elementsKeepTheirDocumentAlive() throws {
        func child() throws -> XMLElement? {
            try XMLDocument.parse(Array("<a><b>text</b></a>".utf8)).root.children.first
        }
        #expect(try child()?.text == "text")
    }
}

// SPDX-License-Identifier: Apache-2.0
import Testing
import XMLDocuments

@Suite struct XMLContentTests {
    private func root(_ text: String) throws -> XMLElement {
        try XMLDocument.parse(Array(text.utf8)).root
    }

    @Test func listsAttributesWithoutDeclarations() throws {
        let root = try root("<r xmlns:a='urn:a' a:k='1 &amp; 2' k='' xml:lang='en'/>")
        #expect(root.attributes.map(\.qualifiedName) == ["a:k", "k", "xml:lang"])
        #expect(root.attributes.map(\.value) == ["1 & 2", "", "en"])
        #expect(root.attributes.map(\.namespace) == ["urn:a", "", XMLNamespace.xml.uri])
        #expect(root.attributes.map(\.name) == ["k", "k", "lang"])
    }

    @Test func listsContent() throws {
        let kinds = try root("<r>a<b/><!-- c --><![CDATA[d]]><?e f?></r>").content.map { piece in
            switch piece {
            case .element(let element): element.name
            case .text(let text): "'\(text)'"
            case .comment: "comment"
            case .instruction: "instruction"
            }
        }
        #expect(kinds == ["'a'", "b", "comment", "'d'", "instruction"])
    }

    @Test(arguments: [
        ("<r/>", true, true, false), ("<r> \n<b/>\t<!-- c --></r>", true, false, false),
        ("<r>a</r>", false, true, false), ("<r>a<b/></r>", false, false, false),
        ("<r>\u{A0}</r>", false, true, false),
        ("<r><!-- c -->a<!-- d --></r>", false, false, false),
        ("<r>a<!-- -->b</r>", false, false, true), ("<r>a<![CDATA[b]]>c</r>", false, true, false),
        ("<r>a<?x?>b</r>", false, false, true), ("<r> <!-- --> </r>", true, false, true),
        ("<r>a<!-- --><!-- -->b</r>", false, false, true),
    ])
    func tellsWhatElementsHold(
        _ text: String, onlyElements: Bool, onlyText: Bool, divided: Bool
    ) throws {
        let root = try root(text)
        #expect(root.hasOnlyElements == onlyElements)
        #expect(root.hasOnlyText == onlyText)
        #expect(root.hasDividedText == divided)
    }

    @Test(arguments: [
        "<m><a/><b c='>'/></m>", "<m x='&lt;>'><a/><b></b></m>",
        "<?xml version='1.0'?><!-- <m><z/> --><m><a>1<i/>2</a>text<b><![CDATA[</b>]]></b ></m>",
        "<m><!-- <c/> --><a d=\"'>\" e='\"/>'><a><a/></a></a><?p <c/>?><b\n/></m><!-- <d/> -->",
    ])
    func findsTheChildrenOfTheRootInTheText(_ text: String) throws {
        let bytes = Array(text.utf8)
        let ranges = XMLSource(bytes).childrenOfRoot
        let children = try root(text).children
        #expect(ranges.count == children.count)
        for (range, child) in zip(ranges, children) {
            let alone = try root(String(decoding: bytes[range], as: UTF8.self))
            #expect(alone.name == child.name && alone.text == child.text)
            #expect(alone.attributes == child.attributes)
            #expect(alone.subtree.count == child.subtree.count)
        }
    }
}

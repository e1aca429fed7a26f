// SPDX-License-Identifier: Apache-2.0

/// Numbers that look random and are the same again for the same seed (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// Changes documents at random: bytes, and elements, attributes and texts.
struct Mutator {
    private var generator: SeededGenerator
    /// Whose pieces may be planted into others.
    private let corpus: [[UInt8]]

    init(seed: UInt64, corpus: [[UInt8]]) {
        generator = SeededGenerator(seed: seed)
        self.corpus = corpus
    }

    /// `document` with one to four changes.
    mutating func mutant(of document: [UInt8]) -> [UInt8] {
        var mutant = document
        for _ in 0..<Int.random(in: 1...4, using: &generator) {
            mutant = change(mutant)
        }
        return mutant
    }

    private mutating func change(_ document: [UInt8]) -> [UInt8] {
        switch Int.random(in: 0..<14, using: &generator) {
        case 0..<3: bytes(document)
        case 3..<6: elements(document)
        case 6..<8: attributes(document)
        case 8: texts(document)
        case 9..<11: insertion(document)
        case 11: spelling(document)
        case 12: prefixes(document)
        default: splice(document)
        }
    }

    private mutating func pick<C: Collection>(_ choices: C) -> C.Element? {
        choices.randomElement(using: &generator)
    }

    /// Single bytes and runs of them: flipped, deleted, doubled, overwritten.
    private mutating func bytes(_ document: [UInt8]) -> [UInt8] {
        guard let place = pick(document.indices) else { return document }
        var changed = document
        let run = place..<min(document.count, place + Int.random(in: 1...32, using: &generator))
        switch Int.random(in: 0..<6, using: &generator) {
        case 0: changed[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
        case 1: changed[place] = UInt8.random(in: 0...255, using: &generator)
        case 2: changed.removeSubrange(run)
        case 3: changed.insert(contentsOf: document[run], at: place)
        case 4: changed.insert(UInt8.random(in: 0...255, using: &generator), at: place)
        default: changed.removeSubrange(place...)
        }
        return changed
    }

    /// Whole elements: deleted, doubled, moved, exchanged, wrapped.
    private mutating func elements(_ document: [UInt8]) -> [UInt8] {
        let pieces = MarkupPieces(document)
        let elements = pieces.elements
        guard let one = pick(elements), let other = pick(elements) else { return document }
        let before = pieces.pieces[..<one.lowerBound]
        let element = pieces.pieces[one]
        let after = pieces.pieces[one.upperBound...]
        switch Int.random(in: 0..<5, using: &generator) {
        case 0: return MarkupPieces.bytes(of: before + after)
        case 1: return MarkupPieces.bytes(of: before + element + element + after)
        case 2: return moved(element, from: before + after)
        case 3 where one.upperBound <= other.lowerBound: return swapped(one, other, pieces)
        default:
            let name = pick(["rdf:Description", "x", "Object", "rdf:li"]) ?? "x"
            return MarkupPieces.bytes(of: before) + Array("<\(name)>".utf8)
                + MarkupPieces.bytes(of: element) + Array("</\(name)>".utf8)
                + MarkupPieces.bytes(of: after)
        }
    }

    private mutating func moved(
        _ element: ArraySlice<MarkupPieces.Piece>, from rest: ArraySlice<MarkupPieces.Piece>
    ) -> [UInt8] {
        let rest = Array(rest)
        let place = Int.random(in: 0...rest.count, using: &generator)
        return MarkupPieces.bytes(of: rest[..<place] + element + rest[place...])
    }

    private func swapped(
        _ one: Range<Int>, _ other: Range<Int>, _ pieces: MarkupPieces
    ) -> [UInt8] {
        let all = pieces.pieces
        return MarkupPieces.bytes(
            of: all[..<one.lowerBound] + all[other] + all[one.upperBound..<other.lowerBound]
                + all[one] + all[other.upperBound...])
    }

    /// Attributes: deleted, doubled, renamed, given another value, added.
    private mutating func attributes(_ document: [UInt8]) -> [UInt8] {
        let pieces = MarkupPieces(document)
        guard let index = pick(pieces.indices(of: .start, .empty)) else { return document }
        var tag = String(decoding: pieces.pieces[index].bytes, as: UTF8.self)
        let found = tag.matches(of: #/\s[\w:]+="[^"]*"/#)
        if Bool.random(using: &generator), let one = pick(found) {
            let text = String(tag[one.range])
            let value = pick(["", "#x", "Resource", "http://www.w3.org/2000/09/xmldsig#"]) ?? ""
            let name = text.prefix { $0 != "=" }
            let changed = pick([
                "", text + text, "\(name)=\"\(value)\"", " Id=\"x\"", text.uppercased(),
            ])
            tag.replaceSubrange(one.range, with: changed ?? "")
        } else if let place = tag.firstIndex(where: { $0 == " " || $0 == ">" || $0 == "/" }) {
            let added = pick([
                " Id=\"x\"", " xml:lang=\"en\"", " xml:space=\"preserve\"", " rdf:ID=\"a\"",
                " xmlns:q=\"http://example.org/\"", " xmlns=\"\"", " rdf:parseType=\"Resource\"",
                " xml:base=\"http://example.org/\"", "  ", "\n",
            ])
            tag.insert(contentsOf: added ?? "", at: place)
        }
        return replaced(index, with: tag, pieces)
    }

    /// Texts: exchanged with another's, emptied, with white space around or a character more.
    private mutating func texts(_ document: [UInt8]) -> [UInt8] {
        let pieces = MarkupPieces(document)
        let texts = pieces.indices(of: .text)
        guard let index = pick(texts), let other = pick(texts) else { return document }
        let text = String(decoding: pieces.pieces[index].bytes, as: UTF8.self)
        let theirs = String(decoding: pieces.pieces[other].bytes, as: UTF8.self)
        let changed = pick([
            theirs, "", " " + text, text + "\n", "0" + text, text.uppercased(), text + "\u{301}",
            text.replacing("\n", with: ""), text.replacing("\n", with: "\r\n"),
        ])
        return replaced(index, with: changed ?? "", pieces)
    }

    /// Something between two pieces, or within a text.
    private mutating func insertion(_ document: [UInt8]) -> [UInt8] {
        let pieces = MarkupPieces(document)
        guard let index = pick(pieces.pieces.indices) else { return document }
        let added = Array(
            (pick([
                "<!--comment-->", "<!---->", "<?pi data?>", " ", "\n", "\r\n", "\t", "&#32;",
                "<![CDATA[]]>", "<![CDATA[x]]>", "&#x200B;", "<x/>", "<Object/>", "\u{FEFF}",
                "<Signature xmlns=\"http://www.w3.org/2000/09/xmldsig#\"/>",
            ]) ?? "").utf8)
        let bytes = Array(pieces.pieces[index].bytes)
        let isText = pieces.pieces[index].kind == .text
        let place = isText ? Int.random(in: 0...bytes.count, using: &generator) : bytes.count
        return MarkupPieces.bytes(of: pieces.pieces[..<index]) + bytes[..<place] + added
            + bytes[place...] + MarkupPieces.bytes(of: pieces.pieces[(index + 1)...])
    }

    /// The same text written otherwise: references to characters, CDATA, quotes, empty elements.
    private mutating func spelling(_ document: [UInt8]) -> [UInt8] {
        let pieces = MarkupPieces(document)
        guard let index = pick(pieces.pieces.indices) else { return document }
        let text = String(decoding: pieces.pieces[index].bytes, as: UTF8.self)
        switch pieces.pieces[index].kind {
        case .text:
            guard let place = pick(text.indices), let scalar = text[place].unicodeScalars.first
            else { return document }
            let hex = String(scalar.value, radix: 16)
            let one = pick(["&#x\(hex);", "&#\(scalar.value);", "<![CDATA[\(text[place])]]>"])
            let rest = text[text.index(after: place)...]
            return replaced(index, with: text[..<place] + (one ?? "") + rest, pieces)
        case .start, .empty:
            return replaced(index, with: text.replacing("\"", with: "'"), pieces)
        case .end, .other:
            return replaced(index, with: text.replacing(">", with: " >"), pieces)
        }
    }

    /// Prefixes and namespaces, everywhere or in one tag.
    private mutating func prefixes(_ document: [UInt8]) -> [UInt8] {
        let text = String(decoding: document, as: UTF8.self)
        let old = pick(["rdf", "dcterms", "slreq", "slterms"]) ?? "rdf"
        let new = pick(["r", "dcterms", "slreq", "slterms", "xml"]) ?? "r"
        switch Int.random(in: 0..<4, using: &generator) {
        case 0:
            let renamed = text.replacing("\(old):", with: "\(new):")
            return Array(renamed.replacing("xmlns:\(old)=", with: "xmlns:\(new)=").utf8)
        case 1: return Array(text.replacing("<\(old):", with: "<\(new):", maxReplacements: 1).utf8)
        case 2: return Array(text.replacing("xmlns:\(old)=", with: "xmlns:\(new)=").utf8)
        default:
            let uri = pick(["http://purl.org/dc/terms/", "http://mp.stratuslab.eu/slreq#"]) ?? ""
            return Array(text.replacing(uri, with: uri + "x").utf8)
        }
    }

    /// An element of another signed document, planted here or put in the place of one of ours.
    private mutating func splice(_ document: [UInt8]) -> [UInt8] {
        guard let source = pick(corpus) else { return document }
        let theirs = MarkupPieces(source)
        let ours = MarkupPieces(document)
        guard let graft = pick(theirs.elements), let place = pick(ours.elements) else {
            return document
        }
        let end = Bool.random(using: &generator) ? place.upperBound : place.lowerBound
        return MarkupPieces.bytes(
            of: ours.pieces[..<place.lowerBound] + theirs.pieces[graft] + ours.pieces[end...])
    }

    private func replaced(
        _ index: Int, with text: some StringProtocol, _ pieces: MarkupPieces
    ) -> [UInt8] {
        MarkupPieces.bytes(of: pieces.pieces[..<index]) + Array(text.utf8)
            + MarkupPieces.bytes(of: pieces.pieces[(index + 1)...])
    }
}

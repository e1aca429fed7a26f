// SPDX-License-Identifier: Apache-2.0

/// A document cut into tags, texts and comments, for changes of its structure. Reads what our tools
/// and Java write; not a parser.
struct MarkupPieces {
    enum Kind { case start, end, empty, text, other }

    struct Piece {
        var kind: Kind
        var bytes: ArraySlice<UInt8>
    }

    private(set) var pieces: [Piece] = []

    init(_ document: [UInt8]) {
        var rest = document[...]
        while let first = rest.first {
            let isTag = first == UInt8(ascii: "<")
            let limit = isTag ? UInt8(ascii: ">") : UInt8(ascii: "<")
            let stop = rest.dropFirst().firstIndex(of: limit) ?? rest.endIndex
            let end = isTag && stop < rest.endIndex ? stop + 1 : stop
            let bytes = rest[rest.startIndex..<end]
            pieces.append(Piece(kind: Self.kind(bytes), bytes: bytes))
            rest = rest[end...]
        }
    }

    private static func kind(_ bytes: ArraySlice<UInt8>) -> Kind {
        guard bytes.first == UInt8(ascii: "<"), let second = bytes.dropFirst().first else {
            return .text
        }
        switch second {
        case UInt8(ascii: "/"): return .end
        case UInt8(ascii: "?"), UInt8(ascii: "!"): return .other
        default: return bytes.suffix(2).first == UInt8(ascii: "/") ? .empty : .start
        }
    }

    /// The range of pieces of each element, in document order.
    var elements: [Range<Int>] {
        var open: [Int] = []
        var found: [Range<Int>] = []
        for (index, piece) in pieces.enumerated() {
            switch piece.kind {
            case .start: open.append(index)
            case .empty: found.append(index..<index + 1)
            case .end: if let start = open.popLast() { found.append(start..<index + 1) }
            case .text, .other: break
            }
        }
        return found.sorted { $0.lowerBound < $1.lowerBound }
    }

    func indices(of kinds: Kind...) -> [Int] {
        pieces.indices.filter { kinds.contains(pieces[$0].kind) }
    }

    static func bytes(of pieces: some Sequence<Piece>) -> [UInt8] {
        pieces.flatMap { $0.bytes }
    }
}

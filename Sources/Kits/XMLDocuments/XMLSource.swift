// SPDX-License-Identifier: Apache-2.0

/// Finds elements in the text of a document that ``XMLDocument/parse(_:limits:)`` has accepted:
/// well-formed, in UTF-8, without a document type. Only for such bytes is this short reading of
/// the markup (XML 1.0, section 2.4) the true one.
public struct XMLSource {
    private let bytes: [UInt8]

    public init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Where the children of the root element stand, each from its `<` to its last `>`.
    public var childrenOfRoot: [Range<Int>] {
        var found: [Range<Int>] = []
        var depth = 0
        var start = 0
        var next = bytes.startIndex
        while let open = bytes[next...].firstIndex(of: UInt8(ascii: "<")) {
            let (kind, end) = markup(at: open)
            if depth == 1, kind == .start || kind == .empty { start = open }
            switch kind {
            case .start: depth += 1
            case .end: depth -= 1
            case .empty, .other: break
            }
            if depth == 1, kind == .end || kind == .empty { found.append(start..<end) }
            next = end
        }
        return found
    }

    private enum Kind {
        case start, end, empty
        /// A comment, a CDATA section, a processing instruction or the declaration.
        case other
    }

    /// What begins at the `<` at `open`, and the index behind it.
    private func markup(at open: Int) -> (Kind, Int) {
        let rest = bytes[(open + 1)...]
        if rest.starts(with: "!--".utf8) { return (.other, end(of: "-->", from: open + 4)) }
        if rest.starts(with: "![CDATA[".utf8) { return (.other, end(of: "]]>", from: open + 9)) }
        if rest.first == UInt8(ascii: "?") { return (.other, end(of: "?>", from: open + 2)) }
        let end = endOfTag(from: open + 1)
        if rest.first == UInt8(ascii: "/") { return (.end, end) }
        return (bytes[end - 2] == UInt8(ascii: "/") ? .empty : .start, end)
    }

    /// Behind the first `mark` at or after `start`.
    private func end(of mark: String, from start: Int) -> Int {
        let mark = Array(mark.utf8)
        var index = start
        while index + mark.count <= bytes.count {
            if bytes[index..<index + mark.count].elementsEqual(mark) { return index + mark.count }
            index += 1
        }
        return bytes.count
    }

    /// Behind the `>` that no quotes enclose.
    private func endOfTag(from start: Int) -> Int {
        var quote: UInt8?
        for index in start..<bytes.count {
            let byte = bytes[index]
            if let open = quote {
                if byte == open { quote = nil }
            } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                quote = byte
            } else if byte == UInt8(ascii: ">") {
                return index + 1
            }
        }
        return bytes.count
    }
}

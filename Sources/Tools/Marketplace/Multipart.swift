// SPDX-License-Identifier: Apache-2.0

/// A `multipart/form-data` body (RFC 7578), as web forms upload a file.
enum Multipart {
    static let partsMax = 32
    static let partHeaderBytesMax = 8 * 1024
    /// RFC 2046 5.1.1
    static let boundaryCharactersMax = 70

    /// The content of the first part that has a file name; nil when there is none or the body is
    /// not well formed.
    static func firstFile(in body: [UInt8], boundary: String) -> [UInt8]? {
        guard (1...boundaryCharactersMax).contains(boundary.utf8.count) else { return nil }
        let delimiter = Array("\r\n--\(boundary)".utf8)
        // The first delimiter stands at the start, without the line break.
        var rest = ArraySlice(Array("\r\n".utf8) + body)
        guard let start = find(delimiter, in: rest) else { return nil }
        rest = rest[(start + delimiter.count)...]
        for _ in 0..<partsMax {
            if rest.starts(with: Array("--".utf8)) { return nil }
            guard let lineEnd = find(Array("\r\n".utf8), in: rest),
                rest[..<lineEnd].allSatisfy({ $0 == 0x20 || $0 == 0x09 }),
                let next = find(delimiter, in: rest[lineEnd...])
            else { return nil }
            if let content = file(in: rest[lineEnd..<next]) { return content }
            rest = rest[(next + delimiter.count)...]
        }
        return nil
    }

    /// The content of one part, `\r\n` headers `\r\n\r\n` content, when it names a file.
    private static func file(in part: ArraySlice<UInt8>) -> [UInt8]? {
        let blank = Array("\r\n\r\n".utf8)
        guard let end = find(blank, in: part.prefix(partHeaderBytesMax)) else { return nil }
        let headers = String(decoding: part[part.startIndex..<end], as: UTF8.self)
        for line in headers.split(separator: "\r\n") {
            guard let colon = line.firstIndex(of: ":"),
                line[..<colon].lowercased() == "content-disposition"
            else { continue }
            let value = HeaderValue(String(line[line.index(after: colon)...]))
            guard value.parameters["filename"] != nil else { return nil }
            return Array(part[(end + blank.count)...])
        }
        return nil
    }

    /// Where `needle` first begins in `haystack`.
    private static func find(_ needle: [UInt8], in haystack: ArraySlice<UInt8>) -> Int? {
        guard let first = needle.first, haystack.count >= needle.count else { return nil }
        let last = haystack.endIndex - needle.count
        var from = haystack.startIndex
        while from <= last {
            guard let at = haystack[from...last].firstIndex(of: first) else { return nil }
            if haystack[at..<(at + needle.count)].elementsEqual(needle) { return at }
            from = at + 1
        }
        return nil
    }
}

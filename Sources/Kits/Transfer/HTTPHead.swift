// SPDX-License-Identifier: Apache-2.0

/// The status line and header fields of one HTTP response, collected line by line.
struct HTTPHead {
    private(set) var status = 0
    private(set) var headers: [HTTPResponse.Header] = []
    /// The empty line after the header fields of a final response was seen.
    private(set) var isComplete = false
    private var bytes = 0

    static let bytesMax = 64 << 10

    /// Takes one line; false when the header is too long. Trailer fields are ignored.
    mutating func take(_ line: UnsafeRawBufferPointer) -> Bool {
        bytes += line.count
        guard bytes <= Self.bytesMax else { return false }
        let text = String(decoding: line, as: UTF8.self).trimmingLineEnd()
        if text.hasPrefix("HTTP/") {
            start(text)
        } else if isComplete {
            return true
        } else if text.isEmpty {
            isComplete = status >= 200
        } else if let colon = text.firstIndex(of: ":") {
            let value = text[text.index(after: colon)...]
            headers.append(
                HTTPResponse.Header(
                    name: text[..<colon].lowercased(), value: value.trimmingBlanks()))
        }
        return true
    }

    private mutating func start(_ line: String) {
        isComplete = false
        headers = []
        let words = line.split(separator: " ")
        status = words.count > 1 ? Int(words[1]) ?? 0 : 0
    }

    /// The value of the only field `name`; nil when there is none, or several that differ.
    func value(_ name: String) -> String? {
        let values = Set(headers.filter { $0.name == name }.map(\.value))
        return values.count == 1 ? values.first : nil
    }
}

extension StringProtocol {
    func trimmingBlanks() -> String {
        let isBlank: (Character) -> Bool = { $0 == " " || $0 == "\t" }
        let start = drop(while: isBlank)
        guard let last = start.lastIndex(where: { !isBlank($0) }) else { return "" }
        return String(start[...last])
    }

    func trimmingLineEnd() -> String {
        guard let last = unicodeScalars.lastIndex(where: { $0 != "\r" && $0 != "\n" }) else {
            return ""
        }
        return String(self[...last])
    }
}

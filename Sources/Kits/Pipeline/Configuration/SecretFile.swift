// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials

/// A file that holds one secret and at most a final line end.
enum SecretFile {
    static let bytesMax = 65_536

    struct Refusal: Error {
        var reason: String
    }

    static func read(_ path: String) throws(Refusal) -> String {
        guard let bytes = try? Data(contentsOf: URL(filePath: path)) else {
            throw Refusal(reason: "the file '\(path)' cannot be read")
        }
        guard bytes.count <= bytesMax else {
            throw Refusal(reason: "the file '\(path)' is larger than \(bytesMax) bytes")
        }
        guard var text = String(validating: bytes, as: UTF8.self) else {
            throw Refusal(reason: "the file '\(path)' is not UTF-8 text")
        }
        if text.hasSuffix("\r\n") || text.hasSuffix("\n") { text.removeLast() }
        guard !text.isEmpty else { throw Refusal(reason: "the file '\(path)' is empty") }
        return text
    }
}

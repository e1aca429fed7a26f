// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials

/// A password or PIN in a file of its own.
enum SecretFile {
    private static let bytesMax = 4096

    /// The first line.
    static func read(_ path: String) throws -> String {
        guard let data = FileManager.default.contents(atPath: path), data.count <= bytesMax else {
            throw CommandFailure(.usage, "the password file '\(path)' cannot be read")
        }
        return String(String(decoding: data, as: UTF8.self).prefix { !$0.isNewline })
    }
}

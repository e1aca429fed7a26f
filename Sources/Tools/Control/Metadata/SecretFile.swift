// SPDX-License-Identifier: Apache-2.0

/// A password or PIN in a file of its own.
enum SecretFile {
    private static let bytesMax = 4096

    /// The first line.
    static func read(_ path: String) throws -> String {
        do {
            let bytes = try InputFile.read(path, bytesMax: bytesMax)
            return String(String(decoding: bytes, as: UTF8.self).prefix { !$0.isNewline })
        } catch {
            throw CommandFailure(.usage, "the password file '\(path)' cannot be read")
        }
    }
}

// SPDX-License-Identifier: Apache-2.0

extension Certificate {
    /// Longest file of certificates, in bytes.
    private static let fileBytesMax = 1 << 20

    /// All certificates of a PEM file, in its order; other blocks are passed over.
    ///
    /// - Throws: ``SignaturesError/unreadableFile(path:reason:)`` also when there is none.
    public static func read(pemPath path: String) throws(SignaturesError) -> [Certificate] {
        let bytes = try BoundedFile.read(path: path, bytesMax: fileBytesMax)
        var certificates: [Certificate] = []
        do {
            for block in try PEMBlock.read(bytes) ?? [] where block.isCertificate {
                certificates.append(try Certificate(der: block.der))
            }
        } catch {
            throw .unreadableFile(path: path, reason: "\(error)")
        }
        guard !certificates.isEmpty else {
            throw .unreadableFile(path: path, reason: "holds no certificate in PEM")
        }
        return certificates
    }
}

// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL

/// Reads a private key and its certificate from PEM files.
enum PEMKeyPair {
    /// Longest file that is read, in bytes.
    private static let bytesMax = 1 << 20

    /// Calls `body` with the key, in the default library context, and the first certificate that
    /// belongs to it.
    static func unlock<R>(
        certificatePath: String, keyPath: String, password: String?,
        _ body: (borrowing PrivateKey, borrowing X509Certificate) throws(SignaturesError) -> R
    ) throws(SignaturesError) -> R {
        let key = try key(
            try BoundedFile.read(path: keyPath, bytesMax: bytesMax), password: password)
        let der = try certificate(path: certificatePath) { key.belongs(to: $0) }
        return try body(key, try X509Certificate(der: der))
    }

    /// The first certificate in a PEM file that fits, DER.
    static func certificate(
        path: String, where fits: (borrowing X509Certificate) -> Bool
    ) throws(SignaturesError) -> [UInt8] {
        let bytes = try BoundedFile.read(path: path, bytesMax: bytesMax)
        guard let blocks = try PEMBlock.read(bytes) else {
            throw .notPEM("no block such as -----BEGIN CERTIFICATE----- in '\(path)'")
        }
        let found = blocks.filter(\.isCertificate)
        guard !found.isEmpty else { throw .noCertificate }
        for block in found where fits(try X509Certificate(der: block.der)) { return block.der }
        throw .keyCertificateMismatch
    }

    private static func key(
        _ bytes: [UInt8], password: String?
    ) throws(SignaturesError) -> PrivateKey {
        let context = try LegacyContext()
        for spelling in PasswordSpelling.all(of: password ?? "") {
            let source = try MemoryBIO(bytes)
            let request = PasswordRequest(spelling.bytes ?? [])
            OpenSSLLibrary.clearErrors()
            let key = try request.withContext {
                PEM_read_bio_PrivateKey_ex(source.raw, nil, answerPassword, $0, context.raw, nil)
            }
            if let key { return try PrivateKey(importing: PrivateKey(adopting: key)) }
            guard request.isAsked else {
                let reason = OpenSSLLibrary.lastError()
                let blocks = try PEMBlock.read(bytes) ?? []
                throw blocks.contains(where: \.isKey) ? .notPEM(reason) : .noPrivateKey
            }
        }
        OpenSSLLibrary.clearErrors()
        throw .wrongKeyPassword
    }
}

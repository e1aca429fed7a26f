// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL
internal import Glibc

/// Reads PKCS#12 files (RFC 7292): the private key and the certificate that belongs to it.
enum PKCS12 {
    /// Longest file that is read, in bytes.
    private static let bytesMax = 1 << 20

    static func read(path: String) throws(SignaturesError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)
        guard descriptor >= 0 else { throw .unreadableFile(path: path, reason: reason(errno)) }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: bytesMax + 1)
        var filled = 0
        while filled < bytes.count {
            let count = bytes.withUnsafeMutableBytes {
                Glibc.read(descriptor, $0.baseAddress.map { $0 + filled }, $0.count - filled)
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .unreadableFile(path: path, reason: reason(errno)) }
            if count == 0 { break }
            filled += count
        }
        guard filled <= bytesMax else {
            throw .unreadableFile(path: path, reason: "longer than \(bytesMax) bytes")
        }
        return Array(bytes.prefix(filled))
    }

    /// Calls `body` with the file's key, in the default library context, and its certificate.
    static func unlock<R>(
        _ bytes: [UInt8], password: String,
        _ body: (borrowing PrivateKey, borrowing X509Certificate) throws(SignaturesError) -> R
    ) throws(SignaturesError) -> R {
        OpenSSLLibrary.clearErrors()
        let context = try LegacyContext()
        let file = try PKCS12File(bytes, in: context)
        let password = try file.passwordThatFits(password)
        let content = try file.content(password: password)
        guard let foreign = content.key else { throw .noPrivateKey }
        let key = try PrivateKey(importing: PrivateKey(adopting: foreign))
        guard !content.certificates.isEmpty else { throw .noCertificate }
        for der in content.certificates {
            let certificate = try X509Certificate(der: der)
            if key.belongs(to: certificate) { return try body(key, certificate) }
        }
        throw .keyCertificateMismatch
    }

    private static func reason(_ code: Int32) -> String {
        String(cString: strerror(code))
    }
}

/// An OpenSSL library context with the `legacy` provider, which has the ciphers of old PKCS#12
/// files (RC2-40, single DES). The process's default context never gets it.
private struct LegacyContext: ~Copyable {
    let raw: OpaquePointer
    private let standard: OpaquePointer
    private let legacy: OpaquePointer?

    init() throws(SignaturesError) {
        guard let context = OSSL_LIB_CTX_new() else {
            throw .library(operation: "OSSL_LIB_CTX_new", reason: OpenSSLLibrary.lastError())
        }
        guard let standard = OSSL_PROVIDER_load(context, "default") else {
            OSSL_LIB_CTX_free(context)
            throw .library(operation: "OSSL_PROVIDER_load", reason: OpenSSLLibrary.lastError())
        }
        raw = context
        self.standard = standard
        // Where it is not installed, files with current ciphers can still be read.
        legacy = OSSL_PROVIDER_load(context, "legacy")
        OpenSSLLibrary.clearErrors()
    }

    deinit {
        if let legacy { OSSL_PROVIDER_unload(legacy) }
        OSSL_PROVIDER_unload(standard)
        OSSL_LIB_CTX_free(raw)
    }
}

/// The owner of OpenSSL's `PKCS12`.
private struct PKCS12File: ~Copyable {
    private let raw: OpaquePointer

    /// What a file holds.
    struct Content {
        /// Owned by the receiver; nil when there is none.
        var key: OpaquePointer?
        /// DER.
        var certificates: [[UInt8]] = []
    }

    init(_ bytes: [UInt8], in context: borrowing LegacyContext) throws(SignaturesError) {
        // d2i_PKCS12 fills the object it is given and keeps that object's library context.
        var file = PKCS12_init_ex(NID_pkcs7_data, context.raw, nil)
        let parsed = bytes.withUnsafeBufferPointer { buffer in
            var next = buffer.baseAddress
            return d2i_PKCS12(&file, &next, buffer.count)
        }
        guard let parsed else {
            PKCS12_free(file)
            throw .notPKCS12(OpenSSLLibrary.lastError())
        }
        raw = parsed
    }

    deinit { PKCS12_free(raw) }

    /// The password as the file's integrity check knows it: "no password" is written in two ways.
    func passwordThatFits(_ password: String) throws(SignaturesError) -> String? {
        guard PKCS12_mac_present(raw) == 1 else { return password }
        if PKCS12_verify_mac(raw, password, -1) == 1 { return password }
        if password.isEmpty, PKCS12_verify_mac(raw, nil, 0) == 1 { return nil }
        let code = ERR_peek_last_error()
        guard code == 0 || isWrongPassword(code) else {
            throw .notPKCS12(OpenSSLLibrary.lastError())
        }
        OpenSSLLibrary.clearErrors()
        throw .wrongPassword
    }

    func content(password: String?) throws(SignaturesError) -> Content {
        var content = Content()
        var own: OpaquePointer?
        var others: OpaquePointer?
        guard PKCS12_parse(raw, password, &content.key, &own, &others) == 1 else {
            // Without an integrity check a wrong password shows when decryption fails.
            guard PKCS12_mac_present(raw) == 1 else { throw .wrongPassword }
            throw .notPKCS12(OpenSSLLibrary.lastError())
        }
        if let own { content.certificates.append(try der(adopting: own)) }
        if let others {
            defer { OPENSSL_sk_free(others) }
            while let next = OPENSSL_sk_pop(others) {
                content.certificates.append(try der(adopting: OpaquePointer(next)))
            }
        }
        return content
    }

    private func der(adopting certificate: OpaquePointer) throws(SignaturesError) -> [UInt8] {
        try X509Certificate(adopting: certificate).der()
    }

    /// PKCS12_verify_mac leaves no error, or PKCS12_R_MAC_VERIFY_FAILURE, when the value differs.
    private func isWrongPassword(_ code: UInt) -> Bool {
        Int(code & 0x7F_FFFF) == Int(PKCS12_R_MAC_VERIFY_FAILURE)
    }
}

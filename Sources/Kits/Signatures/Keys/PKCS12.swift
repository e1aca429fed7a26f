// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL

/// Reads PKCS#12 files (RFC 7292): a private key and the certificate that belongs to it.
enum PKCS12 {
    /// Longest file that is read, in bytes.
    static let bytesMax = 1 << 20

    /// Calls `body` with one of the file's keys, in the default library context, and its
    /// certificate.
    ///
    /// - Parameter alias: the key's friendlyName; when nil, the key that StratusLab's own tool
    ///   takes, the last.
    static func unlock<R>(
        _ bytes: [UInt8], password: String, alias: String? = nil,
        _ body: (borrowing PrivateKey, borrowing X509Certificate) throws(SignaturesError) -> R
    ) throws(SignaturesError) -> R {
        OpenSSLLibrary.clearErrors()
        let context = try LegacyContext()
        let file = try PKCS12File(bytes, in: context)
        let spellings = try file.spellings(of: password)
        let bags = try file.bags(spellings)
        let entry = try chosen(bags.keys, alias: alias)
        let key = try bags.key(
            entry, spellings, in: context, passwordIsProved: file.hasIntegrityCheck)
        let certificates = try bags.certificates()
        guard !certificates.isEmpty else { throw .noCertificate }
        guard let der = try certificate(for: entry, key, among: certificates) else {
            throw .keyCertificateMismatch
        }
        return try body(key, try X509Certificate(der: der))
    }

    private static func chosen(
        _ keys: [PKCS12Bags.Entry], alias: String?
    ) throws(SignaturesError) -> PKCS12Bags.Entry {
        guard !keys.isEmpty else { throw .noPrivateKey }
        // As in Java's keystores, the last of several keys with one alias is in the first's place.
        var places: [String: Int] = [:]
        var distinct: [PKCS12Bags.Entry] = []
        for key in keys {
            let name = key.alias.lowercased()
            if let place = places[name] {
                distinct[place] = key
            } else {
                places[name] = distinct.count
                distinct.append(key)
            }
        }
        guard let alias else {
            guard let last = distinct.last else { throw .noPrivateKey }
            return last
        }
        guard let place = places[alias.lowercased()] else { throw .noSuchAlias(alias) }
        return distinct[place]
    }

    /// Of the certificates of the key, the one that Java finds: by key identifier and alias, else
    /// by key identifier, else by alias, else any.
    private static func certificate(
        for entry: PKCS12Bags.Entry, _ key: borrowing PrivateKey,
        among certificates: [PKCS12Bags.CertificateEntry]
    ) throws(SignaturesError) -> [UInt8]? {
        var fitting: [PKCS12Bags.CertificateEntry] = []
        for candidate in certificates
        where key.belongs(to: try X509Certificate(der: candidate.der)) {
            fitting.append(candidate)
        }
        let name = entry.alias.lowercased()
        let isNamed = { (found: PKCS12Bags.CertificateEntry) in found.alias?.lowercased() == name }
        let sameKeyID = fitting.filter { entry.keyID != nil && $0.keyID == entry.keyID }
        let best =
            sameKeyID.first(where: isNamed) ?? sameKeyID.last ?? fitting.last(where: isNamed)
            ?? fitting.first
        return best?.der
    }
}

/// The owner of OpenSSL's `PKCS12`.
private struct PKCS12File: ~Copyable {
    private let raw: OpaquePointer

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

    var hasIntegrityCheck: Bool { PKCS12_mac_present(raw) == 1 }

    /// The password's spellings, the one that the file's integrity check knows first. The others
    /// may still be needed: some programs spell it differently for modern encryption.
    func spellings(of password: String) throws(SignaturesError) -> [PasswordSpelling] {
        let all = PasswordSpelling.all(of: password)
        guard hasIntegrityCheck else { return all }
        for spelling in all {
            if spelling.withCString({ PKCS12_verify_mac(raw, $0, $1) }) == 1 {
                OpenSSLLibrary.clearErrors()
                return [spelling] + all.filter { $0 != spelling }
            }
        }
        let code = ERR_peek_last_error()
        guard code == 0 || isWrongPassword(code) else {
            throw .notPKCS12(OpenSSLLibrary.lastError())
        }
        OpenSSLLibrary.clearErrors()
        throw .wrongPassword
    }

    /// PKCS12_verify_mac leaves no error, or PKCS12_R_MAC_VERIFY_FAILURE, when the value differs.
    private func isWrongPassword(_ code: UInt) -> Bool {
        OpenSSLLibrary.reason(of: code) == Int(PKCS12_R_MAC_VERIFY_FAILURE)
    }

    /// What the file holds, keys still encrypted.
    func bags(_ spellings: [PasswordSpelling]) throws(SignaturesError) -> PKCS12Bags {
        guard let safes = PKCS12_unpack_authsafes(raw) else {
            throw .notPKCS12(OpenSSLLibrary.lastError())
        }
        defer { OPENSSL_sk_pop_free(safes) { PKCS7_free($0?.assumingMemoryBound(to: PKCS7.self)) } }
        var bags = PKCS12Bags()
        for index in 0..<max(0, OPENSSL_sk_num(safes)) {
            guard let element = OPENSSL_sk_value(safes, index) else { continue }
            let safe = element.assumingMemoryBound(to: PKCS7.self)
            switch OBJ_obj2nid(safe.pointee.type) {
            case NID_pkcs7_data: try bags.adopt(PKCS12_unpack_p7data(safe))
            case NID_pkcs7_encrypted: try bags.adopt(try decrypt(safe, spellings))
            default: throw .notPKCS12("a content encrypted for a public key")
            }
        }
        return bags
    }

    private func decrypt(
        _ safe: UnsafeMutablePointer<PKCS7>, _ spellings: [PasswordSpelling]
    ) throws(SignaturesError) -> OpaquePointer? {
        OpenSSLLibrary.clearErrors()
        for spelling in spellings {
            let bags = spelling.withCString { PKCS12_unpack_p7encdata(safe, $0, $1) }
            if let bags { return bags }
        }
        throw .decryptionFailed(passwordIsProved: hasIntegrityCheck)
    }
}

extension SignaturesError {
    /// Why a part of a PKCS#12 file could not be decrypted, by OpenSSL's error queue. A wrong
    /// password shows here only when the file has no integrity check.
    static func decryptionFailed(passwordIsProved: Bool) -> SignaturesError {
        let reasons = OpenSSLLibrary.allReasons()
        let isUnknown =
            reasons.contains(Int(EVP_R_UNKNOWN_PBE_ALGORITHM))
            || reasons.contains(Int(EVP_R_UNSUPPORTED_ALGORITHM))
            || reasons.contains(Int(EVP_R_UNSUPPORTED_CIPHER))
        if isUnknown { return .notPKCS12("encrypted in a way that is not supported") }
        return passwordIsProved ? .notPKCS12("its content cannot be decrypted") : .wrongPassword
    }
}

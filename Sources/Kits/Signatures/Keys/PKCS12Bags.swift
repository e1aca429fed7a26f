// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL

/// The owner of the bags (RFC 7292 section 4.2) of a PKCS#12 file.
struct PKCS12Bags: ~Copyable {
    /// A private key, perhaps still encrypted.
    struct Entry {
        /// Its friendlyName, or a number as Java gives it.
        let alias: String
        let keyID: [UInt8]?
        fileprivate let bag: OpaquePointer
    }

    struct CertificateEntry {
        let alias: String?
        let keyID: [UInt8]?
        let der: [UInt8]
    }

    private var stacks: [OpaquePointer] = []
    private var bags: [OpaquePointer] = []

    private static let bagsMax = 1024
    /// Deepest nesting of bags in bags.
    private static let depthMax = 4

    deinit {
        for stack in stacks {
            OPENSSL_sk_pop_free(stack) { PKCS12_SAFEBAG_free(OpaquePointer($0)) }
        }
    }

    /// Takes ownership of a stack of bags.
    mutating func adopt(_ stack: OpaquePointer?) throws(SignaturesError) {
        guard let stack else { throw .notPKCS12(OpenSSLLibrary.lastError()) }
        stacks.append(stack)
        try add(stack, depth: 0)
    }

    private mutating func add(_ stack: OpaquePointer, depth: Int) throws(SignaturesError) {
        for index in 0..<max(0, OPENSSL_sk_num(stack)) {
            guard let element = OPENSSL_sk_value(stack, index) else { continue }
            let bag = OpaquePointer(element)
            if PKCS12_SAFEBAG_get_nid(bag) == NID_safeContentsBag {
                guard depth < Self.depthMax, let inner = PKCS12_SAFEBAG_get0_safes(bag) else {
                    throw .notPKCS12("bags nested too deeply")
                }
                try add(inner, depth: depth + 1)
                continue
            }
            guard bags.count < Self.bagsMax else {
                throw .notPKCS12("more than \(Self.bagsMax) bags")
            }
            bags.append(bag)
        }
    }

    /// The keys in the order of the file, without those that Java does not see: of several keys,
    /// those behind the first need a localKeyID.
    var keys: [Entry] {
        var keys: [Entry] = []
        var count = 0
        var numbered = 0
        for bag in bags {
            let kind = PKCS12_SAFEBAG_get_nid(bag)
            guard kind == NID_keyBag || kind == NID_pkcs8ShroudedKeyBag else { continue }
            count += 1
            let keyID = Self.keyID(of: bag)
            guard keyID != nil || count == 1 else { continue }
            var alias = Self.alias(of: bag)
            if alias == nil {
                numbered += 1
                alias = "\(numbered)"
            }
            keys.append(Entry(alias: alias ?? "", keyID: keyID, bag: bag))
        }
        return keys
    }

    func certificates() throws(SignaturesError) -> [CertificateEntry] {
        var certificates: [CertificateEntry] = []
        for bag in bags where PKCS12_SAFEBAG_get_nid(bag) == NID_certBag {
            guard PKCS12_SAFEBAG_get_bag_nid(bag) == NID_x509Certificate else { continue }
            guard let certificate = PKCS12_SAFEBAG_get1_cert(bag) else {
                throw .invalidCertificate(OpenSSLLibrary.lastError())
            }
            certificates.append(
                CertificateEntry(
                    alias: Self.alias(of: bag), keyID: Self.keyID(of: bag),
                    der: try X509Certificate(adopting: certificate).der()))
        }
        return certificates
    }

    /// The key itself, in the default library context. Its encryption may need `context`.
    ///
    /// - Parameter passwordIsProved: the file's integrity check has found the password right.
    func key(
        _ entry: Entry, _ spellings: [PasswordSpelling], in context: borrowing LegacyContext,
        passwordIsProved: Bool
    ) throws(SignaturesError) -> PrivateKey {
        if PKCS12_SAFEBAG_get_nid(entry.bag) == NID_keyBag {
            return try PrivateKey(PKCS12_SAFEBAG_get0_p8inf(entry.bag))
        }
        OpenSSLLibrary.clearErrors()
        for spelling in spellings {
            let found = spelling.withCString {
                PKCS12_decrypt_skey_ex(entry.bag, $0, $1, context.raw, nil)
            }
            guard let found else { continue }
            defer { PKCS8_PRIV_KEY_INFO_free(found) }
            return try PrivateKey(found)
        }
        throw .decryptionFailed(passwordIsProved: passwordIsProved)
    }

    private static func alias(of bag: OpaquePointer) -> String? {
        guard let name = PKCS12_get_friendlyname(bag) else { return nil }
        defer { CRYPTO_free(name, nil, 0) }
        return String(cString: name)
    }

    private static func keyID(of bag: OpaquePointer) -> [UInt8]? {
        guard let attribute = PKCS12_SAFEBAG_get0_attr(bag, NID_localKeyID),
            attribute.pointee.type == V_ASN1_OCTET_STRING
        else { return nil }
        return ASN1Text.bytes(of: attribute.pointee.value.octet_string)
    }
}

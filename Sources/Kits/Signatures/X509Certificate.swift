// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL

/// The owner of OpenSSL's `X509`.
struct X509Certificate: ~Copyable {
    let raw: OpaquePointer

    /// Length of the longest certificate that is looked at, in bytes.
    static let bytesMax = 65_536

    /// Takes ownership.
    init(adopting raw: OpaquePointer) {
        self.raw = raw
    }

    /// Takes a reference of its own.
    init(sharing raw: OpaquePointer) {
        X509_up_ref(raw)
        self.raw = raw
    }

    init(der: [UInt8]) throws(SignaturesError) {
        raw = try Self.parse(der)
    }

    deinit { X509_free(raw) }

    /// Reads one certificate and refuses what is behind it. The caller frees it.
    private static func parse(_ der: [UInt8]) throws(SignaturesError) -> OpaquePointer {
        guard der.count <= bytesMax else {
            throw .invalidCertificate("longer than \(bytesMax) bytes")
        }
        OpenSSLLibrary.clearErrors()
        var length = 0
        let parsed = der.withUnsafeBufferPointer { buffer -> OpaquePointer? in
            var next = buffer.baseAddress
            let parsed = d2i_X509(nil, &next, buffer.count)
            if let start = buffer.baseAddress, let next { length = next - start }
            return parsed
        }
        guard let parsed else { throw .invalidCertificate(OpenSSLLibrary.lastError()) }
        guard length == der.count else {
            X509_free(parsed)
            throw .invalidCertificate("\(der.count - length) bytes behind its end")
        }
        return parsed
    }

    func der() throws(SignaturesError) -> [UInt8] {
        var encoded: UnsafeMutablePointer<UInt8>?
        let length = i2d_X509(raw, &encoded)
        guard length > 0, let encoded else {
            throw .invalidCertificate(OpenSSLLibrary.lastError())
        }
        defer { OpenSSLLibrary.free(encoded) }
        return Array(UnsafeBufferPointer(start: encoded, count: Int(length)))
    }

    /// The first rfc822Name of subjectAltName (RFC 5280 section 4.2.1.6).
    func email() throws(SignaturesError) -> String? {
        guard let found = X509_get_ext_d2i(raw, NID_subject_alt_name, nil, nil) else { return nil }
        let names = OpaquePointer(found)
        defer { GENERAL_NAMES_free(names) }
        for index in 0..<max(0, OPENSSL_sk_num(names)) {
            guard let value = OPENSSL_sk_value(names, index) else { continue }
            let name = value.assumingMemoryBound(to: GENERAL_NAME.self)
            guard name.pointee.type == GEN_EMAIL else { continue }
            let bytes = ASN1Text.bytes(of: name.pointee.d.rfc822Name)
            guard !bytes.isEmpty, bytes.allSatisfy({ (0x21...0x7E).contains($0) }) else {
                throw .invalidCertificate("the rfc822Name is not an e-mail address in ASCII")
            }
            return String(decoding: bytes, as: UTF8.self)
        }
        return nil
    }

    /// Seconds since 1970-01-01T00:00:00Z.
    static func seconds(
        _ time: UnsafePointer<ASN1_TIME>?
    ) throws(SignaturesError) -> Int64 {
        var days: CInt = 0
        var seconds: CInt = 0
        guard let time, let epoch = ASN1_TIME_set(nil, 0) else {
            throw .invalidCertificate("no validity")
        }
        defer { ASN1_STRING_free(epoch) }
        guard ASN1_TIME_diff(&days, &seconds, epoch, time) == 1 else {
            throw .invalidCertificate("its validity is not a time")
        }
        return Int64(days) * 86_400 + Int64(seconds)
    }
}

/// Reads the bytes of OpenSSL's ASN.1 strings.
enum ASN1Text {
    static func bytes(of string: UnsafePointer<ASN1_STRING>?) -> [UInt8] {
        guard let string, let data = ASN1_STRING_get0_data(string) else { return [] }
        let length = max(0, Int(ASN1_STRING_length(string)))
        return Array(UnsafeBufferPointer(start: data, count: length))
    }
}

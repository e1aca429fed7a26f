// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL

/// The owner of OpenSSL's `X509_STORE`: certificates that are believed, and revocation lists.
struct TrustStore: ~Copyable, @unchecked Sendable {
    // Sound: filled by its one owner, afterwards only looked things up in, which OpenSSL does
    // behind a lock of the store (https://docs.openssl.org/3.0/man3/X509_STORE_add_cert/).
    let raw: OpaquePointer
    private(set) var certificateCount = 0
    private(set) var revocationListCount = 0

    /// Most certificates, and most revocation lists.
    private static let countMax = 50_000

    init() throws(SignaturesError) {
        guard let store = X509_STORE_new() else {
            throw .library(operation: "X509_STORE_new", reason: OpenSSLLibrary.lastError())
        }
        raw = store
    }

    deinit { X509_STORE_free(raw) }

    mutating func addCertificate(der: [UInt8]) throws(SignaturesError) {
        let certificate = try X509Certificate(der: der)
        guard certificateCount < Self.countMax else {
            throw .invalidCertificate("more than \(Self.countMax) trust anchors")
        }
        // One that is there already is not added again.
        guard X509_STORE_add_cert(raw, certificate.raw) == 1 else {
            throw .library(operation: "X509_STORE_add_cert", reason: OpenSSLLibrary.lastError())
        }
        certificateCount += 1
    }

    mutating func addRevocationList(der: [UInt8]) throws(SignaturesError) {
        OpenSSLLibrary.clearErrors()
        let list = der.withUnsafeBufferPointer { buffer -> OpaquePointer? in
            var next = buffer.baseAddress
            return d2i_X509_CRL(nil, &next, buffer.count)
        }
        guard let list else { throw .invalidRevocationList(OpenSSLLibrary.lastError()) }
        defer { X509_CRL_free(list) }
        guard revocationListCount < Self.countMax else {
            throw .invalidRevocationList("more than \(Self.countMax) lists")
        }
        guard X509_STORE_add_crl(raw, list) == 1 else {
            throw .library(operation: "X509_STORE_add_crl", reason: OpenSSLLibrary.lastError())
        }
        revocationListCount += 1
    }
}

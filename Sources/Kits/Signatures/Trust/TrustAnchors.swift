// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL

/// The certification authorities that are believed, with their revocation lists.
///
/// As soon as one revocation list is known, every certificate of a chain is checked for revocation,
/// and a list that is missing or out of date makes the certificate untrusted. Without any list,
/// revocation is not checked.
///
/// Safe to use from any task.
public final class TrustAnchors: Sendable {
    private let store: TrustStore

    /// Longest chain: certificates between an endorser's and its trust anchor.
    private static let depthMax: CInt = 8
    /// 80 bits of security (`X509_VERIFY_PARAM_set_auth_level`): no MD5 or SHA-1 signature by an
    /// issuer, no RSA key below 1024 bits.
    private static let securityLevel: CInt = 1

    /// Reads trust anchors.
    ///
    /// - Parameters:
    ///   - paths: files with certificates (PEM, several in one file allowed, or DER), and
    ///     directories as IGTF and OpenSSL lay them out: of those, `*.pem`, `*.crt` and `HASH.N`
    ///     are read as certificates, `*.crl` and `HASH.rN` as revocation lists; other files are
    ///     passed over.
    ///   - crlPaths: files with revocation lists (PEM or DER), and directories, of which `*.crl`
    ///     and `HASH.rN` are read.
    /// - Throws: ``SignaturesError/unreadableFile(path:reason:)``, also for a path without a
    ///   certificate or without a revocation list.
    public init(paths: [String], crlPaths: [String] = []) throws(SignaturesError) {
        var store = try TrustStore()
        for path in paths { try TrustFiles.read(certificates: path, into: &store) }
        for path in crlPaths { try TrustFiles.read(revocationLists: path, into: &store) }
        self.store = store
    }

    /// Whether revocation lists were found, and so are required.
    public var checksRevocation: Bool { store.revocationListCount > 0 }

    /// Follows the certificate's issuers to a trust anchor and checks all of them
    /// (RFC 5280 section 6).
    ///
    /// Any extended key usage is accepted, as grid authorities issue certificates for signing under
    /// several; but a key usage that is present must allow signatures. Proxy certificates are
    /// refused. A revoked certificate is untrusted at any time, also before its revocation.
    ///
    /// - Parameter seconds: the time for which to judge certificates and revocation lists, seconds
    ///   since 1970-01-01T00:00:00Z.
    public func judge(_ certificate: Certificate, at seconds: Int64) -> CertificateTrust {
        do {
            let leaf = try X509Certificate(der: certificate.der)
            let usage = X509_get_key_usage(leaf.raw)
            guard usage & UInt32(X509v3_KU_DIGITAL_SIGNATURE | X509v3_KU_NON_REPUDIATION) != 0
            else {
                return .untrusted(
                    reason: UntrustedReason(
                        .notForSigning, "its key usage forbids signatures",
                        subject: certificate.subject))
            }
            return try verify(leaf, certificate, at: seconds)
        } catch {
            return .untrusted(
                reason: UntrustedReason(.other, "\(error)", subject: certificate.subject))
        }
    }

    private func verify(
        _ leaf: borrowing X509Certificate, _ certificate: Certificate, at seconds: Int64
    ) throws(SignaturesError) -> CertificateTrust {
        guard let context = X509_STORE_CTX_new() else {
            throw .library(operation: "X509_STORE_CTX_new", reason: OpenSSLLibrary.lastError())
        }
        defer { X509_STORE_CTX_free(context) }
        try Self.check(
            X509_STORE_CTX_init(context, store.raw, leaf.raw, nil), "X509_STORE_CTX_init")
        let parameters = X509_STORE_CTX_get0_param(context)
        X509_VERIFY_PARAM_set_time(parameters, time_t(seconds))
        X509_VERIFY_PARAM_set_depth(parameters, Self.depthMax)
        X509_VERIFY_PARAM_set_auth_level(parameters, Self.securityLevel)
        X509_VERIFY_PARAM_set_purpose(parameters, X509_PURPOSE_ANY)
        X509_VERIFY_PARAM_set_flags(parameters, UInt(flags))
        let isTrusted = X509_verify_cert(context) == 1
        OpenSSLLibrary.clearErrors()
        guard isTrusted else {
            return .untrusted(reason: Self.reason(context, certificate))
        }
        return .trusted(chain: try Self.chain(context))
    }

    private var flags: CInt {
        let always = X509_V_FLAG_CHECK_SS_SIGNATURE
        return checksRevocation
            ? always | X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL : always
    }

    private static func chain(_ context: OpaquePointer) throws(SignaturesError) -> [Certificate] {
        let stack = X509_STORE_CTX_get0_chain(context)
        var chain: [Certificate] = []
        for index in 0..<max(0, OPENSSL_sk_num(stack)) {
            guard let element = OPENSSL_sk_value(stack, index) else { continue }
            chain.append(try Certificate(X509Certificate(sharing: OpaquePointer(element))))
        }
        return chain
    }

    private static func reason(
        _ context: OpaquePointer, _ certificate: Certificate
    ) -> UntrustedReason {
        let code = X509_STORE_CTX_get_error(context)
        let found = X509_STORE_CTX_get_current_cert(context)
        // A name that cannot be written is passed over: the endorser's own says enough.
        let subject = try? found.map { raw throws(SignaturesError) in
            try DistinguishedName.text(X509_get_subject_name(raw))
        }
        return UntrustedReason(code: code, subject: subject ?? certificate.subject)
    }

    private static func check(_ status: CInt, _ operation: String) throws(SignaturesError) {
        guard status == 1 else {
            throw .library(operation: operation, reason: OpenSSLLibrary.lastError())
        }
    }
}

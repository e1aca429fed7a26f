// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL

/// An OpenSSL library context with the provider `pkcs11`, set up as OpenSSL's configuration file
/// and the environment variable `PKCS11_PROVIDER_MODULE` say.
///
/// It is apart from the process's default context: a token's module may itself use OpenSSL, and
/// would then be asked for digests that it is about to compute (SoftHSM blocks for ever). There is
/// one per process, never freed, because a module is initialised once per process.
final class TokenContext: @unchecked Sendable {
    // Sound: set once in init; OpenSSL's library contexts are thread-safe
    // (https://docs.openssl.org/3.0/man7/openssl-threads/).
    let raw: OpaquePointer

    private static let shared = Result { () throws(SignaturesError) in try TokenContext() }

    /// Most objects that are looked at for one URI.
    private static let objectsMax = 256

    /// The process's context.
    static func instance() throws(SignaturesError) -> TokenContext { try shared.get() }

    private init() throws(SignaturesError) {
        OpenSSLLibrary.clearErrors()
        // The provider would ask for a missing PIN at the terminal.
        UI_set_default_method(UI_null())
        guard let context = OSSL_LIB_CTX_new() else {
            throw .library(operation: "OSSL_LIB_CTX_new", reason: OpenSSLLibrary.lastError())
        }
        var providers: [OpaquePointer] = []
        do {
            // The first provider that can do something does it: digests, for one.
            providers.append(try Self.load("default", in: context))
            try Self.configure(context)
            providers.append(try Self.load("pkcs11", in: context))
        } catch {
            providers.forEach { OSSL_PROVIDER_unload($0) }
            OSSL_LIB_CTX_free(context)
            throw error
        }
        raw = context
    }

    private static func configure(_ context: OpaquePointer) throws(SignaturesError) {
        guard let path = CONF_get1_default_config_file() else { return }
        defer { CRYPTO_free(path, nil, 0) }
        guard BoundedFile.exists(String(cString: path)) else { return }
        guard OSSL_LIB_CTX_load_config(context, path) == 1 else {
            throw .noTokenProvider(
                "OpenSSL's configuration file cannot be used: \(OpenSSLLibrary.lastError())")
        }
    }

    private static func load(
        _ name: String, in context: OpaquePointer
    ) throws(SignaturesError) -> OpaquePointer {
        guard let provider = OSSL_PROVIDER_load(context, name) else {
            OpenSSLLibrary.clearErrors()
            throw .noTokenProvider(
                "OpenSSL has no provider '\(name)' (Debian: package pkcs11-provider)")
        }
        return provider
    }

    /// The keys that a URI names. The caller frees them.
    func keys(_ uri: String, pin: PasswordRequest) throws(SignaturesError) -> [OpaquePointer] {
        try objects(uri, kind: OSSL_STORE_INFO_PKEY, pin) { OSSL_STORE_INFO_get1_PKEY($0) }
    }

    /// The certificates that a URI names, DER.
    func certificates(_ uri: String, pin: PasswordRequest) throws(SignaturesError) -> [[UInt8]] {
        let found = try objects(uri, kind: OSSL_STORE_INFO_CERT, pin) {
            OSSL_STORE_INFO_get1_CERT($0)
        }
        var certificates: [[UInt8]] = []
        for raw in found {
            // One that cannot be encoded again is of no use.
            if let der = try? X509Certificate(adopting: raw).der() { certificates.append(der) }
        }
        return certificates
    }

    private func objects(
        _ uri: String, kind: CInt, _ pin: PasswordRequest,
        _ extract: (OpaquePointer) -> OpaquePointer?
    ) throws(SignaturesError) -> [OpaquePointer] {
        OpenSSLLibrary.clearErrors()
        defer { OpenSSLLibrary.clearErrors() }
        guard let dialogue = UI_UTIL_wrap_read_pem_callback(answerPassword, 0) else {
            throw .library(
                operation: "UI_UTIL_wrap_read_pem_callback", reason: OpenSSLLibrary.lastError())
        }
        defer { UI_destroy_method(dialogue) }
        return try pin.withContext { context throws(SignaturesError) in
            let store = OSSL_STORE_open_ex(uri, raw, nil, dialogue, context, nil, nil, nil)
            guard let store else {
                throw .noTokenProvider(
                    "its module cannot be loaded: PKCS11_PROVIDER_MODULE must be the path of one")
            }
            defer { OSSL_STORE_close(store) }
            guard OSSL_STORE_expect(store, kind) == 1 else {
                throw .library(operation: "OSSL_STORE_expect", reason: OpenSSLLibrary.lastError())
            }
            var found: [OpaquePointer] = []
            while OSSL_STORE_eof(store) == 0, found.count < Self.objectsMax {
                guard let info = OSSL_STORE_load(store) else { break }
                defer { OSSL_STORE_INFO_free(info) }
                if let object = extract(info) { found.append(object) }
            }
            return found
        }
    }
}

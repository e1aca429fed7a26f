// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL

/// An OpenSSL library context with the `legacy` provider, which has the ciphers of old key files
/// (RC2-40, single DES). The process's default context never gets it.
struct LegacyContext: ~Copyable {
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

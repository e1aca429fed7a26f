// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL

/// OpenSSL's per-thread error queue.
enum OpenSSLLibrary {
    static func clearErrors() {
        ERR_clear_error()
    }

    /// The newest error's reason, in OpenSSL's words; empties the queue. Never holds a secret.
    static func lastError() -> String {
        let code = ERR_peek_last_error()
        ERR_clear_error()
        guard code != 0, let reason = ERR_reason_error_string(code) else { return "unknown error" }
        return String(cString: reason)
    }

    /// Frees what OpenSSL allocated for its caller (`OPENSSL_free` is a macro).
    static func free(_ memory: UnsafeMutablePointer<UInt8>) {
        CRYPTO_free(memory, nil, 0)
    }

    /// Overwrites a secret and frees it.
    static func freeSecret(_ memory: UnsafeMutablePointer<UInt8>, length: Int) {
        CRYPTO_clear_free(memory, length, nil, 0)
    }
}

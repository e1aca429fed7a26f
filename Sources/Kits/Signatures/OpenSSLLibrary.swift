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

    /// The reason in an error code (`ERR_GET_REASON` is a macro), one of `EVP_R_...` and its kin.
    static func reason(of code: UInt) -> Int {
        Int(code & 0x7F_FFFF)
    }

    /// The reasons of all errors in the queue, which is emptied.
    static func allReasons() -> [Int] {
        var reasons: [Int] = []
        while case let code = ERR_get_error(), code != 0 { reasons.append(reason(of: code)) }
        return reasons
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

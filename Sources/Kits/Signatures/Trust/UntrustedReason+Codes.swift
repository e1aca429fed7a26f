// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL

extension UntrustedReason {
    /// Reads an `X509_V_ERR` code
    /// (https://docs.openssl.org/3.0/man3/X509_STORE_CTX_get_error/#error-codes).
    init(code: CInt, subject: String) {
        let text = String(cString: X509_verify_cert_error_string(Int(code)))
        self.init(Self.causes[code] ?? .other, text, subject: subject)
    }

    private static let causes: [CInt: Cause] = [
        X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT: .unknownIssuer,
        X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY: .unknownIssuer,
        X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE: .unknownIssuer,
        X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT: .unknownIssuer,
        X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN: .unknownIssuer,
        X509_V_ERR_CERT_HAS_EXPIRED: .expired,
        X509_V_ERR_CERT_NOT_YET_VALID: .notYetValid,
        X509_V_ERR_CERT_REVOKED: .revoked,
        X509_V_ERR_UNABLE_TO_GET_CRL: .noRevocationList,
        X509_V_ERR_UNABLE_TO_GET_CRL_ISSUER: .noRevocationList,
        X509_V_ERR_CRL_HAS_EXPIRED: .revocationListExpired,
        X509_V_ERR_CRL_NOT_YET_VALID: .revocationListNotYetValid,
        X509_V_ERR_CRL_SIGNATURE_FAILURE: .invalidRevocationList,
        X509_V_ERR_UNABLE_TO_DECRYPT_CRL_SIGNATURE: .invalidRevocationList,
        X509_V_ERR_ERROR_IN_CRL_LAST_UPDATE_FIELD: .invalidRevocationList,
        X509_V_ERR_ERROR_IN_CRL_NEXT_UPDATE_FIELD: .invalidRevocationList,
        X509_V_ERR_KEYUSAGE_NO_CRL_SIGN: .invalidRevocationList,
        X509_V_ERR_UNHANDLED_CRITICAL_CRL_EXTENSION: .invalidRevocationList,
        X509_V_ERR_DIFFERENT_CRL_SCOPE: .invalidRevocationList,
        X509_V_ERR_CERT_SIGNATURE_FAILURE: .badSignature,
        X509_V_ERR_UNABLE_TO_DECRYPT_CERT_SIGNATURE: .badSignature,
        X509_V_ERR_INVALID_CA: .notAnAuthority,
        X509_V_ERR_KEYUSAGE_NO_CERTSIGN: .notAnAuthority,
        X509_V_ERR_PATH_LENGTH_EXCEEDED: .notAnAuthority,
        X509_V_ERR_CERT_CHAIN_TOO_LONG: .chainTooLong,
        X509_V_ERR_EE_KEY_TOO_SMALL: .weakAlgorithm,
        X509_V_ERR_CA_KEY_TOO_SMALL: .weakAlgorithm,
        X509_V_ERR_CA_MD_TOO_WEAK: .weakAlgorithm,
        X509_V_ERR_PROXY_CERTIFICATES_NOT_ALLOWED: .notForSigning,
    ]
}

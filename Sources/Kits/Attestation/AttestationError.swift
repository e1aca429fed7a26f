// SPDX-License-Identifier: Apache-2.0
public import Signatures

/// Why something cannot be attested, or keys for it cannot be used. What an attestation is worth
/// is an ``AttestationBreach``.
public enum AttestationError: Error, Sendable, Hashable {
    /// A value without canonical JSON (RFC 8785). Final.
    case notCanonical(String)
    /// A section that a stage's attestation is about is missing or malformed. Final.
    case unfit(String)
    /// A key file cannot be used; says which. Final until someone mends it.
    case key(path: String, SignaturesError)
    /// One key would stand for two stages. Final until someone mends it.
    case sharedKey(String, String)
    /// The statement cannot be signed.
    case signing(SignaturesError)
}

extension AttestationError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .notCanonical(let reason): "no canonical JSON: \(reason)"
        case .unfit(let reason): reason
        case .key(let path, let error): "the key '\(path)': \(error)"
        case .sharedKey(let one, let other):
            "'\(one)' and '\(other)' hold the same key: each stage needs one of its own"
        case .signing(let error): "cannot attest: \(error)"
        }
    }
}

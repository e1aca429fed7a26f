// SPDX-License-Identifier: Apache-2.0
public import Events
import FoundationEssentials
public import Signatures

/// Signing and checking (https://github.com/secure-systems-lab/dsse, protocol version 1.0.2).
extension DSSEEnvelope {
    /// More than anybody needs who changes keys; each costs a check by each key.
    static let signatureMax = 8

    /// Signs a payload.
    ///
    /// - Throws: ``AttestationError/signing(_:)``.
    public init(
        signing payload: [UInt8], type: String, with key: Ed25519PrivateKey
    ) throws(AttestationError) {
        let signature: [UInt8]
        do {
            signature = try key.signature(of: Self.preAuthentication(type: type, body: payload))
        } catch {
            throw .signing(error)
        }
        self.init(
            payloadType: type, payload: Data(payload).base64EncodedString(),
            signatures: [
                Signature(
                    keyid: key.publicKey.identifier, sig: Data(signature).base64EncodedString())
            ])
    }

    /// The payload, when one of the keys has signed it and its type.
    ///
    /// - Returns: nil when none has, or when the envelope is malformed.
    /// - Throws: `SignaturesError` when OpenSSL has no answer.
    public func payload(
        signedByOneOf keys: [Ed25519PublicKey]
    ) throws(SignaturesError) -> [UInt8]? {
        guard (1...Self.signatureMax).contains(signatures.count),
            let body = Self.decoded(payload)
        else { return nil }
        let message = Self.preAuthentication(type: payloadType, body: body)
        for signature in signatures {
            guard let bytes = Self.decoded(signature.sig) else { continue }
            for key in keys where try key.verifies(bytes, of: message) { return body }
        }
        return nil
    }

    /// What is signed: the type and the body, each behind its length, so that neither can be taken
    /// for part of the other (PAE).
    static func preAuthentication(type: String, body: [UInt8]) -> [UInt8] {
        Array("DSSEv1 \(type.utf8.count) \(type) \(body.count) ".utf8) + body
    }

    /// Writers use the standard alphabet; readers have to know the one for URLs, too.
    private static func decoded(_ text: String) -> [UInt8]? {
        let standard = text.replacing("-", with: "+").replacing("_", with: "/")
        return Data(base64Encoded: standard).map { [UInt8]($0) }
    }
}

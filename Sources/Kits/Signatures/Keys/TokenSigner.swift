// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL
internal import CXMLSec

/// Makes XML signatures with a key on a token.
///
/// xmlsec1 1.2 signs only with keys whose private part it can see. So it prepares the signature,
/// digests and canonical form, with a key made for that alone, and the token signs what it prepared.
final class TokenSigner: Sendable {
    private let key: TokenKey
    nonisolated(unsafe) let draftKey: xmlSecKeyPtr
    // Sound: as ``SigningIdentity/key``.

    private static let draftBits: CInt = 2048

    init(_ key: TokenKey) throws(SignaturesError) {
        self.key = key
        let draft = try PrivateKey(generatingBits: Self.draftBits)
        draftKey = try XMLSecLibrary.key(sharing: draft.raw)
    }

    deinit { xmlSecKeyDestroy(draftKey) }

    /// The content of SignatureValue for the canonical form of SignedInfo.
    func value(
        for signedInfo: [UInt8], profile: XMLSignatureProfile
    ) throws(SignaturesError) -> String {
        let digest =
            switch profile {
            case .stratuslab: "SHA1"
            case .modern: "SHA256"
            }
        return Base64.lines(try key.sign(signedInfo, digest: digest))
    }
}

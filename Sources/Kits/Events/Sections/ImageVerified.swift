// SPDX-License-Identifier: Apache-2.0

/// What the verifier adds: the section `verified`.
public struct Verified: Section {
    public static let key = "verified"

    /// The blob whose digests were compared; must equal the fetched one.
    public var blob: BlobReference
    /// Every expectation that was met, in the order request, then checksum files.
    public var evidence: [Evidence]

    public init(blob: BlobReference, evidence: [Evidence]) {
        self.blob = blob
        self.evidence = evidence
    }

    /// One expected digest that the bytes have.
    public struct Evidence: Codable, Sendable, Hashable {
        public var algorithm: DigestAlgorithm
        /// Lower-case hexadecimal.
        public var value: String
        /// `request`, or the URL of the checksum file.
        public var source: String
        /// Line in the checksum file, from 1.
        public var line: Int?
        /// The good signature of a trusted key that the checksum file bears.
        public var signature: Signature?
        /// The form of a signature that nobody has judged: no key is configured for its source.
        public var uncheckedSignature: SignatureFormat?

        public init(
            algorithm: DigestAlgorithm, value: String, source: String, line: Int? = nil,
            signature: Signature? = nil, uncheckedSignature: SignatureFormat? = nil
        ) {
            self.algorithm = algorithm
            self.value = value
            self.source = source
            self.line = line
            self.signature = signature
            self.uncheckedSignature = uncheckedSignature
        }
    }

    /// How a checksum file is signed.
    public enum SignatureFormat: String, Codable, Sendable, Hashable, CaseIterable {
        case openpgp, minisign
    }

    /// Who signed a checksum file, with which key, and when.
    public struct Signature: Codable, Sendable, Hashable {
        public var format: SignatureFormat
        /// OpenPGP: fingerprint of the primary key, in upper-case hexadecimal. Minisign: the
        /// public key as `minisign -P` takes it.
        public var key: String
        /// The key's user ID, which only its owner vouches for; minisign keys have none.
        public var signer: String?
        /// When it was made, as the signer says; minisign signatures may leave it out.
        public var made: Timestamp?

        public init(
            format: SignatureFormat, key: String, signer: String? = nil, made: Timestamp? = nil
        ) {
            self.format = format
            self.key = key
            self.signer = signer
            self.made = made
        }
    }
}

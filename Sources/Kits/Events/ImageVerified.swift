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

        public init(algorithm: DigestAlgorithm, value: String, source: String, line: Int? = nil) {
            self.algorithm = algorithm
            self.value = value
            self.source = source
            self.line = line
        }
    }
}

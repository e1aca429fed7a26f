// SPDX-License-Identifier: Apache-2.0
import BlobStore
import Events
import Signatures
import StratusLab

/// What a metadata document says its image's bytes are.
struct DocumentImage {
    let document: MetadataDocument

    /// What its endorser lets pass.
    var waivers: [Waiver] { Waiver.named(in: document.fields.description) }

    /// - Throws: `CommandFailure` when the bytes are others, or when the document has no digest
    ///   that could tell.
    func check(_ found: FourDigests) throws {
        let fields = document.fields
        if let bytes = fields.bytes, bytes != found.size {
            throw CommandFailure(
                .failed,
                "not the document's image: it has \(bytes) bytes, this one \(found.size)")
        }
        let digests = Fetched.Content(found).digests
        for algorithm in DigestAlgorithm.allCases {
            guard let expected = fields.checksums[algorithm], expected != digests[algorithm] else {
                continue
            }
            throw CommandFailure(
                .failed,
                "not the document's image: its \(algorithm.displayName) is \(expected), this"
                    + " one's \(digests[algorithm])")
        }
        guard fields.checksums.keys.contains(where: \.isStrong) else {
            throw CommandFailure(
                .failed, "the document has neither SHA-256 nor SHA-512 to know its image by")
        }
    }
}

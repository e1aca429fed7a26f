// SPDX-License-Identifier: Apache-2.0

/// A section that describes an image's file: `fetched`, and from the modifier on `modified`.
public protocol ImageSection: Section {
    /// The file.
    var blob: BlobReference { get }
    /// Digests of the file.
    var digests: Digests { get }
    var compression: CompressionKind { get }
    /// The image without its compression; equal to the file's when there is none.
    var uncompressed: Fetched.Content { get }
}

extension Fetched: ImageSection {}
extension Modified: ImageSection {}

extension ImageSection {
    /// Where the description contradicts itself, as can be seen without the bytes; nil when it
    /// does not. The field's path begins with the section.
    public var contradiction: FieldProblem? {
        func problem(_ field: String, _ reason: String) -> FieldProblem {
            FieldProblem(field: "\(Self.key).\(field)", reason: reason)
        }
        if !blob.isWellFormed { return problem("blob", "is no blob reference") }
        if !digests.isWellFormed { return problem("digests", "are no four digests") }
        if digests.sha256 != blob.sha256 { return problem("digests.sha256", "is not the blob's") }
        if uncompressed.size < 0 || !uncompressed.digests.isWellFormed {
            return problem("uncompressed", "is no size with four digests")
        }
        let file = Fetched.Content(size: blob.size, digests: digests)
        if compression == .none && uncompressed != file {
            return problem("uncompressed", "differs from the file although nothing is compressed")
        }
        return nil
    }
}

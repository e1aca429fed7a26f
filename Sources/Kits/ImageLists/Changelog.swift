// SPDX-License-Identifier: Apache-2.0
internal import Events

/// An `image_list.changelog`: one block per commit, newest last; for people, and for recognising
/// publications that were decided before.
///
/// ```
/// serial 41-43, 2026-11-22T15:00:00Z
///   list sha256=<of image_list.txt after it> size=1234
///   added name=cirros version=0.3.4 identifier=... requested=... publication=... ...
///   added name=rescue ... waived=swap:%20it%20is%20empty waived=...
///   removed name=cirros ...
///   superseded name=alpine ... by=<the publication that was there first>
///   withdrawn name=debian ... by=<the withdrawal's publication> at=<its time> reason=...
///   renewed name=fedora ... at=<the renewal's time>
/// ```
///
/// What was added in place of an entry stands beside the `removed` line of that one, and so does
/// what was renewed.
///
/// Blank lines and lines that begin with `#` are anybody's.
public struct Changelog: Sendable, Hashable {
    public let name: String
    /// Oldest first.
    public let batches: [ChangelogBatch]
    /// The file as it was read; a new block goes after it.
    private let bytes: [UInt8]

    /// The largest file that is read, in bytes.
    public static let bytesMax = 256 << 20

    /// - Throws: ``ImageListsError/tooLarge(file:bytes:)``,
    ///   ``ImageListsError/malformedChangelog(line:reason:)``.
    public init(name: String, parsing bytes: [UInt8]) throws(ImageListsError) {
        guard bytes.count <= Self.bytesMax else {
            throw .tooLarge(file: "changelog", bytes: bytes.count)
        }
        self.name = name
        self.bytes = bytes
        var batches: [ChangelogBatch] = []
        let lines = bytes.split(separator: 10, omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() where !line.isEmpty && line.first != 35 {
            do throws(ChangelogLine.Problem) {
                try ChangelogLine.read(EntryBlock.text(line), into: &batches)
            } catch {
                throw .malformedChangelog(line: index + 1, reason: error.reason)
            }
        }
        self.batches = batches
    }

    /// The file with one more block at its end; not a byte of the others changes.
    public func rendered(adding batch: ChangelogBatch) -> [UInt8] {
        var result = bytes
        if result.isEmpty {
            result += "# Changelog of the image list \(name), newest last.\n".utf8
        } else if result.last != 10 {
            result.append(10)
        }
        for line in [""] + ChangelogLine.lines(of: batch) {
            result += line.utf8
            result.append(10)
        }
        return result
    }
}

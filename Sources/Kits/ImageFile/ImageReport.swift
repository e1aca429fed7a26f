// SPDX-License-Identifier: Apache-2.0

/// What an image's bytes are, and what makes them dangerous or unusable.
public struct ImageReport: Sendable, Hashable {
    public var format: DiskFormat
    /// Size of the disk that a guest sees, in bytes; of an archive, its own length.
    public var virtualSize: Int
    /// Empty for an image that other programs may open.
    public var findings: [ImageFinding]

    init(_ format: DiskFormat, virtualSize: Int, findings: [ImageFinding] = []) {
        self.format = format
        self.virtualSize = virtualSize
        self.findings = findings
    }
}

/// One reason why no other program should open an image.
public struct ImageFinding: Sendable, Hashable {
    /// What kind of danger; stable words for programs.
    public enum Rule: String, Sendable, Hashable, CaseIterable {
        /// Needs another file below it, which the image names.
        case backingFile = "backing-file"
        /// Keeps its data in another file, which the image names.
        case externalData = "external-data"
        case encrypted
        /// More internal snapshots than ``ImageLimits/snapshotsMax``.
        case snapshots
        /// A disk of no size, or larger than ``ImageLimits/virtualBytesMax``.
        case virtualSize = "virtual-size"
        /// A table larger than any image needs.
        case tableSize = "table-size"
        /// Refers to places beyond the file's end.
        case truncated
        /// Bytes of two formats: two programs would see two different disks.
        case ambiguous
        /// Contradicts its own format.
        case malformed
        /// Was not closed cleanly, or is marked corrupt.
        case unclean
        /// A variant or feature that is not looked into, so nobody can say it is safe.
        case unsupported
    }

    public var rule: Rule
    /// One sentence for people.
    public var message: String

    public init(_ rule: Rule, _ message: String) {
        self.rule = rule
        self.message = message
    }
}

extension ImageFinding: CustomStringConvertible {
    public var description: String { "\(rule.rawValue): \(message)" }
}

// SPDX-License-Identifier: Apache-2.0

/// The ways of compression that published images use.
public enum CompressionFormat: String, Sendable, Hashable, CaseIterable {
    /// RFC 1952, any number of members.
    case gz
    /// bzip2 1.0, any number of streams.
    case bz2
    /// The .xz file format 1.1, any number of streams and stream padding.
    case xz
    /// RFC 8878, any number of frames, skippable ones too.
    case zstd

    /// Bytes that ``init(prefix:)`` wants to see.
    public static let prefixBytes = 6

    /// Recognises a format by a file's first bytes; nil when it is none of these.
    ///
    /// - Parameter prefix: the first ``prefixBytes`` bytes, or the whole file when it is shorter.
    public init?(prefix: some Sequence<UInt8>) {
        let bytes = Array(prefix.prefix(Self.prefixBytes))
        if bytes.starts(with: [0x1f, 0x8b, 0x08]) {
            self = .gz
        } else if bytes.starts(with: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]) {
            self = .xz
        } else if bytes.starts(with: [0x28, 0xb5, 0x2f, 0xfd]) || Self.isSkippableFrame(bytes) {
            self = .zstd
        } else if Self.isBzip2(bytes) {
            self = .bz2
        } else {
            return nil
        }
    }

    /// `BZh`, the level, then the first bytes of a block or, in an empty file, of the end.
    private static func isBzip2(_ bytes: [UInt8]) -> Bool {
        guard bytes.count == prefixBytes, bytes.starts(with: Array("BZh".utf8)),
            (UInt8(ascii: "1")...UInt8(ascii: "9")).contains(bytes[3])
        else { return false }
        return bytes[4...].elementsEqual([0x31, 0x41]) || bytes[4...].elementsEqual([0x17, 0x72])
    }

    /// What pzstd begins its files with (RFC 8878 section 3.1.2).
    private static func isSkippableFrame(_ bytes: [UInt8]) -> Bool {
        bytes.count >= 4 && bytes[0] & 0xf0 == 0x50
            && bytes[1...3].elementsEqual([0x2a, 0x4d, 0x18])
    }
}

// SPDX-License-Identifier: Apache-2.0

/// The two levels of tables that say where a qcow2 file keeps each cluster of the disk. Every
/// place they name must lie in the file: `qemu-img convert` gives zeros for those that do not,
/// without a word.
struct QCOW2Tables {
    private let header: QCOW2.Header
    private let source: any ByteSource

    /// Bits 9 to 55 of an entry: an offset in the file.
    private static let offsetMask: UInt64 = 0x00FF_FFFF_FFFF_FE00
    private static let compressed: UInt64 = 1 << 62

    init(_ header: QCOW2.Header, _ source: any ByteSource) {
        self.header = header
        self.source = source
    }

    func findings() throws(ImageFileError) -> [ImageFinding] {
        let first = FieldReader(
            try source.read(at: header.l1Offset, count: header.l1Entries * 8))
        // Each second-level table belongs to one entry: many entries for one table would make
        // a small file cost as much to look at as a large one. Nor is one of them the first level
        // or the reference counts'.
        var seen: Set<Int> = [header.l1Offset, header.refcountOffset]
        for index in 0..<header.l1Entries {
            let offset = (first.big64(index * 8) & Self.offsetMask).clamped
            if offset == 0 { continue }
            guard offset % header.clusterBytes == 0, seen.insert(offset).inserted else {
                return [ImageFinding(.malformed, "the L1 table names a table twice or askew")]
            }
            guard source.size - offset >= header.clusterBytes else {
                return [ImageFinding(.truncated, "an L2 table lies beyond the file's end")]
            }
            if let finding = try finding(inTableAt: offset) { return [finding] }
        }
        return []
    }

    private func finding(inTableAt offset: Int) throws(ImageFileError) -> ImageFinding? {
        let table = FieldReader(try source.read(at: offset, count: header.clusterBytes))
        var entry = 0
        while entry < header.clusterBytes {
            let value = table.big64(entry)
            entry += header.l2EntryBytes
            if value == 0 { continue }
            let isInside =
                value & Self.compressed == 0 ? standardIsInside(value) : compressedIsInside(value)
            guard isInside else {
                return ImageFinding(.truncated, "a cluster lies beyond the file's end")
            }
        }
        return nil
    }

    /// The last cluster may be cut short: what follows its last byte reads as zero.
    private func standardIsInside(_ entry: UInt64) -> Bool {
        (entry & Self.offsetMask).clamped < source.size
    }

    /// Offset and number of additional sectors share 62 bits; where they part depends on the
    /// cluster's size.
    private func compressedIsInside(_ entry: UInt64) -> Bool {
        let offsetBits = UInt64(62 - (header.clusterBits - 8))
        return (entry & (1 << offsetBits - 1)).clamped < source.size
    }
}

// SPDX-License-Identifier: Apache-2.0

/// The grain directory and the grain tables of a sparse VMDK: every place they name must lie in
/// the file. Programs give zeros for those that do not, without a word.
struct VMDKTables {
    /// The header, or the footer that stands for it.
    let fields: FieldReader
    let source: any ByteSource

    private static let entriesOfTable = 512
    /// Stands for a grain of zeros.
    private static let zeros: UInt32 = 1

    func findings() throws(ImageFileError) -> [ImageFinding] {
        let disk = fields.little64(12).sectors
        // At most 2^14 sectors by what is checked before, so this stays small.
        let covered = Int(fields.little64(20)) * 512 * Self.entriesOfTable
        let count = disk / covered + (disk % covered > 0 ? 1 : 0)
        guard count * 4 <= ImageLimits.readBytesMax else {
            return [ImageFinding(.tableSize, "the grain directory has \(count) entries")]
        }
        let bytes = try source.read(at: fields.little64(56).sectors, count: count * 4)
        guard bytes.count == count * 4 else {
            return [ImageFinding(.truncated, "the grain directory lies beyond the file's end")]
        }
        let directory = FieldReader(bytes)
        // Many entries for one table would make a small file cost as much as a large one.
        var seen: Set<UInt32> = []
        for index in 0..<count {
            let sector = directory.little32(index * 4)
            if sector == 0 { continue }
            guard seen.insert(sector).inserted else {
                return [ImageFinding(.malformed, "the grain directory names a table twice")]
            }
            if let finding = try finding(inTableAt: UInt64(sector).sectors) { return [finding] }
        }
        return []
    }

    private func finding(inTableAt offset: Int) throws(ImageFileError) -> ImageFinding? {
        let bytes = try source.read(at: offset, count: Self.entriesOfTable * 4)
        guard bytes.count == Self.entriesOfTable * 4 else {
            return ImageFinding(.truncated, "a grain table lies beyond the file's end")
        }
        let table = FieldReader(bytes)
        for index in 0..<Self.entriesOfTable {
            let sector = table.little32(index * 4)
            if sector > Self.zeros, UInt64(sector).sectors >= source.size {
                return ImageFinding(.truncated, "a grain lies beyond the file's end")
            }
        }
        return nil
    }
}

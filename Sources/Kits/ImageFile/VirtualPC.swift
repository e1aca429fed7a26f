// SPDX-License-Identifier: Apache-2.0

/// Microsoft's VHD: a footer of 512 bytes, and for dynamic disks a header and a table of blocks
/// (Virtual Hard Disk Image Format Specification 1.0). Numbers are big-endian.
enum VirtualPC {
    static let magic = Array("conectix".utf8)
    private static let headerMagic = Array("cxsparse".utf8)
    private static let blockEntriesMax = 1 << 22

    private enum Kind {
        static let fixed: UInt32 = 2
        static let dynamic: UInt32 = 3
        static let differencing: UInt32 = 4
    }

    static func report(_ source: any ByteSource) throws(ImageFileError) -> ImageReport {
        let footer = FieldReader(try source.read(at: max(0, source.size - 512), count: 512))
        let size = footer.big64(48).clamped
        var report = ImageReport(.vpc, virtualSize: size)
        guard footer.slice(0, 8).elementsEqual(magic) else {
            report = ImageReport(.vpc, virtualSize: source.size)
            report.findings = [ImageFinding(.truncated, "the footer at the end is missing")]
            return report
        }
        guard footer.big32(64) == checksum(of: footer, at: 64, bytes: 512) else {
            report.findings = [ImageFinding(.malformed, "the footer's checksum is wrong")]
            return report
        }
        switch footer.big32(60) {
        case Kind.fixed:
            if size > source.size - 512 {
                report.findings = [ImageFinding(.truncated, "the disk is longer than the file")]
            }
        case Kind.dynamic:
            report.findings = try dynamic(source, at: footer.big64(16).clamped, size)
        case Kind.differencing:
            report.findings = [ImageFinding(.backingFile, "the image needs a parent")]
        default: report.findings = [ImageFinding(.unsupported, "the kind of disk is not known")]
        }
        return report
    }

    private static func dynamic(
        _ source: any ByteSource, at offset: Int, _ size: Int
    ) throws(ImageFileError) -> [ImageFinding] {
        let header = FieldReader(try source.read(at: offset, count: 1024))
        guard header.slice(0, 8).elementsEqual(headerMagic), header.count == 1024,
            header.big32(36) == checksum(of: header, at: 36, bytes: 1024)
        else {
            return [ImageFinding(.malformed, "the dynamic header is missing or damaged")]
        }
        let (table, entries) = (header.big64(16).clamped, Int(header.big32(28)))
        let block = Int(header.big32(32))
        guard block >= 512, block & (block - 1) == 0 else {
            return [ImageFinding(.malformed, "the block size is impossible")]
        }
        guard entries <= blockEntriesMax else {
            return [ImageFinding(.tableSize, "the block table has \(entries) entries")]
        }
        guard entries >= size / block else {
            return [ImageFinding(.malformed, "the block table is too small for the disk")]
        }
        guard table <= source.size - entries * 4 else {
            return [ImageFinding(.truncated, "the block table lies beyond the file's end")]
        }
        let blocks = FieldReader(try source.read(at: table, count: entries * 4))
        for index in 0..<entries {
            let sector = blocks.big32(index * 4)
            if sector != .max, UInt64(sector).sectors >= source.size {
                return [ImageFinding(.truncated, "a block lies beyond the file's end")]
            }
        }
        return []
    }

    /// The one's complement of the sum of all bytes but its own four.
    private static func checksum(of fields: FieldReader, at offset: Int, bytes: Int) -> UInt32 {
        var sum: UInt32 = 0
        for index in 0..<bytes where !(offset..<offset + 4).contains(index) {
            sum &+= UInt32(fields.byte(index))
        }
        return ~sum
    }
}

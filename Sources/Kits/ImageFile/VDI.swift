// SPDX-License-Identifier: Apache-2.0

/// VirtualBox's VDI, as its sources (`VDICore.h`) and QEMU's `block/vdi.c` describe it. Numbers
/// are little-endian.
enum VDI {
    static let magic: UInt32 = 0xBEDA_107F
    private static let blocksMax = 1 << 25

    private enum Kind {
        static let dynamic: UInt32 = 1
        static let fixed: UInt32 = 2
    }

    static func report(_ source: any ByteSource) throws(ImageFileError) -> ImageReport {
        let fields = FieldReader(try source.read(at: 0, count: 512))
        var report = ImageReport(.vdi, virtualSize: fields.little64(368).clamped)
        let kind = fields.little32(76)
        guard fields.little32(68) >> 16 == 1 else {
            report.findings = [ImageFinding(.unsupported, "the version is not known")]
            return report
        }
        guard kind == Kind.dynamic || kind == Kind.fixed else {
            report.findings = [ImageFinding(.backingFile, "the image needs a parent")]
            return report
        }
        // The identifiers of the image this one was made from, and of its parent.
        if fields.slice(424, 32).contains(where: { $0 != 0 }) {
            report.findings.append(ImageFinding(.backingFile, "the image names a parent"))
        }
        report.findings += try blocks(fields, source, report.virtualSize)
        return report
    }

    private static func blocks(
        _ fields: FieldReader, _ source: any ByteSource, _ size: Int
    ) throws(ImageFileError) -> [ImageFinding] {
        let (table, data) = (Int(fields.little32(340)), Int(fields.little32(344)))
        let (block, count) = (Int(fields.little32(376)), Int(fields.little32(384)))
        guard block >= 512, block & (block - 1) == 0, count >= size / block else {
            return [ImageFinding(.malformed, "the block size or count is impossible")]
        }
        guard count <= blocksMax else {
            return [ImageFinding(.tableSize, "the block table has \(count) entries")]
        }
        var offset = table
        var left = count
        while left > 0 {
            let bytes = min(left * 4, ImageLimits.readBytesMax)
            guard offset <= source.size - bytes else {
                return [ImageFinding(.truncated, "the block table lies beyond the file's end")]
            }
            let entries = FieldReader(try source.read(at: offset, count: bytes))
            for index in 0..<bytes / 4 {
                let place = entries.little32(index * 4)
                // The two largest numbers stand for blocks that are not stored. Blocks have at
                // most 2^31 bytes, so the sum stays below 2^63.
                if place < 0xFFFF_FFFE, data + Int(place) * block >= source.size {
                    return [ImageFinding(.truncated, "a block lies beyond the file's end")]
                }
            }
            offset += bytes
            left -= bytes / 4
        }
        return []
    }
}

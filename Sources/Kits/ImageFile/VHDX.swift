// SPDX-License-Identifier: Apache-2.0

/// Microsoft's VHDX ([MS-VHDX]). Numbers are little-endian.
enum VHDX {
    static let magic = Array("vhdxfile".utf8)
    private static let headers = [64 << 10, 128 << 10]
    private static let regionTables = [192 << 10, 256 << 10]
    private static let regionEntriesMax = 2047
    private static let metadataEntriesMax = 2047

    /// GUIDs as they lie in the file: the first three fields little-endian.
    private enum Item {
        /// 8B7CA206-4790-4B9A-B8FE-575F050F886E
        static let metadataRegion: [UInt8] = [
            0x06, 0xA2, 0x7C, 0x8B, 0x90, 0x47, 0x9A, 0x4B, 0xB8, 0xFE, 0x57, 0x5F, 0x05, 0x0F,
            0x88, 0x6E,
        ]
        /// CAA16737-FA36-4D43-B3B6-33F0AA44E76B
        static let fileParameters: [UInt8] = [
            0x37, 0x67, 0xA1, 0xCA, 0x36, 0xFA, 0x43, 0x4D, 0xB3, 0xB6, 0x33, 0xF0, 0xAA, 0x44,
            0xE7, 0x6B,
        ]
        /// 2FA54224-CD1B-4876-B211-5DBED83BF4B8
        static let diskSize: [UInt8] = [
            0x24, 0x42, 0xA5, 0x2F, 0x1B, 0xCD, 0x76, 0x48, 0xB2, 0x11, 0x5D, 0xBE, 0xD8, 0x3B,
            0xF4, 0xB8,
        ]
    }

    static func report(_ source: any ByteSource) throws(ImageFileError) -> ImageReport {
        guard let region = try metadataRegion(source) else {
            return ImageReport(
                .vhdx, virtualSize: source.size,
                findings: [ImageFinding(.malformed, "there is no usable region table")])
        }
        guard region <= source.size - (64 << 10) else {
            return ImageReport(
                .vhdx, virtualSize: source.size,
                findings: [ImageFinding(.truncated, "the metadata lies beyond the file's end")])
        }
        let table = FieldReader(try source.read(at: region, count: 64 << 10))
        var report = ImageReport(.vhdx, virtualSize: 0)
        guard table.slice(0, 8).elementsEqual(Array("metadata".utf8)) else {
            report.findings = [ImageFinding(.malformed, "the metadata has no table")]
            return report
        }
        for index in 0..<min(Int(table.little16(10)), metadataEntriesMax) {
            let entry = 32 + index * 32
            let item = Array(table.slice(entry, 16))
            let place = region + Int(table.little32(entry + 16))
            if item == Item.fileParameters {
                let value = FieldReader(try source.read(at: place, count: 8))
                if value.little32(4) & 2 != 0 {
                    report.findings.append(ImageFinding(.backingFile, "the image needs a parent"))
                }
            } else if item == Item.diskSize {
                let value = FieldReader(try source.read(at: place, count: 8))
                report.virtualSize = value.little64(0).clamped
            }
        }
        if try hasLog(source) {
            report.findings.append(ImageFinding(.unclean, "the image was not closed cleanly"))
        }
        return report
    }

    /// Where the metadata is, by the first region table that is one.
    private static func metadataRegion(_ source: any ByteSource) throws(ImageFileError) -> Int? {
        for offset in regionTables {
            let table = FieldReader(try source.read(at: offset, count: 64 << 10))
            guard table.slice(0, 4).elementsEqual(Array("regi".utf8)) else { continue }
            for index in 0..<min(Int(table.little32(8)), regionEntriesMax) {
                let entry = 16 + index * 32
                if Array(table.slice(entry, 16)) == Item.metadataRegion {
                    return table.little64(entry + 16).clamped
                }
            }
        }
        return nil
    }

    /// Whether the newer of the two headers names a log that has to be replayed.
    private static func hasLog(_ source: any ByteSource) throws(ImageFileError) -> Bool {
        var newest: (sequence: UInt64, hasLog: Bool)?
        for offset in headers {
            let header = FieldReader(try source.read(at: offset, count: 4096))
            guard header.slice(0, 4).elementsEqual(Array("head".utf8)) else { continue }
            let sequence = header.little64(8)
            if newest.map({ sequence > $0.sequence }) ?? true {
                newest = (sequence, header.slice(48, 16).contains { $0 != 0 })
            }
        }
        return newest?.hasLog ?? true
    }
}

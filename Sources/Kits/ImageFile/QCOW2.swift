// SPDX-License-Identifier: Apache-2.0

/// The header of a qcow2 file, versions 2 and 3
/// (https://www.qemu.org/docs/master/interop/qcow2.html). Numbers are big-endian.
enum QCOW2 {
    static let magic: [UInt8] = [0x51, 0x46, 0x49, 0xFB]

    /// QEMU's own limits of the reference-count table and of the snapshots.
    private static let refcountTableBytesMax = 8 << 20
    private static let snapshotsMax = 65_536

    private enum Feature {
        static let dirty: UInt64 = 1 << 0
        static let corrupt: UInt64 = 1 << 1
        static let externalData: UInt64 = 1 << 2
        static let compressionType: UInt64 = 1 << 3
        static let extendedL2: UInt64 = 1 << 4
        static let known = dirty | corrupt | externalData | compressionType | extendedL2
    }

    private enum Extension {
        static let end: UInt32 = 0
        static let externalData: UInt32 = 0x4441_5441
        static let encryption: UInt32 = 0x0537_BE77
    }

    /// The fields that matter, as they stand in the file.
    struct Header {
        var version: Int
        var backingOffset: Int
        var clusterBits: Int
        var size: Int
        var encryption: UInt32
        var l1Entries: Int
        var l1Offset: Int
        var refcountOffset: Int
        var refcountClusters: Int
        var snapshots: Int
        var snapshotsOffset: Int
        var incompatible: UInt64
        var length: Int

        init(_ fields: FieldReader) {
            version = Int(fields.big32(4))
            backingOffset = fields.big64(8).clamped
            clusterBits = Int(fields.big32(20))
            size = fields.big64(24).clamped
            encryption = fields.big32(32)
            l1Entries = Int(fields.big32(36))
            l1Offset = fields.big64(40).clamped
            refcountOffset = fields.big64(48).clamped
            refcountClusters = Int(fields.big32(56))
            snapshots = Int(fields.big32(60))
            snapshotsOffset = fields.big64(64).clamped
            incompatible = version >= 3 ? fields.big64(72) : 0
            length = version >= 3 ? Int(fields.big32(100)) : 72
        }

        var clusterBytes: Int { 1 << clusterBits }
        /// Bytes of an entry of a second-level table.
        var l2EntryBytes: Int { incompatible & Feature.extendedL2 == 0 ? 8 : 16 }
    }

    static func report(
        _ source: any ByteSource, _ limits: ImageLimits
    ) throws(ImageFileError) -> ImageReport {
        let header = Header(FieldReader(try source.read(at: 0, count: 112)))
        var report = ImageReport(.qcow2, virtualSize: header.size)
        report.findings = dangers(header, limits)
        guard (9...21).contains(header.clusterBits), header.length >= 72,
            header.length <= header.clusterBytes
        else {
            report.findings.append(
                ImageFinding(.malformed, "the header has an impossible cluster or header size"))
            return report
        }
        report.findings += try extensions(header, source)
        report.findings += tables(header, fileBytes: source.size)
        guard report.findings.isEmpty else { return report }
        report.findings = try QCOW2Tables(header, source).findings()
        return report
    }

    /// What the header itself says.
    private static func dangers(_ header: Header, _ limits: ImageLimits) -> [ImageFinding] {
        var findings: [ImageFinding] = []
        if header.backingOffset != 0 {
            findings.append(ImageFinding(.backingFile, "the image needs a backing file"))
        }
        if header.encryption != 0 {
            findings.append(ImageFinding(.encrypted, "the image is encrypted"))
        }
        if header.incompatible & Feature.externalData != 0 {
            findings.append(ImageFinding(.externalData, "the image keeps its data elsewhere"))
        }
        if header.incompatible & Feature.corrupt != 0 {
            findings.append(ImageFinding(.unclean, "the image is marked corrupt"))
        }
        if header.incompatible & Feature.dirty != 0 {
            findings.append(ImageFinding(.unclean, "the image was not closed cleanly"))
        }
        if header.incompatible & ~Feature.known != 0 {
            findings.append(
                ImageFinding(.unsupported, "the image needs features that are not known"))
        }
        if header.snapshots > limits.snapshotsMax {
            findings.append(
                ImageFinding(
                    .snapshots,
                    "the image holds \(header.snapshots) internal snapshots; at most "
                        + "\(limits.snapshotsMax) are allowed"))
        }
        return findings
    }

    /// The header's extensions, between the header and the end of the first cluster.
    private static func extensions(
        _ header: Header, _ source: any ByteSource
    ) throws(ImageFileError) -> [ImageFinding] {
        let fields = FieldReader(try source.read(at: 0, count: header.clusterBytes))
        var offset = header.length
        for _ in 0..<ImageLimits.extensionsMax {
            guard offset + 8 <= fields.count else { return [] }
            let length = Int(fields.big32(offset + 4))
            switch fields.big32(offset) {
            case Extension.end: return []
            case Extension.externalData:
                return [ImageFinding(.externalData, "the image names an external data file")]
            case Extension.encryption:
                return [ImageFinding(.encrypted, "the image has an encryption header")]
            default: offset += 8 + (length + 7) / 8 * 8
            }
            guard offset <= header.clusterBytes else {
                return [ImageFinding(.malformed, "a header extension leaves the first cluster")]
            }
        }
        return [ImageFinding(.malformed, "the header has too many extensions")]
    }

    /// Sizes and places of the tables that the header names.
    private static func tables(_ header: Header, fileBytes: Int) -> [ImageFinding] {
        var findings: [ImageFinding] = []
        let (l1Bytes, refcountBytes) = (
            header.l1Entries * 8,
            header.refcountClusters.multipliedReportingOverflow(
                by: header.clusterBytes)
        )
        if l1Bytes > ImageLimits.readBytesMax {
            findings.append(ImageFinding(.tableSize, "the L1 table has \(l1Bytes) bytes"))
        }
        if refcountBytes.overflow || refcountBytes.partialValue > refcountTableBytesMax {
            findings.append(ImageFinding(.tableSize, "the reference-count table is too large"))
        }
        if header.snapshots > snapshotsMax {
            findings.append(ImageFinding(.tableSize, "the snapshot table is too large"))
        }
        guard findings.isEmpty else { return findings }
        let covered = header.clusterBytes.multipliedReportingOverflow(
            by: header.clusterBytes / header.l2EntryBytes)
        let whole = covered.overflow ? Int.max : covered.partialValue
        let needed = header.size > 0 ? (header.size - 1) / whole + 1 : 0
        if header.l1Entries < needed {
            findings.append(
                ImageFinding(.malformed, "the L1 table is too small for the disk's size"))
        }
        for (name, offset, bytes) in [
            ("L1 table", header.l1Offset, l1Bytes),
            ("reference-count table", header.refcountOffset, refcountBytes.partialValue),
        ] where bytes > 0 {
            if offset % header.clusterBytes != 0 {
                findings.append(ImageFinding(.malformed, "the \(name) is not aligned"))
            } else if offset > fileBytes || bytes > fileBytes - offset {
                findings.append(ImageFinding(.truncated, "the \(name) lies beyond the end"))
            }
        }
        return findings
    }
}

// SPDX-License-Identifier: Apache-2.0

/// Tells what a disk image is from its bytes, never from its name or anybody's word, and looks
/// for structure that would lead another program astray: a name of another file to open, a size
/// to fill the disk with, tables to fill the memory with, places beyond the end.
///
/// Nothing is executed and nothing but the image is read, with bounded effort.
public enum ImageProbe {
    /// - Throws: ``ImageFileError`` when the bytes cannot be read; what they are is in the report.
    public static func report(
        on source: any ByteSource, limits: ImageLimits = .standard
    ) throws(ImageFileError) -> ImageReport {
        let found = try signatures(source)
        guard let format = found.first else {
            return checked(
                ImageReport(.raw, virtualSize: source.size), limits: limits)
        }
        var report = try report(of: format, source, limits)
        if found.count > 1 {
            let names = found.map(\.rawValue).joined(separator: ", ")
            report.findings.insert(
                ImageFinding(.ambiguous, "the bytes are of several formats: \(names)"), at: 0)
        }
        return checked(report, limits: limits)
    }

    /// Whether a file that begins with `head` has to be looked at as a whole; of any other, its
    /// first ``headBytes`` and last ``footBytes`` suffice.
    public static func needsWhole(head: [UInt8]) -> Bool {
        if head.starts(with: QCOW2.magic) || VMDK.isSignature(head) || TarArchive.isHeader(head) {
            return true
        }
        return head.starts(with: VirtualPC.magic) || head.starts(with: VHDX.magic)
            || FieldReader(head).little32(64) == VDI.magic
    }

    /// Bytes that hold every signature at a file's beginning, and ISO 9660's descriptors.
    public static let headBytes = ISO9660.firstDescriptor + ISO9660.descriptorsMax * 2048
    /// Bytes that hold every signature at a file's end.
    public static let footBytes = 512

    private static func report(
        of format: DiskFormat, _ source: any ByteSource, _ limits: ImageLimits
    ) throws(ImageFileError) -> ImageReport {
        switch format {
        case .qcow2: try QCOW2.report(source, limits)
        case .vmdk: try VMDK.report(source)
        case .vpc: try VirtualPC.report(source)
        case .vhdx: try VHDX.report(source)
        case .vdi: try VDI.report(source)
        case .iso: try ISO9660.report(source)
        case .tar: try TarArchive.report(source)
        case .other, .raw:
            ImageReport(
                .other, virtualSize: source.size,
                findings: [
                    ImageFinding(.unsupported, "the format is recognised, but not supported")
                ])
        }
    }

    private static func checked(_ report: ImageReport, limits: ImageLimits) -> ImageReport {
        var report = report
        if report.virtualSize <= 0 {
            report.findings.append(ImageFinding(.virtualSize, "the disk has no size"))
        } else if report.virtualSize > limits.virtualBytesMax {
            report.findings.append(
                ImageFinding(
                    .virtualSize,
                    "the disk has \(report.virtualSize) bytes; at most "
                        + "\(limits.virtualBytesMax) are allowed"))
        }
        return report
    }

    /// Every format whose signature the bytes bear; more than one is an attempt to be two things.
    private static func signatures(
        _ source: any ByteSource
    ) throws(ImageFileError) -> [DiskFormat] {
        let head = try source.read(at: 0, count: 1024)
        let volume = try source.read(at: ISO9660.firstDescriptor, count: 6)
        let foot = try source.read(at: max(0, source.size - footBytes), count: footBytes)
        var found: [DiskFormat] = []
        if head.starts(with: QCOW2.magic) {
            let version = FieldReader(head).big32(4)
            found.append(version == 2 || version == 3 ? .qcow2 : .other)
        }
        if VMDK.isSignature(head) { found.append(.vmdk) }
        if head.starts(with: VirtualPC.magic) || foot.starts(with: VirtualPC.magic) {
            found.append(.vpc)
        }
        if head.starts(with: VHDX.magic) { found.append(.vhdx) }
        if FieldReader(head).little32(64) == VDI.magic { found.append(.vdi) }
        if volume.dropFirst().starts(with: ISO9660.magic) { found.append(.iso) }
        if TarArchive.isHeader(head) { found.append(.tar) }
        if others.contains(where: { head.starts(with: $0) }) { found.append(.other) }
        if foot.starts(with: Array("koly".utf8)) { found.append(.other) }
        return found
    }

    /// First bytes of QED, LUKS, Parallels (two versions), and of compressed files: gzip, bzip2,
    /// xz, zstd, zip, 7z.
    private static let others: [[UInt8]] = [
        [0x51, 0x45, 0x44, 0x00], Array("LUKS".utf8) + [0xBA, 0xBE],
        Array("WithoutFreeSpace".utf8), Array("WithouFreSpacExt".utf8), [0x1F, 0x8B, 0x08],
        Array("BZh".utf8), [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00], [0x28, 0xB5, 0x2F, 0xFD],
        [0x50, 0x4B, 0x03, 0x04], [0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C],
    ]
}

// SPDX-License-Identifier: Apache-2.0

/// VMware's sparse extents and descriptors (VMware Virtual Disk Format 5.0). Numbers are
/// little-endian; sizes and places are in sectors of 512 bytes.
enum VMDK {
    private static let sparseMagic = Array("KDMV".utf8)
    private static let oldSparseMagic = Array("COWD".utf8)
    private static let descriptorMagic = Array("# Disk DescriptorFile".utf8)
    private static let sparseVersions: ClosedRange<UInt32> = 1...3
    /// The grain directory's place is in the footer.
    private static let atEnd = UInt64.max
    /// The kinds whose data lies in the file itself.
    private static let selfContained: Set<String> = ["monolithicsparse", "streamoptimized"]

    static func isSignature(_ head: [UInt8]) -> Bool {
        if head.starts(with: sparseMagic) || head.starts(with: oldSparseMagic) { return true }
        // QEMU passes over comments and blank lines, and takes the file for a VMDK when then
        // comes a version: so would whoever is handed such a file as raw.
        let text = String(decoding: head, as: UTF8.self).lowercased()
        if text.hasPrefix("# disk descriptorfile") { return true }
        for line in text.split(whereSeparator: \.isNewline) {
            let words = line.filter { $0 != " " && $0 != "\t" }
            if words.isEmpty || words.hasPrefix("#") { continue }
            return words.hasPrefix("version=")
        }
        return false
    }

    static func report(_ source: any ByteSource) throws(ImageFileError) -> ImageReport {
        let fields = FieldReader(try source.read(at: 0, count: 512))
        if fields.slice(0, 4).elementsEqual(sparseMagic) {
            return try sparse(fields, source)
        }
        let finding =
            fields.slice(0, 4).elementsEqual(oldSparseMagic)
            ? ImageFinding(.unsupported, "an extent of an ESX server, without its descriptor")
            : ImageFinding(.externalData, "a descriptor that names other files")
        return ImageReport(.vmdk, virtualSize: source.size, findings: [finding])
    }

    private static func sparse(
        _ fields: FieldReader, _ source: any ByteSource
    ) throws(ImageFileError) -> ImageReport {
        var report = ImageReport(.vmdk, virtualSize: fields.little64(12).sectors)
        guard sparseVersions.contains(fields.little32(4)) else {
            report.findings = [ImageFinding(.unsupported, "the extent's version is not known")]
            return report
        }
        if fields.byte(72) != 0 {
            report.findings.append(ImageFinding(.unclean, "the image was not closed cleanly"))
        }
        report.findings += try directory(fields, source)
        let offset = fields.little64(28).sectors
        let length = fields.little64(36).sectors
        guard offset > 0, length > 0 else {
            report.findings.append(
                ImageFinding(.externalData, "an extent without the descriptor that goes with it"))
            return report
        }
        guard length <= ImageLimits.descriptorBytesMax else {
            report.findings.append(ImageFinding(.tableSize, "the descriptor is too long"))
            return report
        }
        guard offset <= source.size - length else {
            report.findings.append(
                ImageFinding(.truncated, "the descriptor lies beyond the file's end"))
            return report
        }
        let bytes = try source.read(at: offset, count: length)
        report.findings += descriptor(String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self))
        return report
    }

    /// The grain directory: where the data's places are.
    private static func directory(
        _ fields: FieldReader, _ source: any ByteSource
    ) throws(ImageFileError) -> [ImageFinding] {
        let (grain, entries) = (fields.little64(20), UInt64(fields.little32(44)))
        guard (8...16_384).contains(grain), grain & (grain - 1) == 0, entries == 512 else {
            return [ImageFinding(.malformed, "the grain size or table length is impossible")]
        }
        guard fields.little64(56) != atEnd else { return try footer(source) }
        guard fields.little64(56).sectors < source.size else {
            return [ImageFinding(.truncated, "the grain directory lies beyond the file's end")]
        }
        return try VMDKTables(fields: fields, source: source).findings()
    }

    /// Stream-optimised: the file ends with a copy of the header, which knows the directory's
    /// place, and a sector that marks the end.
    private static func footer(
        _ source: any ByteSource
    ) throws(ImageFileError) -> [ImageFinding] {
        let missing = [ImageFinding(.truncated, "the footer is missing")]
        guard source.size % 512 == 0, source.size >= 3 * 512 else { return missing }
        let footer = FieldReader(try source.read(at: source.size - 1024, count: 512))
        guard footer.slice(0, 4).elementsEqual(sparseMagic),
            footer.little64(56).sectors < source.size
        else { return missing }
        return (8...16_384).contains(footer.little64(20))
            ? try VMDKTables(fields: footer, source: source).findings()
            : [ImageFinding(.malformed, "the footer contradicts the header")]
    }

    /// The text that says what the image consists of: this file, and nothing else.
    private static func descriptor(_ text: String) -> [ImageFinding] {
        var findings: [ImageFinding] = []
        var (kinds, extents) = ([String](), 0)
        for line in text.split(whereSeparator: \.isNewline) {
            let line = line.trimmingPrefix { $0 == " " || $0 == "\t" }
            let lowered = line.lowercased()
            if let value = value(of: "createtype", in: lowered) { kinds.append(value) }
            if let parent = value(of: "parentcid", in: lowered), parent != "ffffffff" {
                findings.append(ImageFinding(.backingFile, "the image needs a parent"))
            }
            if value(of: "parentfilenamehint", in: lowered) != nil {
                findings.append(ImageFinding(.backingFile, "the descriptor names a parent"))
            }
            let words = lowered.split(separator: " ")
            guard let access = words.first, ["rw", "rdonly", "noaccess"].contains(access) else {
                continue
            }
            extents += 1
            if words.count < 3 || words[2] != "sparse" {
                findings.append(
                    ImageFinding(.externalData, "the descriptor names an extent in another file"))
            }
        }
        if kinds.count != 1 || !selfContained.contains(kinds[0]) {
            findings.append(
                ImageFinding(.externalData, "the image is not one file: \(kinds.prefix(3))"))
        }
        if extents != 1 {
            findings.append(ImageFinding(.externalData, "the image has \(extents) extents"))
        }
        return findings
    }

    private static func value(of key: String, in line: String) -> String? {
        let parts = line.split(separator: "=", maxSplits: 1)
        guard parts.count == 2, parts[0].filter({ $0 != " " }) == key else { return nil }
        return parts[1].filter { $0 != " " && $0 != "\"" }
    }
}

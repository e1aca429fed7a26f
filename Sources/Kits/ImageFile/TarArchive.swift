// SPDX-License-Identifier: Apache-2.0

/// A tar archive (POSIX.1-1988 ustar and GNU), such as an OVA appliance: its members' names,
/// kinds and lengths.
enum TarArchive {
    private static let block = 512
    /// Regular files, and the headers that extend the next member's.
    private static let plainKinds: Set<UInt8> = [0, UInt8(ascii: "0")]
    private static let headerKinds = Set("xgLK".utf8)
    private static let directory = UInt8(ascii: "5")

    static func isHeader(_ head: [UInt8]) -> Bool {
        let fields = FieldReader(head)
        return fields.slice(257, 5).elementsEqual(Array("ustar".utf8)) && isWhole(fields)
    }

    static func report(_ source: any ByteSource) throws(ImageFileError) -> ImageReport {
        var report = ImageReport(.tar, virtualSize: source.size)
        var offset = 0
        for _ in 0..<ImageLimits.tarMembersMax {
            let header = FieldReader(try source.read(at: offset, count: block))
            guard header.count == block else {
                report.findings = [ImageFinding(.truncated, "the archive has no end")]
                return report
            }
            if header.slice(0, block).allSatisfy({ $0 == 0 }) { return report }
            guard isWhole(header), let length = octal(header.slice(124, 12)) else {
                report.findings = [ImageFinding(.malformed, "a member's header is damaged")]
                return report
            }
            if let finding = danger(header) {
                report.findings = [finding]
                return report
            }
            guard length <= source.size - offset - block else {
                report.findings = [ImageFinding(.truncated, "a member is longer than the file")]
                return report
            }
            offset += block + (length + block - 1) / block * block
        }
        report.findings = [ImageFinding(.tableSize, "the archive has too many members")]
        return report
    }

    private static func danger(_ header: FieldReader) -> ImageFinding? {
        let kind = header.byte(156)
        guard plainKinds.contains(kind) || headerKinds.contains(kind) || kind == directory else {
            return ImageFinding(.externalData, "a member is a link or a device")
        }
        let name = [header.slice(345, 155), header.slice(0, 100)]
            .map { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            .joined(separator: "/")
        guard !header.slice(0, 1).elementsEqual([UInt8(ascii: "/")]),
            !name.split(separator: "/").contains("..")
        else {
            return ImageFinding(.externalData, "a member's name leads out of the archive")
        }
        return nil
    }

    /// The header's checksum: the sum of all bytes, its own eight as spaces.
    private static func isWhole(_ header: FieldReader) -> Bool {
        guard header.count >= block, let stored = octal(header.slice(148, 8)) else { return false }
        let sum = (0..<block).reduce(0) { sum, index in
            sum + ((148..<156).contains(index) ? 32 : Int(header.byte(index)))
        }
        return sum == stored
    }

    private static func octal(_ field: ArraySlice<UInt8>) -> Int? {
        let digits = field.drop { $0 == UInt8(ascii: " ") }
            .prefix { $0 != 0 && $0 != UInt8(ascii: " ") }
        guard !digits.isEmpty, digits.count <= 12 else { return nil }
        return Int(String(decoding: digits, as: UTF8.self), radix: 8)
    }
}

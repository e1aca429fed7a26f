// SPDX-License-Identifier: Apache-2.0

/// A CD image (ECMA-119). Numbers are written in both byte orders.
enum ISO9660 {
    static let magic = Array("CD001".utf8)
    /// Where the first volume descriptor lies.
    static let firstDescriptor = 16 * 2048
    static let descriptorsMax = 64
    private static let primary: UInt8 = 1
    private static let terminator: UInt8 = 255

    static func report(_ source: any ByteSource) throws(ImageFileError) -> ImageReport {
        var report = ImageReport(.iso, virtualSize: source.size)
        for index in 0..<descriptorsMax {
            let fields = FieldReader(
                try source.read(at: firstDescriptor + index * 2048, count: 2048))
            guard fields.slice(1, 5).elementsEqual(magic) else { break }
            if fields.byte(0) == terminator { break }
            guard fields.byte(0) == primary else { continue }
            let (blocks, block) = (Int(fields.little32(80)), Int(fields.little16(128)))
            if blocks != Int(fields.big32(84)) {
                report.findings = [
                    ImageFinding(.malformed, "the volume's size differs in the two byte orders")
                ]
            } else if blocks * block > source.size {
                report.findings = [ImageFinding(.truncated, "the volume is longer than the file")]
            }
            return report
        }
        report.findings = [ImageFinding(.malformed, "there is no primary volume descriptor")]
        return report
    }
}

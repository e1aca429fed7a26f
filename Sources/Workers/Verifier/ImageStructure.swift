// SPDX-License-Identifier: Apache-2.0
import Events
import Glibc
public import ImageFile
public import Pipeline

/// What the image's own bytes say it is, against what the request says; and whether another
/// program may open it.
struct ImageStructure {
    var declared: ImageRequest.Format
    var limits: ImageLimits

    /// - Throws: ``Refusal`` or `ImageFileError`.
    func check(_ source: any ByteSource) throws {
        let report = try ImageProbe.report(on: source, limits: limits)
        guard report.format.rawValue == declared.rawValue else {
            throw Refusal(
                "format-mismatch",
                "the request says \(declared.rawValue), but the bytes are"
                    + " \(report.format.rawValue)",
                [
                    "field": "source.format", "expected": declared.rawValue,
                    "found": report.format.rawValue,
                ])
        }
        guard let finding = report.findings.first else { return }
        throw Refusal(
            "image-unsafe", "the image is not safe to open: \(finding.message)",
            [
                "check": finding.rule.rawValue, "format": report.format.rawValue,
                "virtualSize": "\(report.virtualSize)",
            ])
    }

    /// - Parameter path: of an image that is not compressed.
    func check(path: String) throws {
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw ImageFileError.unreadable(code: errno) }
        defer { close(file) }
        try check(try FileBytes(descriptor: file))
    }
}

extension ImageFileError: Disposed {
    public var disposition: Disposition { .transient }
}

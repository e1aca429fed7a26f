// SPDX-License-Identifier: Apache-2.0

/// What the scanner adds: the section `scanned`.
public struct Scanned: Section {
    public static let key = "scanned"

    /// The blob that was scanned; must equal the modified one.
    public var blob: BlobReference
    /// The findings as JSON, in the store.
    public var report: BlobReference
    /// The checks that found something and that the request waives, in the order of the report.
    public var waived: [Waiver]
    /// The programs that read the image.
    public var tools: [Tool]

    public init(
        blob: BlobReference, report: BlobReference, waived: [Waiver] = [], tools: [Tool] = []
    ) {
        self.blob = blob
        self.report = report
        self.waived = waived
        self.tools = tools
    }
}

/// An endorser's word that an image may pass though a check finds something. It is published with
/// the image.
public struct Waiver: Codable, Sendable, Hashable {
    /// The check's name, such as `swap`.
    public var check: String
    /// Why, in one line for everybody to read; 1 to 256 characters.
    public var reason: String

    public init(check: String, reason: String) {
        self.check = check
        self.reason = reason
    }
}

// SPDX-License-Identifier: Apache-2.0

/// What the uploader adds: the section `uploaded`.
public struct UploadedMetadata: Section {
    public static let key = "uploaded"

    /// Base URL of the marketplace, ending in `/`.
    public var marketplace: String
    /// The entry's own URL, `<base>metadata/<identifier>/<email>/<created>`.
    public var location: String

    public init(marketplace: String, location: String) {
        self.marketplace = marketplace
        self.location = location
    }
}

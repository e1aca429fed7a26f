// SPDX-License-Identifier: Apache-2.0

/// One thing that a check found. The texts come from the image or from a site's own program: what
/// could move a terminal's cursor is escaped, and both are cut to a bounded length.
public struct Finding: Codable, Sendable, Hashable {
    /// One sentence for people. It never quotes a secret.
    public let message: String
    /// The file or folder in the guest that it is about.
    public let path: String?

    /// In characters.
    public static let messageLengthMax = 400
    /// In characters.
    public static let pathLengthMax = 1_024

    public init(_ message: String, path: String? = nil) {
        self.message = PlainText.line(message, lengthMax: Self.messageLengthMax)
        self.path = path.map { PlainText.line($0, lengthMax: Self.pathLengthMax) }
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            try container.decode(String.self, forKey: .message),
            path: try container.decodeIfPresent(String.self, forKey: .path))
    }
}

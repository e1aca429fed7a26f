// SPDX-License-Identifier: Apache-2.0
public import Events

/// Until when each release of a system gets security updates that everybody may have.
public struct ReleaseTable: Sendable {
    /// One release, as its os-release file calls it.
    public struct Release: Sendable, Hashable {
        /// `ID`.
        public var id: String
        /// `VERSION_ID`, or its beginning up to a dot; `*` stands for any version and for none.
        public var version: String
        /// The last day with updates, in UTC; nil when no end is known.
        public var end: Timestamp?

        public init(id: String, version: String, end: Timestamp?) {
            self.id = id
            self.version = version
            self.end = end
        }
    }

    /// Where the dates are from, and of which day.
    public let source: String
    private let releases: [String: Release]

    /// Larger files are refused.
    public static let fileBytesMax = 1 << 20

    public init(source: String, releases: [Release]) {
        self.source = source
        self.releases = Dictionary(
            releases.map { (Self.key($0.id, $0.version), $0) }, uniquingKeysWith: { $1 })
    }

    /// Reads a table that replaces the built-in one. Blocks.
    ///
    /// - Throws: ``ImageScanError/unreadable(path:reason:)``,
    ///   ``ImageScanError/malformed(path:reason:)``.
    public init(path: String) throws(ImageScanError) {
        let file = try ConfiguredFile.decode(File.self, path, bytesMax: Self.fileBytesMax)
        self.init(
            source: file.source,
            releases: file.releases.map { row in
                Release(id: row.id, version: row.version, end: row.end?.time)
            })
    }

    /// The release that an os-release file names: of version `9.4` also what is known as `9`.
    public func release(id: String, version: String?) -> Release? {
        var parts = (version ?? "").split(separator: ".")
        while !parts.isEmpty {
            if let found = releases[Self.key(id, parts.joined(separator: "."))] { return found }
            parts.removeLast()
        }
        return releases[Self.key(id, "*")]
    }

    private static func key(_ id: String, _ version: String) -> String { "\(id) \(version)" }

    /// A day written `YYYY-MM-DD`.
    struct Day: Decodable {
        /// Its first second in UTC.
        let time: Timestamp

        init?(_ text: String) {
            // Reading is lenient: 30 February would become 2 March.
            guard let time = Timestamp("\(text)T00:00:00Z"), time.day == text else { return nil }
            self.time = time
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            guard let day = Day(try container.decode(String.self)) else {
                throw DecodingError.dataCorruptedError(
                    in: container, debugDescription: "not a day YYYY-MM-DD")
            }
            self = day
        }
    }

    private struct File: Decodable {
        var source: String
        var releases: [Row]

        struct Row: Decodable {
            var id: String
            var version: String
            var end: Day?
        }
    }
}

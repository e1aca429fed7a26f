// SPDX-License-Identifier: Apache-2.0

/// Security updates that distributions published, from a JSON file that somebody keeps up to
/// date. Its form is described in `Advisories.md`.
public struct AdvisoryFeed: Sendable {
    /// Where the file's maker has it from, in words.
    public let source: String
    /// When it was made, as the file says.
    public let date: String
    private let releases: [Release: [Subject: [Advisory]]]

    /// Larger files are refused.
    public static let fileBytesMax = 64 << 20
    /// What a file's member `format` says.
    public static let format = "imprimatur-advisories-v1"

    /// One update that closes security holes.
    public struct Advisory: Decodable, Sendable, Hashable {
        /// The package it is for, or else ``source``.
        public var package: String?
        /// The source package, for all that is built from it.
        public var source: String?
        /// The first version without the holes, as the guest's package manager writes it.
        public var fixedVersion: String
        /// Such as CVE numbers.
        public var ids: [String]
        /// How bad the publisher says it is.
        public var severity: String?
    }

    private struct Release: Hashable {
        var id: String
        var version: String
    }

    private enum Subject: Hashable {
        case package(String)
        case source(String)
    }

    /// Reads a feed. Blocks.
    ///
    /// - Throws: ``ImageScanError/unreadable(path:reason:)``,
    ///   ``ImageScanError/malformed(path:reason:)``.
    public init(path: String) throws(ImageScanError) {
        let file = try ConfiguredFile.decode(File.self, path, bytesMax: Self.fileBytesMax)
        guard file.format == Self.format else {
            throw .malformed(path: path, reason: "'format' is not '\(Self.format)'")
        }
        var releases: [Release: [Subject: [Advisory]]] = [:]
        for part in file.releases {
            let release = Release(id: part.id, version: part.version)
            for advisory in part.advisories {
                guard let subject = Self.subject(advisory) else {
                    throw .malformed(
                        path: path,
                        reason: "an advisory of \(part.id) names neither 'package' nor 'source'")
                }
                releases[release, default: [:]][subject, default: []].append(advisory)
            }
            releases[release] = releases[release] ?? [:]
        }
        self.releases = releases
        source = file.source
        date = file.date
    }

    /// Whether the feed speaks of a release at all.
    func covers(_ id: String, _ version: String) -> Bool {
        releases[Release(id: id, version: version)] != nil
    }

    /// What may concern a package of a release, by its own name or its source's.
    func advisories(
        _ id: String, _ version: String, package: String, source: String
    ) -> [Advisory] {
        let known = releases[Release(id: id, version: version)] ?? [:]
        return (known[.package(package)] ?? []) + (known[.source(source)] ?? [])
    }

    private static func subject(_ advisory: Advisory) -> Subject? {
        advisory.package.map { .package($0) } ?? advisory.source.map { .source($0) }
    }

    private struct File: Decodable {
        var format: String
        var source: String
        var date: String
        var releases: [Part]

        struct Part: Decodable {
            var id: String
            var version: String
            var advisories: [Advisory]
        }
    }
}

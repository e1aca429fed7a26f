// SPDX-License-Identifier: Apache-2.0
import Events
import Foundation
import ImageScan
import TestSupport

/// The scanner as the pipeline uses it: the real inspector, the real policy.
enum Scanning {
    /// Two days after the guests were last changed.
    static let time = Timestamp(seconds: Int64(GuestImage.time)).adding(days: 2)

    static func facts(
        of image: GuestImage, query: InspectionQuery = ScanPolicy.strict.query
    ) async throws -> GuestFacts {
        try await facts(
            of: try await image.built(), format: image.disk.format.name, query: query)
    }

    static func facts(
        of path: String, format: String, query: InspectionQuery = ScanPolicy.strict.query,
        clamd: String? = nil
    ) async throws -> GuestFacts {
        let inspection = Inspection(
            backend: .dissect(python: try DissectTools.interpreter()), clamd: clamd)
        return try await inspection.facts(of: path, format: format, query: query)
    }

    static func report(
        on facts: GuestFacts, time: Timestamp = time, advisories: AdvisoryFeed? = nil,
        isMalwareSought: Bool = false
    ) async -> ScanReport {
        let image = ScanReport.Image(
            sha256: String(repeating: "0", count: 64), size: 0, format: "qcow2")
        let context = ScanContext(
            time: time, advisories: advisories, isMalwareSought: isMalwareSought)
        return await Scan.report(on: facts, image: image, policy: .strict, context: context)
    }

    /// A feed that asks for OpenSSL as it is in the clean guests, and for something that no guest
    /// has.
    static func advisories(
        openssl: String = GuestTree.opensslVersion, release: String = "13"
    ) throws -> AdvisoryFeed {
        let folder = try TemporaryDirectory()
        let path = try folder.write(
            """
            {
              "format": "imprimatur-advisories-v1", "source": "tests", "date": "2026-11-20",
              "releases": [
                {"id": "debian", "version": "\(release)", "advisories": [
                  {"source": "openssl", "fixedVersion": "\(openssl)", "ids": ["CVE-2026-0001"]},
                  {"source": "nano", "fixedVersion": "99", "ids": ["CVE-2026-0002"]}
                ]}
              ]
            }
            """, to: "advisories.json")
        return try AdvisoryFeed(path: path)
    }
}

extension ScanReport {
    /// Names of the checks that found something.
    var firing: [String] {
        checks.filter { $0.outcome != .passed && $0.outcome != .notApplicable }.map(\.name)
    }

    /// The findings of all checks, in one line each, for a failing test's message.
    var allFindings: [String] {
        checks.flatMap { check in
            check.findings.map { "\(check.name): \($0.path ?? "-"): \($0.message)" }
        }
    }
}

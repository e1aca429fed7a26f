// SPDX-License-Identifier: Apache-2.0
import Events
import Foundation
import ImageScan
import Testing

/// Facts made by hand.
enum MadeGuest {
    static let inspector = Tool(name: "made by hand", version: "1")
    static let time = Timestamp("2026-11-22T12:00:00Z") ?? .now

    /// A guest with these files, and a root unless told otherwise.
    static func facts(
        _ files: [String: String] = [:], _ entries: [GuestFacts.Entry] = [],
        packages: GuestFacts.Packages? = nil, hasRoot: Bool = true,
        volumes: [GuestFacts.Volume]? = nil, malware: [GuestFacts.Malware] = []
    ) -> GuestFacts {
        let root = GuestFacts.Volume(
            name: "partition 1", offset: 1 << 20, size: 1 << 30, content: "ext4", mountPoint: "/")
        let all = files.map { file($0.key, $0.value) } + entries
        return GuestFacts(
            inspector: inspector, disk: GuestFacts.Disk(size: 2 << 30, scheme: "gpt"),
            volumes: volumes ?? [root], root: hasRoot ? 0 : nil,
            entries: all.sorted { $0.path < $1.path }, packages: packages, malware: malware)
    }

    static func file(_ path: String, _ text: String, isTruncated: Bool? = nil) -> GuestFacts.Entry {
        GuestFacts.Entry(
            path: path, size: text.utf8.count, content: Data(text.utf8).base64EncodedString(),
            isTruncated: isTruncated)
    }

    static func link(_ path: String, to target: String) -> GuestFacts.Entry {
        GuestFacts.Entry(path: path, kind: .link, mode: 0o777, target: target)
    }

    /// A Debian 12 with these packages, whose database changed so many days before the request.
    static func packages(
        _ installed: [GuestFacts.Package] = [], manager: GuestFacts.Packages.Manager = .dpkg,
        days: Int = 1
    ) -> GuestFacts.Packages {
        GuestFacts.Packages(
            manager: manager, installed: installed, modified: Int(time.seconds) - days * 86_400)
    }

    static let debian12 = "ID=debian\nVERSION_ID=\"12\"\nPRETTY_NAME=\"Debian GNU/Linux 12\"\n"

    /// What a check says.
    static func result(
        _ name: String, _ facts: GuestFacts, _ context: ScanContext = ScanContext(time: time)
    ) async throws -> CheckResult {
        let check = try #require(Check.builtIn.first { $0.name == name })
        return await check.evaluate(facts, context)
    }

    /// Paths and messages of what a check found; empty when it passed, nil when it has no say.
    static func findings(
        _ name: String, _ facts: GuestFacts, _ context: ScanContext = ScanContext(time: time)
    ) async throws -> [String]? {
        switch try await result(name, facts, context) {
        case .passed: []
        case .failed(let findings): findings.map { "\($0.path ?? "-"): \($0.message)" }
        case .notApplicable: nil
        }
    }
}

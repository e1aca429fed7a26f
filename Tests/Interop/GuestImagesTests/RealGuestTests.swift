// SPDX-License-Identifier: Apache-2.0
import Events
import Foundation
import ImageScan
import TestSupport
import Testing

/// Guests of distributions' own packages.
@Suite(.timeLimit(.minutes(20))) struct RealGuestTests {
    @Test func cleanDebian() async throws {
        let facts = try await Scanning.facts(of: .debian)
        #expect(facts.problems == [])
        #expect(facts.isComplete)
        let packages = try #require(facts.packages)
        #expect(packages.manager == .dpkg)
        #expect(packages.installed.count > 120)
        let setuid = facts.entries.filter { $0.kind == .file && $0.mode & 0o6000 != 0 }
        #expect(setuid.count >= 10)
        #expect(setuid.allSatisfy { $0.package != nil }, "\(setuid)")
        let report = await Scanning.report(on: facts)
        #expect(report.firing == [], "\(report.allFindings)")
        #expect(report.os?.id == "debian" && report.os?.version == "12")
    }

    @Test func faultyDebian() async throws {
        // What needs the tiny guest's package database, and what another fault takes back.
        let others: Set<GuestFault> = [
            .pendingUpdate, .oldPackages, .unknownRelease, .expiredRelease, .malware,
        ]
        let faults = GuestFault.allCases.filter { !others.contains($0) }
        let facts = try await Scanning.facts(of: GuestImage.debian.having(faults))
        #expect(facts.problems == [])
        // A later version of what Debian has in fact.
        let feed = try Scanning.advisories(openssl: "3.99", release: "12")
        let report = await Scanning.report(on: facts, advisories: feed)
        #expect(
            Set(report.firing) == [
                "empty-password", "password-hash", "authorized-keys", "private-keys", "swap",
                "ssh-root-password", "world-writable", "setuid", "cloud-init-state",
                "shell-history", "ssh-host-keys", "machine-id", "security-updates",
            ], "\(report.allFindings)")
    }

    /// From its own disk, by its own boot loader, as a cloud would start it.
    @Test func debianBoots() async throws {
        let folder = try TemporaryDirectory()
        let serial = folder.file("serial")
        let machine = try BackgroundProcess(
            "qemu-system-x86_64",
            [
                "-accel", "tcg", "-smp", "2", "-m", "768", "-nodefaults", "-display", "none",
                "-snapshot", "-serial", "file:\(serial)", "-drive",
                "file=\(try await GuestImage.debian.built()),format=qcow2,if=virtio",
            ], environment: ["TMPDIR": folder.path], output: folder.file("output"))
        defer { machine.kill() }
        try await eventually(timeout: .seconds(300), "the login prompt") {
            guard machine.isRunning else { throw NeverHappened(description: machine.output) }
            let data = FileManager.default.contents(atPath: serial) ?? Data()
            return String(decoding: data, as: UTF8.self).contains("localhost login:")
        }
    }

    /// Its makers left nothing to complain of; but a system is not supported for ever.
    @Test func alpine() async throws {
        let facts = try await Scanning.facts(
            of: try await GuestImage.alpine(), format: "qcow2")
        #expect(facts.problems == [])
        #expect(facts.packages?.manager == .apk)
        #expect(facts.packages?.installed.count == 59)
        let report = await Scanning.report(on: facts)
        #expect(report.os?.id == "alpine")
        #expect(report.firing == [], "\(report.allFindings)")
        let silent = report.checks.filter { $0.outcome == .notApplicable }.map(\.name)
        #expect(silent == ["security-updates", "ssh-root-password", "malware"])
        let later = await Scanning.report(on: facts, time: Scanning.time.adding(days: 500))
        #expect(later.firing == ["os-release", "package-age"], "\(later.allFindings)")
    }
}

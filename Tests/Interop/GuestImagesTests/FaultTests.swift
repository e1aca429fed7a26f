// SPDX-License-Identifier: Apache-2.0
import Foundation
import ImageScan
import TestSupport
import Testing

/// Each seeded fault is found by the check that is for it, and by no other.
@Suite(.timeLimit(.minutes(20))) struct FaultTests {
    @Test(arguments: GuestFault.allCases.filter { $0 != .malware })
    func rightCheckFindsIt(_ fault: GuestFault) async throws {
        let facts = try await Scanning.facts(of: GuestImage.clean.having(fault))
        #expect(facts.problems == [])
        // Where a feed speaks of the release, ages are not asked for.
        let feed = fault == .oldPackages ? nil : try Scanning.advisories()
        let report = await Scanning.report(on: facts, advisories: feed)
        let wanted = Self.checks[fault] ?? []
        #expect(report.firing == wanted, "\(report.allFindings)")
        #expect(report.verdict == (wanted.isEmpty ? .accepted : .rejected))
        let paths = report.checks.flatMap(\.findings).map { $0.path ?? "" }
        #expect(Set(paths) == Set(Self.paths[fault] ?? []), "\(report.allFindings)")
    }

    @Test func clamdFindsMalware() async throws {
        let clamd = try await PrivateClamd()
        for (faults, wanted) in [([], []), ([GuestFault.malware], ["malware"])] {
            let image = GuestImage.clean.having(faults)
            let facts = try await Scanning.facts(
                of: try await image.built(), format: "qcow2", clamd: clamd.socketPath)
            #expect(facts.problems == [])
            let report = await Scanning.report(on: facts, isMalwareSought: true)
            #expect(report.firing == wanted, "\(report.allFindings)")
            let found = facts.malware.map { "\($0.path) \($0.signature)" }
            let sample = "/usr/share/games/sample.bin \(PrivateClamd.signature)"
            #expect(found == (faults.isEmpty ? [] : [sample]))
        }
    }

    /// All at once: each check still speaks for itself, and only those.
    @Test func allFaultsTogether() async throws {
        let faults = GuestFault.allCases.filter { $0 != .unknownRelease && $0 != .malware }
        let facts = try await Scanning.facts(of: GuestImage.clean.having(faults))
        let feed = try Scanning.advisories(release: "9")
        let report = await Scanning.report(on: facts, advisories: feed)
        let wanted = Set(faults.flatMap { Self.checks[$0] ?? [] })
        #expect(
            Set(report.firing) == wanted.subtracting(["package-age"]), "\(report.allFindings)")
    }

    /// What fires for a fault; nothing for what only looks like one.
    private static let checks: [GuestFault: [String]] = [
        .emptyPassword: ["empty-password"],
        .emptyPasswordInPasswd: ["empty-password"],
        .passwordHash: ["password-hash"],
        .passwordHashInPasswd: ["password-hash"],
        .passwordHashInCopy: ["password-hash"],
        .rootAuthorizedKey: ["authorized-keys"],
        .userAuthorizedKey: ["authorized-keys"],
        .privateKey: ["private-keys"],
        .swapPartition: ["swap"],
        .swapFile: ["swap"],
        .pendingUpdate: ["security-updates"],
        .oldPackages: ["package-age"],
        .sshdRootPassword: ["ssh-root-password"],
        .sshdRootPasswordIncluded: ["ssh-root-password"],
        .sshdRootPasswordMatched: ["ssh-root-password"],
        .worldWritableFile: ["world-writable"],
        .worldWritableDirectory: ["world-writable"],
        .setuidStranger: ["setuid"],
        .cloudInit: ["cloud-init-state"],
        .shellHistory: ["shell-history"],
        .hostKeys: ["ssh-host-keys"],
        .machineId: ["machine-id"],
        .expiredRelease: ["os-release"],
        .unknownRelease: ["os-release"],
    ]

    /// The files that the findings name.
    private static let paths: [GuestFault: [String]] = [
        .emptyPassword: ["/etc/shadow"],
        .emptyPasswordInPasswd: ["/etc/passwd"],
        .passwordHash: ["/etc/shadow"],
        .passwordHashInPasswd: ["/etc/passwd"],
        .passwordHashInCopy: ["/etc/shadow-"],
        .rootAuthorizedKey: ["/root/.ssh/authorized_keys"],
        .userAuthorizedKey: ["/home/debian/.ssh/authorized_keys"],
        .privateKey: ["/home/debian/.ssh/id_ed25519"],
        .swapPartition: [""],
        .swapFile: ["/swapfile"],
        .pendingUpdate: [""],
        .oldPackages: [""],
        .sshdRootPassword: ["/etc/ssh/sshd_config"],
        .sshdRootPasswordIncluded: ["/etc/ssh/sshd_config"],
        .sshdRootPasswordMatched: ["/etc/ssh/sshd_config"],
        .worldWritableFile: ["/usr/bin/report"],
        .worldWritableDirectory: ["/usr/share/exchange"],
        .setuidStranger: ["/usr/local/bin/become"],
        .cloudInit: [
            "/var/lib/cloud/instance", "/var/lib/cloud/instances/iid-datasource-none",
            "/var/log/cloud-init.log",
        ],
        .shellHistory: ["/root/.bash_history"],
        .hostKeys: ["/etc/ssh/ssh_host_ed25519_key"],
        .machineId: ["/etc/machine-id"],
        .expiredRelease: [""],
        .unknownRelease: [""],
    ]
}

// SPDX-License-Identifier: Apache-2.0
import BlobStore
import Events
import Foundation
import ImageScan
import Pipeline
import PipelineTesting
import TestSupport
import Testing

@testable import ScannerWorker

/// Real images, made of files, read by the real inspector.
@Suite("What the scanner lets pass", .timeLimit(.minutes(10)))
struct ScannerTests {
    private let bench: ScannerBench

    init() throws { bench = try ScannerBench() }

    private func event(
        _ faults: GuestFault..., waivers: [Waiver]? = nil
    ) async throws -> Event {
        try await bench.modified(
            try await ScannerBench.bytes(of: GuestImage.clean.having(faults)), waivers: waivers)
    }

    @Test("A clean image passes, with a report that says so")
    func clean() async throws {
        let event = try await event()
        let scanned = try await bench.scanned(event)
        #expect(scanned.blob == (try event.section(Modified.self).blob))
        #expect(scanned.waived == [])
        #expect(scanned.tools.count == 1)
        let report = try #require(try await bench.report(event))
        #expect(report.verdict == .accepted)
        #expect(report.time == ScannerBench.requestTime)
        #expect(report.image.sha256 == scanned.blob.sha256)
        #expect(report.failed == [])
        #expect(try bench.store.recorded("scan-report", for: event.publication) == scanned.report)
    }

    @Test(
        "A faulty one is rejected, by the check that finds it",
        arguments: [
            (GuestFault.emptyPassword, "empty-password"), (.rootAuthorizedKey, "authorized-keys"),
            (.swapPartition, "swap"), (.setuidStranger, "setuid"), (.privateKey, "private-keys"),
            (.oldPackages, "package-age"),
        ])
    func faulty(_ fault: GuestFault, _ check: String) async throws {
        let event = try await event(fault)
        let rejection = try await bench.rejection(event)
        #expect(rejection.rule == "scan-failed")
        #expect(rejection.evidence["checks"] == check)
        #expect(rejection.message.contains(check))
        #expect(rejection.message.contains("imprimatur report \(event.publication)"))
        let report = try #require(try await bench.report(event))
        #expect(report.failed.map(\.name) == [check])
        let blob = try bench.store.recorded("scan-report", for: event.publication)
        #expect(rejection.evidence["report"] == blob?.sha256)
    }

    @Test("libguestfs finds the same as Dissect")
    func otherInspector() async throws {
        let event = try await event(.emptyPassword, .swapPartition)
        let dissect = try await bench.rejection(event)
        let report = try #require(try await bench.report(event))
        let libguestfs = try await bench.rejection(
            event,
            [
                "scanner.inspector": "libguestfs",
                "scanner.appliance": try DissectTools.appliance(),
            ])
        #expect(libguestfs.evidence["checks"] == "empty-password,swap")
        #expect(libguestfs.evidence["checks"] == dissect.evidence["checks"])
        let other = try #require(try await bench.report(event))
        #expect(other.checks == report.checks)
        #expect(other.inspector?.name == "libguestfs")
    }

    @Test("A waived check lets it pass, and the waiver is in the event")
    func waived() async throws {
        let waiver = Waiver(check: "swap", reason: "the batch system needs it")
        let scanned = try await bench.scanned(try await event(.swapPartition, waivers: [waiver]))
        #expect(scanned.waived == [waiver])
    }

    @Test("A waiver covers its own check alone, and is not published when it was not needed")
    func otherWaiver() async throws {
        let waiver = Waiver(check: "swap", reason: "the batch system needs it")
        let rejection = try await bench.rejection(
            try await event(.emptyPassword, waivers: [waiver]))
        #expect(rejection.evidence["checks"] == "empty-password")
        let clean = try await event(waivers: [waiver])
        #expect(try await bench.scanned(clean).waived == [])
        #expect(try await bench.report(clean)?.notes.count == 1)
    }

    @Test("Waivers that mean nothing, or are not allowed, are refused before anything is read")
    func refusedWaivers() async throws {
        let typo = try await event(waivers: [Waiver(check: "swop", reason: "x")])
        let unknown = try await bench.rejection(typo)
        #expect(unknown.rule == "waiver-unknown-check")
        #expect(unknown.message.contains("'swap'"))
        let swap = try await event(.swapPartition, waivers: [Waiver(check: "swap", reason: "x")])
        let forbidden = try await bench.rejection(swap, ["scanner.never-waived": "swap"])
        #expect(forbidden.rule == "waiver-not-allowed")
        #expect(try await bench.report(swap) == nil)
    }

    @Test("The policy's settings decide: left out, warned of, of another age")
    func policy() async throws {
        let event = try await event(.swapPartition)
        _ = try await bench.scanned(event, ["scanner.disabled-checks": "swap"])
        #expect(try await bench.report(event)?.checks.contains { $0.name == "swap" } == false)
        _ = try await bench.scanned(event, ["scanner.severity-min": "critical"])
        let warned = try await bench.report(event)?.checks.first { $0.name == "swap" }
        #expect(warned?.outcome == .warned)
        let old = try await self.event(.oldPackages)
        _ = try await bench.scanned(old, ["scanner.package-age-max": "900d"])
    }

    @Test(
        "Compressed files are uncompressed for the inspector",
        arguments: [
            CompressionKind.gz, .bz2, .xz, .zstd,
        ])
    func compressed(_ kind: CompressionKind) async throws {
        let image = try await ScannerBench.bytes(of: .clean)
        let file = try await bench.packed(image, kind)
        let event = try await bench.modified(file, uncompressed: image, compression: kind)
        let scanned = try await bench.scanned(event)
        #expect(scanned.blob == Fixture.blob(of: file))
        #expect(try await bench.report(event)?.verdict == .accepted)
        let left = try FileManager.default.contentsOfDirectory(
            atPath: bench.folder.file("store/partial"))
        #expect(left == [])
    }

    @Test("Scanned again, an image gives the same event and the same report")
    func redelivery() async throws {
        let event = try await event(.swapPartition, waivers: [Waiver(check: "swap", reason: "x")])
        let outcomes = [try await bench.outcome(event), try await bench.outcome(event)]
        guard case .done(let first) = outcomes[0], case .done(let second) = outcomes[1] else {
            throw ScannerBench.Surprise(outcome: outcomes[0])
        }
        #expect(first.map(\.id) == second.map(\.id))
        #expect(first.map(\.data) == second.map(\.data))
    }
}

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

/// What an event or an image may do to the scanner, and what follows.
@Suite("What the scanner does not believe", .timeLimit(.minutes(10)))
struct UntrustedImageTests {
    private let bench: ScannerBench

    init() throws { bench = try ScannerBench() }

    private func clean(change: (inout Modified) -> Void = { _ in }) async throws -> Event {
        try await bench.modified(
            try await ScannerBench.bytes(of: .clean), change: change)
    }

    @Test("An event that contradicts itself is refused")
    func contradictions() async throws {
        let changes: [(String, (inout Modified) -> Void)] = [
            ("modified.source", { $0.source.size += 1 }),
            ("modified.blob", { $0.blob.sha256 = "../../etc/passwd" }),
            ("modified.digests.sha256", { $0.digests.sha256 = String(repeating: "0", count: 64) }),
            ("modified.uncompressed", { $0.uncompressed.size += 1 }),
        ]
        for (field, change) in changes {
            let rejection = try await bench.rejection(try await clean(change: change))
            #expect(rejection.rule == "event-inconsistent")
            #expect(rejection.evidence["field"] == field)
        }
    }

    @Test("Digests that the bytes do not have are refused")
    func digests() async throws {
        let event = try await clean { modified in
            modified.digests.md5 = String(repeating: "0", count: 32)
            modified.uncompressed.digests = modified.digests
        }
        let rejection = try await bench.rejection(event)
        #expect(rejection.rule == "stored-bytes-differ")
        _ = try await bench.scanned(event, ["scanner.recompute": "false"])
    }

    @Test("Bytes that changed in the store are refused, or their lack waited for")
    func storedBytes() async throws {
        let bytes = try await ScannerBench.bytes(of: .clean)
        let event = try await bench.modified(bytes)
        let blob = try event.section(Modified.self).blob
        var damaged = bytes
        damaged[bytes.count / 2] ^= 1
        try bench.overwrite(blob, with: damaged)
        #expect(try await bench.rejection(event).rule == "stored-bytes-differ")
        try bench.overwrite(blob, with: Array(bytes.dropLast()))
        await #expect(
            throws: BlobStoreError.wrongSize(
                sha256: blob.sha256, expected: blob.size, found: blob.size - 1)
        ) { try await bench.outcome(event) }
        try FileManager.default.removeItem(
            atPath: bench.folder.file("store/blobs/\(blob.sha256.prefix(2))/\(blob.sha256)"))
        let error = await #expect(throws: BlobStoreError.self) {
            try await bench.outcome(event)
        }
        #expect(error?.disposition == .transient)
    }

    @Test("A format that the bytes do not have is refused before another program opens them")
    func format() async throws {
        let raw = try await ScannerBench.bytes(of: GuestImage.clean.on(.gpt, format: .raw))
        let rejection = try await bench.rejection(try await bench.modified(raw))
        #expect(rejection.rule == "format-mismatch")
        #expect(rejection.evidence["found"] == "raw")
    }

    @Test("So is a structure that is not safe to open")
    func structure() async throws {
        let path = bench.folder.file("backed.qcow2")
        let made = try await run(
            "qemu-img",
            ["create", "-q", "-f", "qcow2", "-u", "-b", "/etc/passwd", "-F", "raw", path, "1M"])
        #expect(made.status == 0, "\(made.output)")
        let bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
        let rejection = try await bench.rejection(try await bench.modified(bytes))
        #expect(rejection.rule == "image-unsafe")
        #expect(rejection.evidence["check"] == "backing-file")
    }

    @Test("A damaged compressed file is refused, and leaves nothing behind")
    func compressed() async throws {
        let image = try await ScannerBench.bytes(of: .clean)
        let file = Array(try await bench.packed(image, .xz).dropLast(20))
        let event = try await bench.modified(file, uncompressed: image, compression: .xz)
        #expect(try await bench.rejection(event).rule == "compression-invalid")
        let left = try FileManager.default.contentsOfDirectory(
            atPath: bench.folder.file("store/partial"))
        #expect(left == [])
    }

    @Test("An image without any system in it is rejected, with a report")
    func noSystem() async throws {
        let event = try await bench.modified(Fixture.imageBytes)
        let rejection = try await bench.rejection(event)
        #expect(rejection.rule == "scan-failed")
        #expect(try await bench.report(event)?.verdict == .rejected)
    }

    @Test("Less time than an inspection may take is no reason to reject")
    func deadline() async throws {
        let event = try await clean()
        let error = await #expect(throws: OutOfTime.self) {
            try await bench.outcome(event, ["scanner.time-max": "60s"], deadline: .seconds(30))
        }
        #expect(error?.disposition == .transient)
    }

    @Test(
        "An inspector that the image makes crash, hang or lie is the image's fault",
        arguments: [
            ("kill -SEGV $$", "signal 11", "60s"), ("exec sleep 600", "no end within", "5s"),
            ("echo '{}'", "no inspection", "60s"), ("echo broken >&2; exit 65", "broken", "60s"),
        ])
    func inspectorFails(_ script: String, _ reason: String, _ timeMax: String) async throws {
        let event = try await clean()
        let python = try bench.interpreter(script)
        let rejection = try await bench.rejection(
            event, ["scanner.python": python, "scanner.time-max": timeMax])
        #expect(rejection.rule == "scan-failed")
        #expect(rejection.evidence["checks"] == "readable")
        let report = try #require(try await bench.report(event))
        #expect(report.isComplete == false)
        let finding = try #require(report.failed.first?.findings.first)
        #expect(finding.message.contains(reason), "\(finding.message)")
    }

    @Test("One that cannot be used is nobody's fault but ours")
    func inspectorUnavailable() async throws {
        let event = try await clean()
        let python = try bench.interpreter("exit 69")
        let error = await #expect(throws: InspectionError.self) {
            try await bench.outcome(event, ["scanner.python": python])
        }
        #expect(error?.disposition == .transient)
        #expect(try await bench.report(event) == nil)
    }
}

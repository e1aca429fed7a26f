// SPDX-License-Identifier: Apache-2.0
import BlobStore
import Events
import Foundation
import Pipeline
import PipelineTesting
import TestSupport
import Testing

@testable import ModifierWorker

/// What needs no guest to be started.
@Suite("Modifier", .timeLimit(.minutes(3)))
struct ModifierTests {
    private let bench: ModifierBench
    private static let write = Modification.write(.init(path: "/etc/motd", content: "a"))

    init() throws { bench = try ModifierBench() }

    /// A file with these bytes.
    private func file(_ bytes: [UInt8]) throws -> String {
        try bench.folder.write(Data(bytes), to: "image-\(UUID().uuidString)")
    }

    @Test("An image nobody wants changed is passed on without being looked at")
    func untouched() async throws {
        // The store does not even hold it.
        let event = Fixture.verified()
        let modified = try bench.modified(try await bench.handle(event))
        let fetched = try event.section(Fetched.self)
        #expect(modified == Modified(untouched: fetched, format: .qcow2))
        #expect(modified.steps.isEmpty && modified.tools.isEmpty)
        #expect(!FileManager.default.fileExists(atPath: bench.work))
        #expect(try bench.leftovers().isEmpty)
    }

    @Test("Modifications are done in as few starts of the machine as their order allows")
    func plan() {
        let (write, sysprep) = (Self.write, Modification.sysprep(.init()))
        func plan(_ modifications: Modification...) -> [[Int]] {
            ModificationPlan(modifications).runs.map { run in
                switch run {
                case .script(let steps): steps.map(\.number)
                case .sysprep(let step, _): [-step.number]
                }
            }
        }
        #expect(plan(write, write, .update(.init())) == [[1, 2, 3]])
        #expect(plan(write, sysprep, write, write) == [[1], [-2], [3, 4]])
        #expect(plan(sysprep, sysprep) == [[-1], [-2]])
        #expect(plan(.convert(.init(format: .raw))) == [])
        let grown = ModificationPlan([write, .resize(.init(size: 1 << 30)), write])
        #expect(grown.runs.count == 1 && grown.resize?.size == 1 << 30)
    }

    @Test("Events that contradict themselves are refused")
    func inconsistent() async throws {
        let event = try await bench.event(
            try file(Fixture.imageBytes), .qcow2, [Self.write])
        func refused(_ change: (inout Fetched, inout ImageRequest) -> Void) async throws -> String?
        {
            var changed = event
            var fetched = try event.section(Fetched.self)
            var request = try event.section(ImageRequest.self)
            change(&fetched, &request)
            changed.data[Fetched.key] = try EventCoding.value(of: fetched)
            changed.data[ImageRequest.key] = try EventCoding.value(of: request)
            return try await bench.handle(changed).rejection?.rule
        }
        let other = BlobReference(sha256: String(repeating: "0a", count: 32), size: 1)
        #expect(try await refused { fetched, _ in fetched.blob = other } == "event-inconsistent")
        #expect(
            try await refused { fetched, _ in fetched.digests.sha256 = other.sha256 }
                == "event-inconsistent")
        #expect(
            try await refused { fetched, _ in fetched.uncompressed.size += 1 }
                == "event-inconsistent")
        #expect(
            try await refused { fetched, _ in
                fetched.files = [Fetched.FetchedFile(url: "http://h/a", blob: other)]
            } == "event-inconsistent")
        #expect(
            try await refused { _, request in
                request.modifications = [
                    .upload(.init(path: "/a", url: "http://h/a", sha256: other.sha256))
                ]
            } == "event-inconsistent")
        #expect(
            try await refused { _, request in
                request.modifications = [.remove(.init(path: "/../a"))]
            } == "request-invalid")
        #expect(
            try await refused { _, request in request.metadata.locations = nil }
                == "request-invalid")
    }

    @Test("The bytes have to be those that were verified")
    func otherBytes() async throws {
        let event = try await bench.event(
            try file(Fixture.imageBytes), .qcow2, [Self.write])
        let path = try bench.store.path(of: try event.section(Fetched.self).blob)
        var bytes = Fixture.imageBytes
        bytes[bytes.count - 1] ^= 1
        try FileManager.default.removeItem(atPath: path)
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        let rejection = try await bench.handle(event).rejection
        #expect(rejection?.rule == "stored-bytes-differ")
        #expect(try bench.leftovers().isEmpty)
    }

    @Test("No program opens an image that names other files, is of another format or too large")
    func hostile() async throws {
        let backed = bench.folder.file("backed")
        let made = try await run(
            "qemu-img",
            ["create", "-q", "-f", "qcow2", "-b", "/etc/passwd", "-F", "raw", "-u", backed, "1M"])
        #expect(made.status == 0)
        let unsafe = try await bench.handle(
            try await bench.event(backed, .qcow2, [Self.write])
        ).rejection
        #expect(unsafe?.rule == "image-unsafe")
        #expect(unsafe?.evidence["check"] == "backing-file")
        let raw = try file([UInt8](repeating: 1, count: 1 << 20))
        let mismatch = try await bench.handle(
            try await bench.event(raw, .qcow2, [Self.write], name: "b")
        ).rejection
        #expect(mismatch?.rule == "format-mismatch")
        let tooLarge = try await bench.handle(
            try await bench.event(
                try file([UInt8](repeating: 1, count: (1 << 20) + 512)), .raw, [Self.write],
                name: "d"), ["modifier.disk-size-max": "1MiB"]
        ).rejection
        #expect(tooLarge?.evidence["check"] == "virtual-size")
        #expect(try bench.leftovers().isEmpty)
    }

    @Test("A conversion alone starts no machine; its result is what qemu-img says it is")
    func conversion() async throws {
        let bytes = (0..<(3 << 20)).map { UInt8(truncatingIfNeeded: $0 >> 12) }
        let event = try await bench.event(
            try file(bytes), .raw, [.convert(.init(format: .qcow2, compress: true))])
        let modified = try bench.modified(try await bench.handle(event))
        #expect(modified.format == .qcow2 && modified.compression == .none)
        #expect(modified.uncompressed.digests == modified.digests)
        #expect(modified.blob.sha256 == modified.digests.sha256)
        #expect(modified.blob.size < bytes.count / 2)
        #expect(modified.steps.map(\.operation) == ["convert"])
        #expect(modified.tools.map(\.name) == ["qemu-img"])
        #expect(modified.source == (try event.section(Fetched.self)).blob)
        let path = try bench.store.path(of: modified.blob)
        let info = try await run("qemu-img", ["info", "-f", "qcow2", "--output=json", path])
        #expect(info.output.contains("\"virtual-size\": \(bytes.count)"))
        #expect(!info.output.contains("backing"))
        let back = try await bench.raw(modified)
        #expect([UInt8](try Data(contentsOf: URL(fileURLWithPath: back))) == bytes)
        #expect(try bench.leftovers().isEmpty)
    }

    @Test("A compressed image is unpacked, and the result is not compressed")
    func compressed() async throws {
        let bytes = (0..<(2 << 20)).map { UInt8(truncatingIfNeeded: $0 >> 12) }
        let plain = try file(bytes)
        let (status, _) = try await run("gzip", ["-k", "-n", plain])
        #expect(status == 0)
        let event = try await bench.event(
            plain + ".gz", .raw, [.convert(.init(format: .raw))], compression: .gz,
            uncompressed: plain)
        let modified = try bench.modified(try await bench.handle(event))
        #expect(modified.compression == .none)
        #expect(modified.blob == Fixture.blob(of: bytes))
        #expect(modified.source == (try event.section(Fetched.self)).blob)
    }

    @Test("A redelivery gives the same event, byte by byte, without doing anything again")
    func redelivery() async throws {
        let event = try await bench.event(
            try file([UInt8](repeating: 7, count: 1 << 20)), .raw,
            [.convert(.init(format: .qcow2))])
        let first = try bench.modified(try await bench.handle(event))
        // Whatever could do it again is gone.
        let again = try bench.modified(
            try await bench.handle(event, ["modifier.work-directory": "/dev/null/none"]))
        #expect(again == first)
        // The image has been collected: it is made once more.
        try FileManager.default.removeItem(atPath: try bench.store.path(of: first.blob))
        let anew = try bench.modified(try await bench.handle(event))
        #expect(anew.steps == first.steps)
        #expect(try bench.store.path(of: anew.blob).isEmpty == false)
        let pins = "\(bench.store.directory)/pins/\(event.publication)/\(anew.blob.sha256)"
        #expect(FileManager.default.fileExists(atPath: pins))
    }

    @Test("A disk is not made smaller, nor larger than this modifier works on")
    func resizeRefused() async throws {
        let path = try file([UInt8](repeating: 7, count: 3 << 20))
        for (size, settings) in [(2 << 20, [:]), (8 << 20, ["modifier.disk-size-max": "4MiB"])] {
            let event = try await bench.event(path, .raw, [.resize(.init(size: size))])
            let rejection = try await bench.handle(event, settings).rejection
            #expect(rejection?.rule == "modification-failed")
            #expect(rejection?.evidence["step"] == "1")
            #expect(rejection?.evidence["operation"] == "resize")
        }
    }

    @Test("Without an appliance, or the time for one, the event is tried again")
    func machineMissing() async throws {
        let event = try await bench.event(try file(Fixture.imageBytes), .qcow2, [Self.write])
        do {
            _ = try await bench.handle(event)
            Issue.record("it was done without an appliance")
        } catch let error as ModifierError {
            #expect(error.disposition == .transient)
            #expect("\(error)".contains("libguestfs-tools"))
        }
        await #expect(throws: ModifierError.outOfTime) {
            try await bench.handle(event, deadline: .zero)
        }
        #expect(ModifierError.missing("qemu-img", package: "qemu-utils").disposition == .fatal)
        #expect(try bench.leftovers().isEmpty)
    }

    @Test("A work directory that others can write to is not used")
    func foreignDirectory() async throws {
        let event = try await bench.event(try file(Fixture.imageBytes), .qcow2, [Self.write])
        let path = bench.folder.file("open")
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: false,
            attributes: [.posixPermissions: 0o777])
        // The process's mask has its say.
        try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: path)
        await #expect(throws: ModifierError.foreignDirectory(path)) {
            try await bench.handle(event, ["modifier.work-directory": path])
        }
    }

    @Test("A version is found in what a program says")
    func versions() {
        #expect(ToolVersion.version(in: "virt-sysprep 1.48.2\n") == "1.48.2")
        #expect(ToolVersion.version(in: "qemu-img version 7.2.22 (Debian 1)\n") == "7.2.22")
        #expect(ToolVersion.version(in: "none") == nil)
    }
}

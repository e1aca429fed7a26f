// SPDX-License-Identifier: Apache-2.0
import Events
import Foundation
import ImageScan
import TestSupport
import Testing

@Suite("imprimatur scan", .timeLimit(.minutes(10)))
struct ScanTests {
    private let desk: ScanDesk

    init() throws { desk = try ScanDesk() }

    @Test("A clean image passes, compressed or not")
    func clean() async throws {
        try await desk.write(.clean)
        let plain = try await desk.scan("image.qcow2")
        #expect(plain.status == 0, "\(plain.output)")
        #expect(plain.output.contains("accepted: no check fails"))
        #expect(plain.output.contains("Debian GNU/Linux 13"))
        let packed = try await run("xz", ["-0", desk.folder.file("image.qcow2")])
        #expect(packed.status == 0)
        let compressed = try await desk.scan("--quiet", "--format", "qcow2", "image.qcow2.xz")
        #expect(compressed.status == 0 && compressed.output.isEmpty, "\(compressed.output)")
    }

    @Test("A faulty one ends with 4, and is told how to mend; a waiver lets it pass")
    func faulty() async throws {
        try await desk.write(GuestImage.clean.having(.swapPartition))
        let found = try await desk.scan("image.qcow2")
        #expect(found.status == 4, "\(found.output)")
        #expect(found.output.contains("rejected: 1 check fails: swap (medium)"))
        #expect(found.output.contains("to mend: "))
        let quiet = try await desk.scan("--quiet", "image.qcow2")
        #expect(quiet.status == 4)
        #expect(quiet.output.lines.first == "1 check fails: swap (medium)")
        let waived = try await desk.scan("--waive", "swap=our hosts have none", "image.qcow2")
        #expect(waived.status == 0, "\(waived.output)")
        #expect(waived.output.contains("because: our hosts have none"))
        let typo = try await desk.scan("--waive", "swop=x", "image.qcow2")
        #expect(typo.status == 64)
        #expect(typo.output.contains("is it 'swap'?"))
        let policy = try await desk.scan(
            "image.qcow2", environment: ["IMPRIMATUR_SCANNER_DISABLED_CHECKS": "swap"])
        #expect(policy.status == 0, "\(policy.output)")
    }

    @Test("--json is the report that the pipeline stores")
    func json() async throws {
        try await desk.write(GuestImage.clean.having(.emptyPassword))
        let result = try await desk.scan("--json", "image.qcow2")
        #expect(result.status == 4)
        let report = try ScanReport(json: Array(result.output.utf8))
        #expect(report.verdict == .rejected)
        #expect(report.failed.map(\.name) == ["empty-password"])
        #expect(report.time == ScanDesk.time)
        let digest = try await run("sha256sum", [desk.folder.file("image.qcow2")])
        #expect(digest.output.hasPrefix(report.image.sha256))
    }

    @Test("What is unsafe to open is not opened, and fails the check 'readable'")
    func unsafe() async throws {
        let made = try await run(
            "qemu-img",
            [
                "create", "-q", "-f", "qcow2", "-u", "-b", "/etc/passwd", "-F", "raw",
                desk.folder.file("image.qcow2"), "1M",
            ])
        #expect(made.status == 0, "\(made.output)")
        let result = try await desk.scan("--quiet", "image.qcow2")
        #expect(result.status == 4)
        #expect(result.output.contains("readable: the image is not safe to open"))
        let other = try await desk.scan("--format", "raw", "image.qcow2")
        #expect(other.status == 1)
        #expect(other.output.contains("the bytes are qcow2, not raw"))
    }

    @Test("Trouble of ours is told apart from an image's: by status, with what to do")
    func trouble() async throws {
        try await desk.write(.clean)
        let none = try await desk.scan("--python", "/nonexistent/bin/python", "image.qcow2")
        #expect(none.status == 2, "\(none.output)")
        #expect(none.output.contains("ops/dissect"))
        #expect(try await desk.scan("missing.qcow2").status == 64)
        #expect(try await desk.scan().status == 64)
        let wrong = try desk.folder.write("scanner: {disabled-checks: [swop]}\n", to: "x.yaml")
        let configured = try await desk.scan("--config", wrong, "image.qcow2")
        #expect(configured.status == 78, "\(configured.output)")
        #expect(configured.output.contains("is it 'swap'?"))
        try desk.folder.write([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00, 1, 2, 3], to: "bad.xz")
        #expect(try await desk.scan("bad.xz").status == 1)
    }

    @Test("--metadata: only the document's own image is inspected")
    func metadata() async throws {
        try await desk.write(.clean)
        let built = try await desk.imprimatur([
            "metadata", "build", "--os", "debian", "--os-version", "13", "--os-arch", "x86_64",
            "--quiet", "--comment",
            "Waived security check swap: the batch system needs it", "image.qcow2",
        ])
        #expect(built.status == 0, "\(built.output)")
        let document = "debian-13-x86_64-base-.xml"
        let own = try await desk.scan("--metadata", document, "image.qcow2")
        #expect(own.status == 0, "\(own.output)")
        let packed = try await run("zstd", ["-1", "-q", desk.folder.file("image.qcow2")])
        #expect(packed.status == 0)
        let compressed = try await desk.scan("--metadata", document, "image.qcow2.zst")
        #expect(compressed.status == 0, "\(compressed.output)")
        try await desk.write(GuestImage.clean.having(.swapPartition), to: "other.qcow2")
        let other = try await desk.scan("--metadata", document, "other.qcow2")
        #expect(other.status == 1)
        #expect(other.output.contains("not the document's image"))
    }

    @Test("Waivers of a document count where the command's user agrees")
    func publishedWaivers() async throws {
        try await desk.write(GuestImage.clean.having(.swapPartition))
        let built = try await desk.imprimatur([
            "metadata", "build", "--os", "debian", "--os-version", "13", "--os-arch", "x86_64",
            "--quiet", "--comment",
            "Waived security check swap: the batch system needs it", "image.qcow2",
        ])
        #expect(built.status == 0, "\(built.output)")
        let document = ["--metadata", "debian-13-x86_64-base-.xml"]
        let alone = try await desk.scan(document[0], document[1], "image.qcow2")
        #expect(alone.status == 4)
        let agreed = try await desk.scan(
            document[0], document[1], "--waive-published", "swap", "image.qcow2")
        #expect(agreed.status == 0, "\(agreed.output)")
        #expect(agreed.output.contains("because: the batch system needs it"))
        #expect(try await desk.scan("--waive-published", "swap", "image.qcow2").status == 64)
    }

    @Test("--list-checks and --explain teach")
    func catalogue() async throws {
        let list = try await desk.imprimatur(["scan", "--list-checks"])
        #expect(list.status == 0, "\(list.output)")
        for check in Check.builtIn {
            #expect(list.output.contains(check.name))
            let explained = try await desk.imprimatur(["scan", "--explain", check.name])
            #expect(explained.status == 0)
            for part in ["Finds:", "Why it matters:", "How to mend:", "When to waive:"] {
                #expect(explained.output.contains(part), "\(check.name)")
            }
        }
        let json = try await desk.imprimatur(["scan", "--list-checks", "--json"])
        #expect(json.output.contains(#""name":"empty-password""#))
        let unknown = try await desk.imprimatur(["scan", "--explain", "swop"])
        #expect(unknown.status == 64)
    }
}

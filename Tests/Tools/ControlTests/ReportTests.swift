// SPDX-License-Identifier: Apache-2.0
import BlobStore
import Foundation
import TestSupport
import Testing

@Suite("imprimatur report", .timeLimit(.minutes(5)))
struct ReportTests {
    private let desk: ScanDesk
    private let store: BlobStore
    private let publication = "0f0f3ac9-6d0c-4c0a-8f3c-6f2b8ad7a111"

    init() throws {
        desk = try ScanDesk()
        store = try BlobStore(directory: desk.folder.file("store"))
    }

    private func report(_ arguments: String...) async throws -> (status: Int32, output: String) {
        try await desk.imprimatur(["report", "--store-path", store.directory] + arguments)
    }

    private func record(_ text: String) async throws {
        let blob = try await store.put(Array(text.utf8), for: publication)
        try await store.record(blob, as: "scan-report", for: publication)
    }

    @Test("It prints what the scanner stored, also when the publication has ended")
    func stored() async throws {
        try await desk.write(GuestImage.clean.having(.emptyPassword))
        let scan = try await desk.scan("--json", "image.qcow2")
        try await record(scan.output)
        try store.release(publication: publication)
        let readable = try await report(publication)
        #expect(readable.status == 4, "\(readable.output)")
        #expect(readable.output.contains("rejected: 1 check fails: empty-password (critical)"))
        #expect(readable.output.contains("/etc/shadow"))
        let json = try await report(publication.uppercased(), "--json")
        #expect(json.output == scan.output)
        let quiet = try await report(publication, "--quiet")
        #expect(quiet.output.lines.count == 2)
    }

    @Test("No report, no report, and none that could forge a line")
    func others() async throws {
        let unknown = try await report(publication)
        #expect(unknown.status == 1)
        #expect(unknown.output.contains("no scan report"))
        #expect(try await report("../../etc").status == 64)
        try await record(#"{"schemaVersion": 1}"#)
        #expect(try await report(publication).status == 1)
        try await desk.write(.clean)
        let scan = try await desk.scan("--json", "image.qcow2")
        try await record(
            scan.output.replacing("Debian GNU/Linux 13", with: #"\u001b[2J\nrejected: forged"#))
        let forged = try await report(publication)
        #expect(forged.status == 0, "\(forged.output)")
        #expect(!forged.output.contains("\u{1b}"))
    }
}

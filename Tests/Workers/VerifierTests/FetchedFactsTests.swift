// SPDX-License-Identifier: Apache-2.0
import Events
import PipelineTesting
import Testing

@testable import VerifierWorker

/// Events that nobody but a broken or hostile fetcher emits.
@Suite struct FetchedFactsTests {
    struct Lie: Sendable, CustomTestStringConvertible {
        var field: String
        var tell: @Sendable (inout Fetched) -> Void
        var testDescription: String { field }
    }

    static let lies: [Lie] = [
        Lie(field: "fetched.blob") { $0.blob.sha256 = "../../../etc/passwd" },
        Lie(field: "fetched.blob") { $0.blob.size = -1 },
        Lie(field: "fetched.digests") { $0.digests.md5 = "short" },
        Lie(field: "fetched.digests") { $0.digests.sha512 = $0.digests.sha512.uppercased() },
        Lie(field: "fetched.digests.sha256") {
            $0.digests.sha256 = String(repeating: "0", count: 64)
        },
        Lie(field: "fetched.uncompressed") { $0.uncompressed.digests.sha1 = "" },
        Lie(field: "fetched.uncompressed") {
            $0.compression = .gz
            $0.uncompressed.size = -5
        },
        Lie(field: "fetched.uncompressed") { $0.uncompressed.size += 1 },
        Lie(field: "fetched.checksumFiles") { $0.checksumFiles = [] },
        Lie(field: "fetched.checksumFiles") { $0.checksumFiles += $0.checksumFiles },
        Lie(field: "fetched.checksumFiles") { $0.checksumFiles[0].url += "x" },
        Lie(field: "fetched.checksumFiles") { $0.checksumFiles[0].blob.sha256 = "x" },
        Lie(field: "fetched.checksumFiles") {
            $0.checksumFiles[0].signature = $0.checksumFiles[0].blob
        },
        Lie(field: "fetched.checksumFiles") {
            $0.checksumFiles[0].signature = BlobReference(sha256: "x", size: 1)
        },
    ]

    @Test(arguments: lies)
    func contradictionsAreRefused(lie: Lie) throws {
        var fetched = try Fixture.fetched().section(Fetched.self)
        lie.tell(&fetched)
        let facts = FetchedFacts(request: Fixture.request(), fetched: fetched)
        let refusal = #expect(throws: Refusal.self) { try facts.check() }
        #expect(refusal?.rejection.rule == "event-inconsistent")
        #expect(refusal?.rejection.evidence["field"] == lie.field)
    }

    @Test func theSampleIsConsistent() throws {
        let fetched = try Fixture.fetched().section(Fetched.self)
        try FetchedFacts(request: Fixture.request(), fetched: fetched).check()
    }

    @Test func anInvalidRequestIsRefused() throws {
        var request = Fixture.request()
        request.digests = ["sha256": "not hexadecimal"]
        let fetched = try Fixture.fetched().section(Fetched.self)
        let refusal = #expect(throws: Refusal.self) {
            try FetchedFacts(request: request, fetched: fetched).check()
        }
        #expect(refusal?.rejection.rule == "request-invalid")
        #expect(refusal?.rejection.evidence["field"] == "digests.sha256")
    }
}

// SPDX-License-Identifier: Apache-2.0
import BlobStore
import Events
import Foundation
import PipelineTesting
import TestSupport
import Testing

@testable import FetcherWorker

@Suite("Fetching a checksum file's signature", .serialized, .timeLimit(.minutes(2)))
struct SignatureFetchTests {
    private static let name = "SHA256SUMS.gpg"
    private static let signature = Array("a signature".utf8)

    private func bench() async throws -> FetcherBench {
        let bench = try await FetcherBench()
        try bench.server.root.write(Self.signature, to: Self.name)
        return bench
    }

    private func event(_ bench: FetcherBench, _ url: String? = nil) -> Event {
        bench.event { $0.checksumFiles?[0].signature = url ?? bench.server.url(Self.name) }
    }

    @Test("It is in the store, and a redelivery does not ask for it again")
    func stored() async throws {
        let bench = try await bench()
        let event = event(bench)
        let fetched = try bench.fetched(try await bench.handle(event))
        let file = try #require(fetched.checksumFiles.first)
        #expect(file.signature == Fixture.blob(of: Self.signature))
        let blob = try #require(file.signature)
        #expect(try await bench.store().read(blob, bytesMax: 100) == Self.signature)
        let left = try FileManager.default.contentsOfDirectory(
            atPath: bench.folder.file("partial"))
        #expect(left.count == 1 && left[0].hasPrefix("fetched-"), "\(left)")
        #expect(try bench.fetched(try await bench.handle(event)) == fetched)
        #expect(try bench.server.requests(Self.name).count == 1)
    }

    @Test("A signature that was collected is fetched again")
    func collected() async throws {
        let bench = try await bench()
        let event = event(bench)
        let fetched = try bench.fetched(try await bench.handle(event))
        let blob = try #require(fetched.checksumFiles.first?.signature)
        try FileManager.default.removeItem(atPath: try bench.store().path(of: blob))
        #expect(try bench.fetched(try await bench.handle(event)) == fetched)
        #expect(try bench.server.requests(Self.name).count == 2)
    }

    @Test("One that is not there, too large or out of bounds is refused by its field")
    func refused() async throws {
        let bench = try await bench()
        try bench.server.root.write(Data(count: (1 << 16) + 1), to: "large.gpg")
        for (url, rule) in [
            (bench.server.url("none.gpg"), "http-status"),
            (bench.server.url("large.gpg"), "too-large"),
            ("file:///etc/passwd", "forbidden-scheme"),
            ("http://user:pw@127.0.0.1/a.gpg", "request-invalid"),
        ] {
            let rejection = try await bench.handle(event(bench, url)).rejection
            #expect(rejection?.rule == rule)
            #expect(rejection?.evidence["field"] == "checksumFiles[0].signature")
        }
        let outcome = try await bench.handle(
            event(bench, bench.server.url(Self.name, host: "localhost")),
            ["fetcher.hosts": "127.0.0.1"])
        #expect(outcome.rejection?.rule == "forbidden-host")
    }
}

// SPDX-License-Identifier: Apache-2.0
import BlobStore
import Events
import Foundation
import PipelineTesting
import Signatures
import TestSupport
import Testing

@testable import FetcherWorker

@Suite("Fetching the files that modifications upload", .serialized, .timeLimit(.minutes(2)))
struct UploadFetchTests {
    private static let files = ["agent.deb": FetcherBench.bytes(300_000, seed: 7), "motd": Data()]

    private func bench() async throws -> FetcherBench {
        let bench = try await FetcherBench()
        for (name, bytes) in Self.files { try bench.server.root.write(bytes, to: name) }
        return bench
    }

    private static func sha256(_ name: String) -> String {
        Digest.hex(Digest.sha256(Array(files[name] ?? Data())))
    }

    /// A request that uploads these, as (name, SHA-256).
    private func event(_ bench: FetcherBench, _ uploads: [(String, String)]) -> Event {
        bench.event { request in
            request.modifications =
                [.sysprep(.init())]
                + uploads.map { name, sha256 in
                    .upload(
                        .init(
                            path: "/root/file",
                            url: name.contains(":") ? name : bench.server.url(name),
                            sha256: sha256))
                }
            request.metadata.locations = ["http://example.org/modified.img"]
        }
    }

    private func event(_ bench: FetcherBench) -> Event {
        event(bench, ["agent.deb", "motd"].map { ($0, Self.sha256($0)) })
    }

    @Test("They are in the store, in the request's order, and are not asked for again")
    func stored() async throws {
        let bench = try await bench()
        let event = event(bench)
        let fetched = try bench.fetched(try await bench.handle(event))
        let files = try #require(fetched.files)
        #expect(files.map(\.url) == ["agent.deb", "motd"].map { bench.server.url($0) })
        for (file, name) in zip(files, ["agent.deb", "motd"]) {
            let bytes = try await bench.store().read(file.blob, bytesMax: 1 << 20)
            #expect(Data(bytes) == Self.files[name])
            #expect(file.signature == nil)
        }
        let left = try FileManager.default.contentsOfDirectory(
            atPath: bench.folder.file("partial"))
        #expect(left.count == 1 && left[0].hasPrefix("fetched-"), "\(left)")
        let pins = try FileManager.default.contentsOfDirectory(
            atPath: bench.folder.file("pins/\(event.publication)"))
        #expect(files.allSatisfy { pins.contains($0.blob.sha256) })
        #expect(try bench.fetched(try await bench.handle(event)) == fetched)
        #expect(try bench.server.requests("agent.deb").count == 1)
    }

    @Test("Without uploads the section says nothing of files")
    func none() async throws {
        let bench = try await bench()
        #expect(try bench.fetched(try await bench.handle(event(bench, []))).files == nil)
    }

    @Test("One that was collected is fetched again")
    func collected() async throws {
        let bench = try await bench()
        let event = event(bench)
        let fetched = try bench.fetched(try await bench.handle(event))
        let blob = try #require(fetched.files?.first?.blob)
        try FileManager.default.removeItem(atPath: try bench.store().path(of: blob))
        #expect(try bench.fetched(try await bench.handle(event)) == fetched)
        #expect(try bench.server.requests("agent.deb").count == 2)
    }

    @Test("Other bytes than the request names are refused, and not kept")
    func otherBytes() async throws {
        let bench = try await bench()
        let event = event(bench, [("agent.deb", Self.sha256("motd"))])
        let rejection = try #require(try await bench.handle(event).rejection)
        #expect(rejection.rule == "digest-mismatch")
        #expect(rejection.evidence["field"] == "modifications[1].upload.url")
        #expect(rejection.evidence["expected"] == Self.sha256("motd"))
        #expect(rejection.evidence["found"] == Self.sha256("agent.deb"))
        let left = try FileManager.default.contentsOfDirectory(
            atPath: bench.folder.file("partial"))
        #expect(!left.contains { $0.hasPrefix("upload-") }, "\(left)")
        #expect(try bench.requests().isEmpty, "the image is fetched last")
    }

    @Test("One that is not there, too large or out of bounds is refused by its field")
    func refused() async throws {
        let bench = try await bench()
        let digest = Self.sha256("agent.deb")
        for (name, rule) in [
            ("none.deb", "http-status"), ("file:///etc/passwd", "forbidden-scheme"),
            ("http://user:pw@127.0.0.1/a.deb", "request-invalid"),
        ] {
            let rejection = try await bench.handle(event(bench, [(name, digest)])).rejection
            #expect(rejection?.rule == rule)
            #expect(rejection?.evidence["field"] == "modifications[1].upload.url")
        }
        let large = try await bench.handle(
            event(bench), ["fetcher.upload-size-max": "100KiB"])
        #expect(large.rejection?.rule == "too-large")
        let url = bench.server.url("agent.deb", host: "localhost")
        let foreign = try await bench.handle(
            event(bench, [(url, digest)]), ["fetcher.hosts": "127.0.0.1"])
        #expect(foreign.rejection?.rule == "forbidden-host")
    }
}

// SPDX-License-Identifier: Apache-2.0
import Events
import Foundation
import Pipeline
import PipelineTesting
import TestSupport
import Testing

@testable import FetcherWorker

@Suite("What the fetcher refuses, and what it tries again", .serialized, .timeLimit(.minutes(2)))
struct FetcherRefusalTests {
    @Test("A malformed request is rejected with the field at fault")
    func malformed() async throws {
        let bench = try await FetcherBench()
        let changes: [(String, (inout ImageRequest) -> Void)] = [
            ("name", { $0.name = "../x" }),
            ("digests.sha256", { $0.digests = ["sha256": "xyz"] }),
            ("source.url", { $0.source.url = "http://exa mple/" }),
            (
                "checksumFiles",
                { request in
                    request.checksumFiles = (0...ImageRequest.listCountMax).map {
                        ImageRequest.ChecksumFile(url: "http://example.org/\($0)")
                    }
                }
            ),
        ]
        for (field, change) in changes {
            let rejection = try await bench.handle(bench.event(change)).rejection
            #expect(rejection?.stage == .fetcher)
            #expect(rejection?.rule == "request-invalid")
            #expect(rejection?.evidence["field"] == field)
            #expect(rejection?.message.contains(field) == true)
        }
        #expect(try bench.server.requests().isEmpty)
    }

    /// Lists keep the newest request under a name, so such a one would be there for ever.
    @Test("A request from the future is rejected; a clock that is somewhat fast is not")
    func future() async throws {
        let bench = try await FetcherBench()
        var event = bench.event()
        event.time = Timestamp.now.adding(days: 1)
        let rejection = try await bench.handle(event).rejection
        #expect(rejection?.rule == "request-time")
        #expect(rejection?.evidence["found"] == "\(event.time)")
        #expect(try bench.server.requests().isEmpty)
        event.time = Timestamp(seconds: Timestamp.now.seconds + 600)
        #expect(try bench.fetched(try await bench.handle(event)).requestTime == event.time)
    }

    @Test("URLs outside the rules are rejected by rule, for image and checksum files")
    func urls() async throws {
        let bench = try await FetcherBench()
        let good = bench.server.url(FetcherBench.name)
        for (url, rule) in [
            ("file:///etc/passwd", "forbidden-scheme"),
            ("http://example.org/x", "forbidden-host"),
        ] {
            let settings = ["fetcher.hosts": "127.0.0.1"]
            let image = try await bench.handle(FetcherBench.event(url), settings)
            #expect(image.rejection?.rule == rule)
            #expect(image.rejection?.evidence == ["field": "source.url"])
            let sums = try await bench.handle(FetcherBench.event(good, sums: [url]), settings)
            #expect(sums.rejection?.rule == rule)
            #expect(sums.rejection?.evidence == ["field": "checksumFiles[0].url"])
        }
        let secret = "http://user:secret@127.0.0.1:\(bench.server.port)/image.img"
        let outcome = try await bench.handle(FetcherBench.event(secret))
        #expect(outcome.rejection != nil)
        #expect(!"\(outcome)".contains("secret"))
    }

    @Test("Loopback is refused by default, by address and by name")
    func loopback() async throws {
        let bench = try await FetcherBench()
        for host in ["127.0.0.1", "localhost"] {
            let outcome = try await bench.handle(
                FetcherBench.event(bench.server.url(FetcherBench.name, host: host)),
                ["fetcher.allow-private-addresses": "false"])
            #expect(outcome.rejection?.rule == "forbidden-address")
        }
        #expect(try bench.server.requests().isEmpty)
    }

    @Test("What the server answers, by rule")
    func answers() async throws {
        let bench = try await FetcherBench()
        let expectations: [(HTTPServer.Behaviour, String)] = [
            (.status(404), "http-status"), (.status(403), "http-status"),
            (.redirect("file:///etc/passwd"), "forbidden-redirect"),
            (.redirect(FetcherBench.name), "forbidden-redirect"),
            (.with { $0.endless = 1 << 40 }, "too-large"),
            (
                .with {
                    $0.endless = 1 << 40
                    $0.chunked = true
                }, "too-large"
            ),
        ]
        for (behaviour, rule) in expectations {
            try bench.server.program(FetcherBench.name, behaviour)
            let outcome = try await bench.handle(nil, ["fetcher.size-max": "1MiB"])
            #expect(outcome.rejection?.rule == rule)
        }
        try bench.server.program(FetcherBench.name, .plain)
        try bench.server.root.write(Data(count: (1 << 20) + 1), to: FetcherBench.sums)
        Self.forget(bench)
        let outcome = try await bench.handle()
        #expect(outcome.rejection?.rule == "too-large")
        #expect(outcome.rejection?.evidence["field"] == "checksumFiles[0].url")
    }

    /// Removes what earlier deliveries left, so that the checksum file is asked for again.
    private static func forget(_ bench: FetcherBench) {
        try? FileManager.default.removeItem(atPath: bench.folder.file("partial"))
        try? FileManager.default.createDirectory(
            atPath: bench.folder.file("partial"), withIntermediateDirectories: false)
    }

    @Test("Passing trouble is tried again: Retry-After is obeyed, other errors are transient")
    func transient() async throws {
        let bench = try await FetcherBench()
        try bench.server.program(
            FetcherBench.name, .status(503, ["Retry-After": "120"]))
        let outcome = try await bench.handle()
        #expect(
            outcome == .retry(after: .seconds(120), why: "source.url: status 503"))
        try bench.server.program(FetcherBench.name, .status(500))
        let error = await #expect(throws: (any Error).self) { try await bench.handle() }
        #expect((error as? any Disposed)?.disposition == .transient)
        try bench.server.program(FetcherBench.name, .plain)
        #expect(try bench.fetched(try await bench.handle()).blob.size == bench.content.count)
    }

    @Test("Settings that contradict each other are refused at the start")
    func settings() throws {
        #expect(throws: ConfigurationError.self) {
            try FetcherBench.handler(["fetcher.schemes": "http,gopher"])
        }
        #expect(throws: ConfigurationError.self) {
            try FetcherBench.handler(["fetcher.schemes": "file"])
        }
    }

    @Test("file: URLs work when they are allowed")
    func files() async throws {
        let bench = try await FetcherBench()
        let root = bench.server.root.path
        let event = FetcherBench.event("file://\(root)/\(FetcherBench.name)")
        let settings = ["fetcher.schemes": "file", "fetcher.file-roots": root]
        let fetched = try bench.fetched(try await bench.handle(event, settings))
        #expect(fetched.blob == Fixture.blob(of: Array(bench.content)))
        let outside = FetcherBench.event("file:///etc/passwd")
        #expect(
            try await bench.handle(outside, settings).rejection?.rule == "forbidden-file")
    }
}

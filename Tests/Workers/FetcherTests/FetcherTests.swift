// SPDX-License-Identifier: Apache-2.0
import BlobStore
import Events
import Foundation
import Pipeline
import PipelineTesting
import Synchronization
import TestSupport
import Testing

@testable import FetcherWorker

@Suite("Fetching an image", .serialized, .timeLimit(.minutes(2)))
struct FetcherTests {
    @Test("Image and checksum file are in the store, and the event says what they are")
    func plain() async throws {
        let bench = try await FetcherBench()
        let outcome = try await bench.handle()
        let fetched = try bench.fetched(outcome)
        let digests = Fixture.digests(of: Array(bench.content))
        let sums = Array("0  image.img\n".utf8)
        #expect(
            fetched
                == Fetched(
                    requestTime: Fixture.requestTime, url: bench.server.url(FetcherBench.name),
                    blob: Fixture.blob(of: Array(bench.content)), digests: digests,
                    compression: .none,
                    uncompressed: Fetched.Content(size: bench.content.count, digests: digests),
                    checksumFiles: [
                        Fetched.FetchedFile(
                            url: bench.server.url(FetcherBench.sums), blob: Fixture.blob(of: sums))
                    ]))
        let store = try bench.store()
        #expect(
            Data(try await store.read(fetched.blob, bytesMax: 1 << 20)) == bench.content)
        #expect(try await store.read(fetched.checksumFiles[0].blob, bytesMax: 100) == sums)
        let left = try FileManager.default.contentsOfDirectory(
            atPath: bench.folder.file("partial"))
        #expect(left.count == 1 && left[0].hasPrefix("fetched-"), "\(left)")
    }

    @Test("After redirects the event names the final URL, without a token in its query")
    func redirect() async throws {
        let bench = try await FetcherBench()
        let signed = bench.server.url(FetcherBench.name) + "?signature=secret"
        try bench.server.program("go", .redirect(signed))
        let outcome = try await bench.handle(FetcherBench.event(bench.server.url("go")))
        #expect(try bench.fetched(outcome).url == bench.server.url(FetcherBench.name))
    }

    @Test("A redelivery gives the same, without a request, although the source has changed")
    func redelivery() async throws {
        let bench = try await FetcherBench()
        let first = try bench.fetched(try await bench.handle())
        let requests = try bench.server.requests().count
        try bench.server.root.write(FetcherBench.bytes(10, seed: 2), to: FetcherBench.name)
        #expect(try bench.fetched(try await bench.handle()) == first)
        #expect(try bench.server.requests().count == requests)
    }

    @Test("A crash between the record and the store costs no second download either")
    func crashBeforeAdoption() async throws {
        let bench = try await FetcherBench()
        let first = try bench.fetched(try await bench.handle())
        let store = try bench.store()
        try FileManager.default.moveItem(
            atPath: try store.path(of: first.blob), toPath: try bench.partial())
        try bench.server.root.write(FetcherBench.bytes(10, seed: 2), to: FetcherBench.name)
        let requests = try bench.server.requests().count
        #expect(try bench.fetched(try await bench.handle()) == first)
        #expect(try bench.server.requests().count == requests)
        #expect(
            Data(try await store.read(first.blob, bytesMax: 1 << 20)) == bench.content)
    }

    /// The one's record must not make a blob of the other's bytes.
    @Test("Two events of one publication and URL do not share their downloads")
    func twoEvents() async throws {
        let bench = try await FetcherBench()
        let first = try bench.fetched(try await bench.handle())
        let store = try bench.store()
        try FileManager.default.moveItem(
            atPath: try store.path(of: first.blob), toPath: try bench.partial())
        let second = FetcherBench.bytes(bench.content.count, seed: 2)
        try bench.server.root.write(second, to: FetcherBench.name)
        var other = bench.event()
        other.id = "another"
        #expect(
            try bench.fetched(try await bench.handle(other)).digests
                == Fixture.digests(of: Array(second)))
        #expect(try bench.fetched(try await bench.handle()) == first)
        #expect(Data(try await store.read(first.blob, bytesMax: 1 << 20)) == bench.content)
    }

    @Test("A blob that was collected is downloaded again")
    func collected() async throws {
        let bench = try await FetcherBench()
        let first = try bench.fetched(try await bench.handle())
        try FileManager.default.removeItem(atPath: try bench.store().path(of: first.blob))
        #expect(try bench.fetched(try await bench.handle()) == first)
        #expect(try bench.requests().count == 2)
    }

    @Test("Near the deadline it yields, and goes on with the rest only")
    func yields() async throws {
        let bench = try await FetcherBench()
        try bench.server.program(FetcherBench.name, .with { $0.stall = 150_000 }, .plain)
        #expect(try await bench.handle(deadline: .seconds(2)).isYield)
        let fetched = try bench.fetched(try await bench.handle())
        #expect(fetched.digests == Fixture.digests(of: Array(bench.content)))
        #expect(try bench.requests().map { $0.headers["range"] } == [nil, "bytes=150000-"])
        #expect(try bench.server.requests(FetcherBench.sums).count == 1)
    }

    /// The blob this leaves is wrong on purpose: right digests of altered bytes show that the
    /// digests go on from their saved state.
    @Test("What was there before a restart is not read a second time for the digests")
    func noSecondReading() async throws {
        let bench = try await FetcherBench()
        try bench.server.program(FetcherBench.name, .with { $0.stall = 150_000 }, .plain)
        #expect(try await bench.handle(deadline: .seconds(2)).isYield)
        let handle = try #require(FileHandle(forUpdatingAtPath: try bench.partial()))
        try handle.write(contentsOf: Data(count: 1_000))
        try handle.close()
        let fetched = try bench.fetched(try await bench.handle())
        #expect(fetched.digests == Fixture.digests(of: Array(bench.content)))
    }

    @Test("Killed with SIGKILL in the middle, another process goes on from the saved progress")
    func killed() async throws {
        let bench = try await FetcherBench()
        try bench.server.program(
            FetcherBench.name, .with { $0.rate = 150_000 }, .plain)
        let (url, path) = (bench.server.url(FetcherBench.name), bench.folder.path)
        await #expect(processExitsWith: .signal(SIGKILL)) {
            [url = url as String, path = path as String] in
            let context = TestContext.make(
                stage: .fetcher, store: try BlobStore(directory: path)
            ) { _ in kill(getpid(), SIGKILL) }
            _ = try await FetcherBench.handler().handle(FetcherBench.event(url), context)
        }
        let fetched = try bench.fetched(try await bench.handle(FetcherBench.event(url)))
        #expect(fetched.digests == Fixture.digests(of: Array(bench.content)))
        let requests = try bench.requests()
        #expect(requests.count == 2)
        let range = try #require(requests.last?.headers["range"])
        let start = try #require(Int(range.dropFirst(6).dropLast()))
        #expect(start > 10_000)
        #expect(requests.last?.sent == bench.content.count - start)
        #expect(
            Data(try await bench.store().read(fetched.blob, bytesMax: 1 << 20)) == bench.content)
    }

    @Test("A source that changed during an interruption is fetched from its beginning")
    func changed() async throws {
        let bench = try await FetcherBench()
        try bench.server.program(FetcherBench.name, .with { $0.stall = 150_000 }, .plain)
        #expect(try await bench.handle(deadline: .seconds(2)).isYield)
        let second = FetcherBench.bytes(400_000, seed: 2)
        try bench.server.root.write(second, to: FetcherBench.name)
        let fetched = try bench.fetched(try await bench.handle())
        #expect(fetched.digests == Fixture.digests(of: Array(second)))
    }

    @Test("Of two fetchers at the same event one works, the other comes back later")
    func twoAtOnce() async throws {
        let bench = try await FetcherBench()
        try bench.server.program(FetcherBench.name, .with { $0.rate = 300_000 })
        async let first = bench.handle()
        async let second = bench.handle()
        let outcomes = try await [first, second]
        #expect(outcomes.filter(\.isYield).count == 1)
        #expect(try bench.requests().count == 1)
        let done = try #require(outcomes.first { !$0.isYield })
        #expect(try bench.fetched(try await bench.handle()) == bench.fetched(done))
    }

    @Test("Watchers hear of progress")
    func progress() async throws {
        let bench = try await FetcherBench()
        try bench.server.program(FetcherBench.name, .with { $0.rate = 300_000 })
        let events = Mutex<[Event]>([])
        _ = try await bench.handle { event in events.withLock { $0.append(event) } }
        let reports = try events.withLock { $0 }.map { try $0.section(Progress.self) }
        #expect((1...6).contains(reports.count))
        #expect(reports.allSatisfy { $0.bytesTotal == 400_000 && $0.activity == "download" })
        #expect(reports.map(\.bytes) == reports.map(\.bytes).sorted())
        #expect(reports.last?.bytes == 400_000)
    }
}

@Suite("Fetching a compressed image", .serialized, .timeLimit(.minutes(2)))
struct FetcherCompressionTests {
    private func packed(_ tool: String, _ content: Data) async throws -> Data {
        let folder = try TemporaryDirectory()
        let path = try folder.write(content, to: "image")
        let result = try await run("sh", ["-c", "\(tool) -c < '\(path)' > '\(path).packed'"])
        #expect(result.status == 0, "\(result.output)")
        return try Data(contentsOf: URL(fileURLWithPath: path + ".packed"))
    }

    @Test(
        "Digests of both forms, and the way of compression from the bytes alone",
        arguments: [
            ("gzip", CompressionKind.gz), ("bzip2", .bz2), ("xz", .xz), ("zstd -q", .zstd),
        ])
    func bothForms(tool: String, kind: CompressionKind) async throws {
        let content = FetcherBench.bytes(300_000)
        let file = try await packed(tool, content)
        let bench = try await FetcherBench(file)
        let fetched = try bench.fetched(try await bench.handle())
        #expect(fetched.compression == kind)
        #expect(fetched.digests == Fixture.digests(of: Array(file)))
        #expect(fetched.blob == Fixture.blob(of: Array(file)))
        #expect(
            fetched.uncompressed
                == Fetched.Content(
                    size: content.count, digests: Fixture.digests(of: Array(content))))
    }

    @Test("The same after an interruption in the middle")
    func resumed() async throws {
        let content = FetcherBench.bytes(300_000)
        let bench = try await FetcherBench(try await packed("gzip", content))
        try bench.server.program(FetcherBench.name, .with { $0.stall = 150_000 }, .plain)
        #expect(try await bench.handle(deadline: .seconds(2)).isYield)
        let fetched = try bench.fetched(try await bench.handle())
        #expect(fetched.digests == Fixture.digests(of: Array(bench.content)))
        #expect(fetched.uncompressed.digests == Fixture.digests(of: Array(content)))
        #expect(try bench.requests().last?.headers["range"] == "bytes=150000-")
    }

    @Test(
        "A declared way of compression that is not the real one is refused",
        arguments: [
            (CompressionKind.none, "gz"), (.xz, "gz"),
        ])
    func mismatch(declared: CompressionKind, found: String) async throws {
        let bench = try await FetcherBench(try await packed("gzip", FetcherBench.bytes(1_000)))
        let outcome = try await bench.handle(
            bench.event { $0.source.compression = declared })
        #expect(outcome.rejection?.rule == "compression-mismatch")
        #expect(outcome.rejection?.evidence["expected"] == declared.rawValue)
        #expect(outcome.rejection?.evidence["found"] == found)
    }

    @Test("Declared as compressed, but not")
    func notCompressed() async throws {
        let bench = try await FetcherBench()
        let outcome = try await bench.handle(bench.event { $0.source.compression = .gz })
        #expect(outcome.rejection?.rule == "compression-mismatch")
    }

    @Test("A bomb is refused, and so is a truncated or a damaged file")
    func hostile() async throws {
        let bomb = try await packed("gzip", Data(count: 30_000_000))
        let good = try await packed("gzip", FetcherBench.bytes(100_000))
        var damaged = good
        damaged[50_000] ^= 0xff
        for file in [bomb, good.prefix(60_000), damaged, good + Data("tail".utf8)] {
            let bench = try await FetcherBench(Data(file))
            let outcome = try await bench.handle(
                nil, ["fetcher.uncompressed-size-max": "10MiB"])
            #expect(outcome.rejection?.rule == "bad-compression", "\(outcome)")
            #expect(outcome.rejection?.evidence["field"] == "source.url")
            #expect(!FileManager.default.fileExists(atPath: try bench.partial()))
        }
    }
}

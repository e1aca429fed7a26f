// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing
import Transfer

@Suite("Resuming a download", .serialized, .timeLimit(.minutes(2)))
struct DownloadResumeTests {
    @Test("A whole file arrives, is seen by the observer, and is reported with its URL and size")
    func plain() async throws {
        let fixture = try await DownloadFixture()
        let observer = RecordingObserver()
        let result = try await fixture.run(DownloadFixture.download(), observer)
        let size = fixture.content.count
        #expect(
            result
                == .finished(
                    Download.Finished(
                        url: fixture.url, size: size, bytesReceived: size, bytesResumed: 0)))
        #expect(fixture.file == fixture.content)
        #expect(observer.seen.received == fixture.content)
    }

    @Test("A connection cut in the middle is taken up in the same run with Range and If-Range")
    func reconnects() async throws {
        let fixture = try await DownloadFixture()
        try fixture.server.program(DownloadFixture.name, .truncate(100_000), .plain)
        let observer = RecordingObserver()
        let result = try await fixture.run(DownloadFixture.download(), observer)
        #expect(result.finished?.bytesReceived == fixture.content.count)
        #expect(fixture.file == fixture.content)
        #expect(observer.seen.starts == [0, 0])
        #expect(observer.seen.received == fixture.content)
        let second = try #require(try fixture.server.requests(DownloadFixture.name).last)
        #expect(second.headers["range"] == "bytes=100000-")
        #expect(second.headers["if-range"]?.hasPrefix("\"") == true)
        #expect(second.status == 206)
    }

    @Test("A later run asks for the rest only, and the observer gets its state back")
    func laterRun() async throws {
        let fixture = try await DownloadFixture()
        try await fixture.interrupt(after: 120_000)
        try fixture.server.program(DownloadFixture.name, .plain)
        let observer = RecordingObserver()
        let result = try await fixture.run(DownloadFixture.download(), observer)
        #expect(try fixture.lastRange() == "bytes=120000-")
        #expect(result.finished?.bytesResumed == 120_000)
        #expect(result.finished?.bytesReceived == 180_000)
        #expect(observer.seen.starts == [120_000])
        #expect(observer.seen.state == Array("state".utf8))
        #expect(observer.seen.received == Data(fixture.content[120_000...]))
        #expect(observer.seen.replayed.isEmpty)
        #expect(fixture.file == fixture.content)
    }

    @Test("An observer that wants the earlier bytes gets them from the file")
    func replay() async throws {
        let fixture = try await DownloadFixture()
        try await fixture.interrupt(after: 120_000)
        try fixture.server.program(DownloadFixture.name, .plain)
        let observer = RecordingObserver(answer: .replay)
        try await fixture.run(DownloadFixture.download(), observer)
        #expect(observer.seen.replayed + observer.seen.received == fixture.content)
    }

    @Test("An observer that cannot use its state makes the download begin anew")
    func unusable() async throws {
        let fixture = try await DownloadFixture()
        try await fixture.interrupt(after: 120_000)
        try fixture.server.program(DownloadFixture.name, .plain)
        let observer = RecordingObserver(answer: .unusable)
        try await fixture.run(DownloadFixture.download(), observer)
        #expect(try fixture.lastRange() == nil)
        #expect(observer.seen.received == fixture.content)
    }

    @Test("What lies in the file beyond the saved state is not trusted")
    func bytesBeyondState() async throws {
        let fixture = try await DownloadFixture()
        try await fixture.interrupt(after: 120_000)
        let handle = try #require(FileHandle(forWritingAtPath: fixture.path))
        try handle.seekToEnd()
        try handle.write(contentsOf: Data("torn write".utf8))
        try handle.close()
        try fixture.server.program(DownloadFixture.name, .plain)
        try await fixture.run()
        #expect(try fixture.lastRange() == "bytes=120000-")
        #expect(fixture.file == fixture.content)
    }

    @Test("A file shorter than its state says, or a damaged state, means a new beginning")
    func damagedState() async throws {
        let fixture = try await DownloadFixture()
        try await fixture.interrupt(after: 120_000)
        try fixture.content.prefix(50).write(to: URL(fileURLWithPath: fixture.path))
        try fixture.server.program(DownloadFixture.name, .plain)
        try await fixture.run()
        #expect(try fixture.lastRange() == nil)
        #expect(fixture.file == fixture.content)
        try Data("{".utf8).write(to: URL(fileURLWithPath: fixture.path + ".state"))
        try await fixture.run()
        #expect(try fixture.lastRange() == nil)
        #expect(fixture.file == fixture.content)
    }

    @Test("A finished file is not asked for again")
    func finishedAlready() async throws {
        let fixture = try await DownloadFixture()
        try await fixture.run()
        let result = try await fixture.run()
        #expect(result.finished?.bytesReceived == 0)
        #expect(result.finished?.url == fixture.url)
        #expect(try fixture.server.requests(DownloadFixture.name).count == 1)
    }

    @Test("The deadline saves progress; the next run goes on from there")
    func deadline() async throws {
        let fixture = try await DownloadFixture()
        try fixture.server.program(
            DownloadFixture.name, .with { $0.stall = 90_000 }, .plain)
        let paused = try await fixture.run(until: .now + .milliseconds(500))
        #expect(paused == .paused(bytes: 90_000, total: 300_000))
        let result = try await fixture.run()
        #expect(result.finished?.bytesResumed == 90_000)
        #expect(fixture.file == fixture.content)
    }

    @Test("Cancelling saves progress too, although nothing arrives")
    func cancelled() async throws {
        let fixture = try await DownloadFixture()
        try fixture.server.program(DownloadFixture.name, .with { $0.stall = 90_000 }, .plain)
        let task = Task { try await fixture.run() }
        try await eventually(timeout: .seconds(60)) { fixture.file.count == 90_000 }
        task.cancel()
        await #expect(throws: TransferError.cancelled) { try await task.value }
        #expect(try await fixture.run().finished?.bytesResumed == 90_000)
        #expect(fixture.file == fixture.content)
    }
}

@Suite("A source that changed is never spliced", .serialized, .timeLimit(.minutes(2)))
struct DownloadSpliceTests {
    /// Interrupts the first version, puts a second one in its place, and downloads to the end.
    private func expectSecondVersion(
        first: (inout HTTPServer.Behaviour) -> Void = { _ in },
        then behaviours: (inout HTTPServer.Behaviour) -> Void = { _ in },
        requests: Int, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let fixture = try await DownloadFixture()
        try await fixture.interrupt(after: 120_000, first)
        let second = sampleBytes(300_000, seed: 2)
        try fixture.server.root.write(second, to: DownloadFixture.name)
        let before = try fixture.server.requests(DownloadFixture.name).count
        try fixture.server.program(DownloadFixture.name, .with(behaviours))
        let observer = RecordingObserver()
        let result = try await fixture.run(DownloadFixture.download(), observer)
        #expect(fixture.file == second, sourceLocation: sourceLocation)
        #expect(observer.seen.received == second, sourceLocation: sourceLocation)
        #expect(result.finished?.bytesResumed == 0, sourceLocation: sourceLocation)
        let made = try fixture.server.requests(DownloadFixture.name).count - before
        #expect(made == requests, sourceLocation: sourceLocation)
    }

    @Test("The entity tag changed: the server sends everything, in one request")
    func entityTag() async throws {
        try await expectSecondVersion(requests: 1)
    }

    @Test("The server ignores If-Range and sends the rest of the new version: its tag betrays it")
    func ignoresIfRange() async throws {
        try await expectSecondVersion(then: { $0.ignoreIfRange = true }, requests: 2)
    }

    @Test("The same without a tag in the answer: the old one had one, so it is not believed")
    func ignoresIfRangeHidesTag() async throws {
        try await expectSecondVersion(
            then: {
                $0.ignoreIfRange = true
                $0.etag = ""
            }, requests: 2)
    }

    @Test("Without a tag the modification date decides")
    func modificationDate() async throws {
        try await expectSecondVersion(
            first: { $0.etag = "" }, then: { $0.etag = "" }, requests: 1)
        try await expectSecondVersion(
            first: { $0.etag = "" },
            then: {
                $0.etag = ""
                $0.ignoreIfRange = true
            }, requests: 2)
    }

    @Test("A weak tag promises nothing: no range is asked for")
    func weakTag() async throws {
        let fixture = try await DownloadFixture()
        try await fixture.interrupt(after: 120_000) {
            $0.etag = "W/\"1\""
            $0.modified = ""
        }
        try fixture.server.program(DownloadFixture.name, .with { $0.etag = "W/\"1\"" })
        try await fixture.run()
        #expect(try fixture.lastRange() == nil)
        #expect(fixture.file == fixture.content)
    }

    @Test("A modification date as young as the answer is no strong validator")
    func youngDate() async throws {
        let fixture = try await DownloadFixture()
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(identifier: "GMT")
        formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
        let young = formatter.string(from: Date(timeIntervalSinceNow: 60))
        try await fixture.interrupt(after: 120_000) {
            $0.etag = ""
            $0.modified = young
        }
        try fixture.server.program(DownloadFixture.name, .plain)
        try await fixture.run()
        #expect(try fixture.lastRange() == nil)
    }

    @Test("A Content-Range that starts elsewhere, or has another total, is not the rest")
    func wrongContentRange() async throws {
        for wrong in [
            HTTPServer.Behaviour.with { $0.rangeOffset = -10 },
            .with { $0.rangeOffset = 10 },
            .with { $0.rangeTotal = 300_001 },
            .with { $0.rangeTotal = 5 },
        ] {
            let fixture = try await DownloadFixture()
            try await fixture.interrupt(after: 120_000)
            try fixture.server.program(DownloadFixture.name, wrong, .plain)
            try await fixture.run()
            #expect(fixture.file == fixture.content)
            #expect(try fixture.lastRange() == nil)
        }
    }

    @Test("416 to a range means a new beginning")
    func unsatisfiable() async throws {
        let fixture = try await DownloadFixture()
        try await fixture.interrupt(after: 120_000)
        let short = sampleBytes(1_000, seed: 3)
        try fixture.server.root.write(short, to: DownloadFixture.name)
        try fixture.server.program(
            DownloadFixture.name, .with { $0.ignoreIfRange = true }, .plain)
        try await fixture.run()
        #expect(fixture.file == short)
    }

    @Test("A server that ignores ranges sends everything, which replaces what was there")
    func ignoresRange() async throws {
        let fixture = try await DownloadFixture()
        try await fixture.interrupt(after: 120_000)
        try fixture.server.program(DownloadFixture.name, .with { $0.ignoreRange = true })
        let result = try await fixture.run()
        #expect(fixture.file == fixture.content)
        #expect(result.finished?.bytesReceived == 300_000)
    }

    @Test("A tag of another mirror says nothing about the bytes from the first")
    func otherMirror() async throws {
        let fixture = try await DownloadFixture()
        let other = try await DownloadFixture()
        let second = sampleBytes(300_000, seed: 4)
        try other.server.root.write(second, to: DownloadFixture.name)
        let tag: (inout HTTPServer.Behaviour) -> Void = { $0.etag = "\"same\"" }
        try fixture.server.program("go", .redirect(fixture.url))
        try fixture.server.program(
            DownloadFixture.name,
            .with {
                tag(&$0)
                $0.truncate = 120_000
            }, .status(503))
        var download = DownloadFixture.download()
        download.reconnectsMax = 0
        await #expect(throws: TransferError.self) {
            try await fixture.run(download, url: fixture.server.url("go"))
        }
        try fixture.server.program("go", .redirect(other.url))
        try other.server.program(DownloadFixture.name, .with(tag))
        let result = try await fixture.run(url: fixture.server.url("go"))
        #expect(fixture.file == second)
        #expect(result.finished?.url == other.url)
    }

    @Test("A source that changes at every attempt is given up")
    func keepsChanging() async throws {
        let fixture = try await DownloadFixture()
        try await fixture.interrupt(after: 120_000)
        let wrong = HTTPServer.Behaviour.with {
            $0.ignoreIfRange = true
            $0.rangeOffset = 1
            $0.truncate = 100_000
        }
        try fixture.server.program(DownloadFixture.name, wrong)
        let error = await #expect(throws: TransferError.self) { try await fixture.run() }
        #expect(error?.isTransient == true)
    }
}

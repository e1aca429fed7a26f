// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing
import Transfer

@Suite("Limits and failures of a download", .serialized, .timeLimit(.minutes(2)))
struct DownloadLimitTests {
    private func failure(
        _ behaviours: HTTPServer.Behaviour..., bytesMax: Int = 1 << 30,
        change: (inout Download) -> Void = { _ in }
    ) async throws -> (TransferError?, DownloadFixture) {
        let fixture = try await DownloadFixture()
        switch behaviours.count {
        case 1: try fixture.server.program(DownloadFixture.name, behaviours[0])
        default: try fixture.server.program(DownloadFixture.name, behaviours[0], behaviours[1])
        }
        var download = DownloadFixture.download(bytesMax: bytesMax)
        change(&download)
        do {
            _ = try await fixture.run(download)
            return (nil, fixture)
        } catch let error as TransferError {
            return (error, fixture)
        }
    }

    @Test("An announced size beyond the limit is refused before a byte is taken")
    func announcedSize() async throws {
        let (error, fixture) = try await failure(.plain, bytesMax: 299_999)
        #expect(error == .tooLarge(bytesMax: 299_999))
        #expect(error?.isTransient == false)
        #expect(!FileManager.default.fileExists(atPath: fixture.path))
    }

    @Test("A body without an announced size is cut off at the limit, and nothing is left")
    func actualSize() async throws {
        let (error, fixture) = try await failure(
            .with {
                $0.endless = 1 << 40
                $0.chunked = true
            }, bytesMax: 1 << 20)
        #expect(error == .tooLarge(bytesMax: 1 << 20))
        #expect(!FileManager.default.fileExists(atPath: fixture.path))
        #expect(!FileManager.default.fileExists(atPath: fixture.path + ".state"))
    }

    @Test("Chunked bodies of an allowed size arrive")
    func chunked() async throws {
        let (error, fixture) = try await failure(.with { $0.chunked = true })
        #expect(error == nil)
        #expect(fixture.file == fixture.content)
    }

    @Test("A Content-Length beyond what is sent is a truncation, and transient")
    func lengthTooLong() async throws {
        let (error, _) = try await failure(
            .with {
                $0.length = 400_000
                $0.etag = ""
                $0.modified = ""
            })
        #expect(error == .truncated(received: 300_000, expected: 400_000))
        #expect(error?.isTransient == true)
    }

    @Test("A chunked body that breaks off is transient")
    func brokenChunks() async throws {
        let (error, _) = try await failure(
            .with {
                $0.chunked = true
                $0.truncate = 1_000
                $0.etag = ""
                $0.modified = ""
            })
        #expect(error?.isTransient == true)
    }

    @Test(
        "A status is final, or passing",
        arguments: [
            (400, false), (401, false), (403, false), (404, false), (410, false), (408, true),
            (425, true), (429, true), (500, true), (502, true), (503, true), (504, true),
        ])
    func status(status: Int, isTransient: Bool) async throws {
        let (error, fixture) = try await failure(.status(status)) { $0.reconnectsMax = 1 }
        #expect(error == .status(status, retryAfter: nil))
        #expect(error?.isTransient == isTransient)
        #expect(try fixture.server.requests().count == (isTransient ? 2 : 1))
    }

    @Test("503 and then success is success")
    func recovers() async throws {
        let (error, fixture) = try await failure(.status(503), .plain)
        #expect(error == nil)
        #expect(fixture.file == fixture.content)
    }

    @Test("A long Retry-After is left to the caller")
    func retryAfter() async throws {
        let (error, fixture) = try await failure(.status(429, ["Retry-After": "90"]))
        #expect(error == .status(429, retryAfter: .seconds(90)))
        #expect(try fixture.server.requests().count == 1)
    }

    @Test("A stalled connection is given up after the low-speed time")
    func lowSpeed() async throws {
        let (error, _) = try await failure(.with { $0.stall = 5_000 }) {
            $0.policy.lowSpeedTime = .seconds(1)
            $0.reconnectsMax = 0
        }
        guard case .curl(28, _) = error else {
            Issue.record("unexpected \(String(describing: error))")
            return
        }
        #expect(error?.isTransient == true)
    }

    @Test("The total time holds over all attempts, and is final")
    func totalTime() async throws {
        let (error, _) = try await failure(.with { $0.rate = 20_000 }) {
            $0.policy.timeMax = .seconds(1)
        }
        #expect(error == .outOfTime(max: .seconds(1)))
        #expect(error?.isTransient == false)
    }

    @Test("A server that is gone is transient")
    func noServer() async throws {
        let port = try freePort()
        let folder = try TemporaryDirectory()
        var download = DownloadFixture.download()
        download.reconnectsMax = 1
        let error = await #expect(throws: TransferError.self) {
            try await download.run(
                "http://127.0.0.1:\(port)/", into: folder.file("x"), observer: RecordingObserver())
        }
        #expect(error?.isTransient == true)
    }

    @Test("A content coding is not undone: the bytes are stored as served")
    func contentEncoding() async throws {
        let (error, fixture) = try await failure(
            .with { $0.headers = ["Content-Encoding": "gzip"] })
        #expect(error == nil)
        #expect(fixture.file == fixture.content)
        #expect(try fixture.server.requests().first?.headers["accept-encoding"] == "identity")
    }

    @Test("Header fields without end are refused")
    func headerFlood() async throws {
        let (error, _) = try await failure(
            .with { $0.headers = ["X-Flood": String(repeating: "x", count: 90_000)] })
        #expect(error == .protocolViolation(reason: "a header beyond 65536 bytes"))
    }

    @Test("An observer that says stop stops it, and the file is gone")
    func stopped() async throws {
        let fixture = try await DownloadFixture()
        let observer = RecordingObserver(stopAfter: 50_000)
        await #expect(throws: TransferError.stopped) {
            try await fixture.run(DownloadFixture.download(), observer)
        }
        #expect(!FileManager.default.fileExists(atPath: fixture.path))
    }

    @Test("Progress comes about twice a second and ends with the whole")
    func progress() async throws {
        let fixture = try await DownloadFixture()
        try fixture.server.program(DownloadFixture.name, .with { $0.rate = 200_000 })
        let (stream, continuation) = AsyncStream.makeStream(of: [Int?].self)
        _ = try await DownloadFixture.download().run(
            fixture.url, into: fixture.path, observer: RecordingObserver()
        ) { continuation.yield([$0, $1]) }
        continuation.finish()
        let reports = await stream.reduce(into: []) { $0.append($1) }
        #expect((2...5).contains(reports.count))
        #expect(reports.last == [300_000, 300_000])
        #expect(reports.allSatisfy { $0[1] == 300_000 })
    }
}

// SPDX-License-Identifier: Apache-2.0
import Signatures
import Transfer

/// Downloads a file, its four digests meanwhile.
struct DownloadCommand: MeasuredCommand {
    static let name = "download"
    static let usage = "URL FILE"

    private let url: String
    private let file: String

    init(_ arguments: inout Arguments) throws {
        url = try arguments.text()
        file = try arguments.text()
    }

    func run() async throws {
        Download.discard(file)
        var policy = TransferPolicy()
        policy.allowsPrivateAddresses = true
        let download = Download(policy: policy, bytesMax: 1 << 40)
        let digests = DigestingObserver()
        let stopwatch = Stopwatch()
        guard
            case .finished(let finished) = try await download.run(
                url, into: file, observer: digests)
        else { throw BenchmarkError(reason: "the download paused without a deadline") }
        _ = digests.pool.finish()
        printFigures([
            "mb_s": Double(finished.size) / 1e6 / stopwatch.seconds,
            "rss_mib": Stopwatch.peakMebibytes,
        ])
    }
}

/// Feeds a digest pool with what arrives, as the fetcher does.
private final class DigestingObserver: DownloadObserver {
    let pool = DigestPool()

    func begin(offset: Int, state: [UInt8]) -> DownloadStart { offset == 0 ? .ready : .unusable }
    func replay(_ bytes: RawSpan) -> Bool { false }
    func checkpoint() -> [UInt8] { pool.checkpoint() }

    func receive(_ bytes: RawSpan) -> Bool {
        unsafe bytes.withUnsafeBytes { unsafe pool.update($0) }
        return true
    }
}

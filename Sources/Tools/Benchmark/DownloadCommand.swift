// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Signatures
import Transfer

struct DownloadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "download", abstract: "Downloads a file, its four digests meanwhile.")

    @Argument var url: String
    @Argument var file: String

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
        else { throw ValidationError("the download paused without a deadline") }
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

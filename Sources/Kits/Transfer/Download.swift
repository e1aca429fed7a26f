// SPDX-License-Identifier: Apache-2.0

/// Downloads one file over HTTP(S), FTP or from a directory, resuming where it was interrupted.
///
/// Beside the file lies `<file>.state`: the source's validator, the length that is safely on disk
/// and the observer's state at that length. A later run, in this or another process, asks for the
/// rest only, on condition that the source is the same: `If-Range` with a strong entity tag, else
/// the modification date (RFC 9110 section 13.1.5); for FTP and files, date and size. A source
/// that changed is downloaded from its beginning: a file is never spliced from two versions.
///
/// One process at a time may work on a file: callers hold a lock.
public struct Download: Sendable {
    public var policy: TransferPolicy
    /// The longest file accepted, announced or received, in bytes.
    public var bytesMax: Int
    /// How often progress is saved.
    public var checkpointInterval: Duration = .seconds(5)
    /// How often a broken connection is taken up again without any byte gained in between; 0 for
    /// never.
    public var reconnectsMax = 4
    /// The first pause before a new connection; it doubles each time.
    public var reconnectPause: Duration = .milliseconds(250)

    public init(policy: TransferPolicy, bytesMax: Int) {
        self.policy = policy
        self.bytesMax = bytesMax
    }

    /// How a run ended without an error.
    public enum Result: Sendable, Hashable {
        case finished(Finished)
        /// The deadline came first; progress is saved.
        case paused(bytes: Int, total: Int?)
    }

    /// A complete file.
    public struct Finished: Sendable, Hashable {
        /// Where the bytes came from, after redirects.
        public var url: String
        /// Length of the file in bytes.
        public var size: Int
        /// Bytes that came over the network in this run.
        public var bytesReceived: Int
        /// Bytes already there when this run began, and kept.
        public var bytesResumed: Int

        public init(url: String, size: Int, bytesReceived: Int, bytesResumed: Int) {
            self.url = url
            self.size = size
            self.bytesReceived = bytesReceived
            self.bytesResumed = bytesResumed
        }
    }

    /// Downloads `url` into the file `path`.
    ///
    /// Runs on a thread of its own; any task may call it. Cancelling the task saves progress and
    /// throws ``TransferError/cancelled``.
    ///
    /// - Parameters:
    ///   - observer: sees the bytes as they arrive.
    ///   - deadline: when to save progress and return ``Result/paused(bytes:total:)``.
    ///   - progress: bytes so far and in all, at most about twice a second, on that thread.
    /// - Throws: a transient ``TransferError`` leaves the file for a later run; any other removes
    ///   it.
    public func run(
        _ url: String, into path: String, observer: any DownloadObserver,
        until deadline: ContinuousClock.Instant? = nil,
        progress: @escaping @Sendable (_ bytes: Int, _ total: Int?) -> Void = { _, _ in }
    ) async throws(TransferError) -> Result {
        let settings = self
        return try await InterruptibleThread.run { interrupt throws(TransferError) in
            let run = try DownloadRun(
                settings, url: url, path: path, observer: observer, deadline: deadline,
                progress: progress, interrupt: interrupt)
            return try run.run()
        }
    }

    /// Removes the file `path` and what belongs to it.
    public static func discard(_ path: String) {
        PartialFile.remove(path)
    }
}

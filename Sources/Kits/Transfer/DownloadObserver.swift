// SPDX-License-Identifier: Apache-2.0

/// Sees the bytes of a download, in order, each once, after they were written to the file.
///
/// All calls come from the download's own thread, one at a time, and may block it.
public protocol DownloadObserver: AnyObject, Sendable {
    /// The bytes that follow start at `offset`.
    ///
    /// Called before the first byte and whenever the source changed (then with offset 0, and all
    /// that came before is void). With an offset above 0 `state` is what ``checkpoint()`` returned
    /// at that offset, in this process or another.
    func begin(offset: Int, state: [UInt8]) -> DownloadStart
    /// Bytes before the offset, read back from the file because ``begin(offset:state:)`` asked.
    /// False stops the download.
    func replay(_ bytes: RawSpan) -> Bool
    /// The next bytes. False stops the download with ``TransferError/stopped``.
    func receive(_ bytes: RawSpan) -> Bool
    /// What another process needs to go on from here.
    func checkpoint() -> [UInt8]
}

/// An observer's answer to where a download starts.
public enum DownloadStart: Sendable, Hashable {
    case ready
    /// Ready, but the earlier bytes are needed once more.
    case replay
    /// The state is of no use: start again at 0.
    case unusable
}

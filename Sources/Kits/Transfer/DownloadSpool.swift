// SPDX-License-Identifier: Apache-2.0

/// Where a download's bytes go: the file, the observer, the saved state. Keeps them in step.
///
/// Confined to the download's thread.
final class DownloadSpool {
    /// Which version of the source the file holds the beginning of; nil before the first answer.
    private(set) var source: SourceVersion?
    /// Bytes of the file that are written and that the observer has seen.
    private(set) var offset = 0
    private(set) var isComplete = false
    /// Bytes written by this run, those later discarded included.
    private(set) var bytesReceived = 0
    private(set) var bytesResumed = 0
    /// Time spent by earlier runs.
    private(set) var earlierTime: Duration = .zero

    private let settings: Download
    private let url: String
    private let file: PartialFile
    private let observer: any DownloadObserver
    private let progress: @Sendable (Int, Int?) -> Void
    private let started = ContinuousClock.now
    private var savedAt = ContinuousClock.now
    private var reportedAt = ContinuousClock.now
    private var reportedOffset = 0

    private static let progressInterval: Duration = .milliseconds(500)
    private static let replayBytes = 1 << 20

    init(
        _ settings: Download, url: String, path: String, observer: any DownloadObserver,
        progress: @escaping @Sendable (Int, Int?) -> Void
    ) throws(TransferError) {
        self.settings = settings
        self.url = url
        self.observer = observer
        self.progress = progress
        file = try PartialFile(path)
    }

    /// Time spent on this download, by this run and earlier ones.
    var time: Duration { earlierTime + (ContinuousClock.now - started) }

    /// Takes up what an earlier run left, or begins anew.
    func open(_ interrupt: Interrupt) throws(TransferError) {
        guard let state = file.load(), state.url == url, state.offset <= settings.bytesMax else {
            return try restart(nil)
        }
        earlierTime = .milliseconds(state.milliseconds)
        guard state.offset > 0 || state.isComplete, state.source.isResumable || state.isComplete
        else { return try restart(nil) }
        let start = observer.begin(offset: state.offset, state: state.observer)
        guard start != .unusable else { return try restart(nil) }
        if start == .replay { try replay(upTo: state.offset, interrupt) }
        try file.truncate(to: state.offset)
        source = state.source
        offset = state.offset
        bytesResumed = state.offset
        isComplete = state.isComplete || state.source.total == state.offset
    }

    /// Throws away what there is: what follows is `source` from its first byte.
    func restart(_ source: SourceVersion?) throws(TransferError) {
        try file.reset()
        self.source = source
        offset = 0
        bytesResumed = 0
        reportedOffset = 0
        guard observer.begin(offset: 0, state: []) == .ready else { throw .stopped }
    }

    /// Notes the total length, learnt late.
    func learn(total: Int) {
        source?.total = total
    }

    func append(_ bytes: UnsafeRawBufferPointer) throws(TransferError) {
        guard bytes.count <= settings.bytesMax - offset else {
            throw .tooLarge(bytesMax: settings.bytesMax)
        }
        if let total = source?.total, bytes.count > total - offset {
            throw .protocolViolation(reason: "more bytes than announced")
        }
        try file.append(bytes)
        guard observer.receive(bytes.bytes) else { throw .stopped }
        offset += bytes.count
        bytesReceived += bytes.count
        let now = ContinuousClock.now
        if now - savedAt >= settings.checkpointInterval { try save() }
        if now - reportedAt >= Self.progressInterval { report(now) }
    }

    /// The source has ended.
    func complete() throws(TransferError) {
        if let total = source?.total, offset != total {
            throw .truncated(received: offset, expected: total)
        }
        isComplete = true
        progress(offset, offset)
    }

    /// Saves progress, so that a later run goes on from here.
    func save() throws(TransferError) {
        defer { savedAt = ContinuousClock.now }
        guard let source, isComplete || source.isResumable else { return }
        try file.save(
            PartialFile.State(
                url: url, source: source, offset: offset, isComplete: isComplete,
                milliseconds: CurlTransfer.milliseconds(time), observer: observer.checkpoint()))
    }

    private func report(_ now: ContinuousClock.Instant) {
        reportedAt = now
        guard offset != reportedOffset else { return }
        reportedOffset = offset
        progress(offset, source?.total)
    }

    private func replay(upTo end: Int, _ interrupt: Interrupt) throws(TransferError) {
        let buffer = UnsafeMutableRawBufferPointer.allocate(
            byteCount: Self.replayBytes, alignment: 16)
        defer { buffer.deallocate() }
        var position = 0
        while position < end {
            if interrupt.isSet { throw .cancelled }
            let wanted = UnsafeMutableRawBufferPointer(
                rebasing: buffer[..<min(buffer.count, end - position)])
            let count = try file.read(into: wanted, at: position)
            guard count > 0 else { throw .file(operation: "read back", errno: 0) }
            guard observer.replay(UnsafeRawBufferPointer(rebasing: wanted[..<count]).bytes) else {
                throw .stopped
            }
            position += count
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
import BlobStore
import Compression
import Events
import Signatures
import Synchronization
import Threads
import Transfer

/// Computes the digests of a file while it arrives, and of the image inside when the file is
/// compressed.
///
/// The digests of the file survive a restart through their saved state. A decompressor cannot be
/// saved, so for a compressed file a new process reads the part that is there once more, for the
/// digests of the image alone.
final class ImageObserver: DownloadObserver {
    struct Content {
        var file: Fetched.Content
        var compression: CompressionKind
        var uncompressed: Fetched.Content
    }

    /// What the first bytes say.
    private enum Form {
        case unknown(prefix: [UInt8])
        case plain
        case compressed(Decompressor, DigestPool)
    }

    private struct State {
        var digests = DigestPool()
        var form = Form.unknown(prefix: [])
        var failure: Failure?
    }

    private enum Failure {
        case mismatch(found: CompressionKind)
        case compression(CompressionError)
    }

    private let state = Mutex(State())
    private let declared: CompressionKind?
    private let limits: Decompressor.Limits

    /// First byte of the saved state: whether the earlier bytes are needed again.
    private static let plainMark: UInt8 = 0
    private static let replayMark: UInt8 = 1

    init(declared: CompressionKind?, uncompressedSizeMax: Int) {
        self.declared = declared
        limits = Decompressor.Limits(outputBytesMax: uncompressedSizeMax)
    }

    func begin(offset: Int, state saved: [UInt8]) -> DownloadStart {
        state.withLock { state in
            state = State()
            guard offset > 0 else { return .ready }
            guard let mark = saved.first,
                let digests = try? DigestPool(resuming: Array(saved.dropFirst())),
                digests.finish().size == offset
            else { return .unusable }
            state.digests = digests
            guard mark == Self.plainMark else { return .replay }
            state.form = .plain
            return .ready
        }
    }

    func replay(_ bytes: RawSpan) -> Bool {
        state.withLock { state in
            unsafe bytes.withUnsafeBytes { unsafe look($0, &state) }
            return state.failure == nil
        }
    }

    func receive(_ bytes: RawSpan) -> Bool {
        state.withLock { state in
            unsafe bytes.withUnsafeBytes { buffer in
                unsafe state.digests.update(buffer)
                unsafe look(buffer, &state)
            }
            return state.failure == nil
        }
    }

    func checkpoint() -> [UInt8] {
        state.withLock { state in
            var mark = Self.replayMark
            if case .plain = state.form { mark = Self.plainMark }
            return [mark] + state.digests.checkpoint()
        }
    }

    /// What has arrived. Waits for the digests, so it runs on a thread of its own.
    ///
    /// - Throws: ``Refusal`` for data that is not what it is said to be.
    func finish() async throws -> Content {
        try await OwnThread.run { [self] in
            state.withLock { state in close(&state) }
            try throwFailure()
            return state.withLock { state in
                let file = Fetched.Content(state.digests.finish())
                guard case .compressed(let decompressor, let digests) = state.form else {
                    return Content(file: file, compression: .none, uncompressed: file)
                }
                return Content(
                    file: file, compression: CompressionKind(decompressor.format),
                    uncompressed: Fetched.Content(digests.finish()))
            }
        }
    }

    /// Throws why the data was refused, if it was.
    func throwFailure() throws {
        switch state.withLock({ $0.failure }) {
        case nil: return
        case .mismatch(let found):
            throw Refusal(
                "compression-mismatch",
                "source.compression says \(declared?.rawValue ?? ""), the file is"
                    + " \(found == .none ? "not compressed" : found.rawValue)",
                [
                    "field": "source.compression", "expected": declared?.rawValue ?? "",
                    "found": found.rawValue,
                ])
        case .compression(let error):
            guard !error.isTransient else { throw error }
            throw Refusal(
                "bad-compression", "source.url: \(error)", ["field": "source.url"])
        }
    }
}

// The image inside. Buffers are borrowed for the call: nothing here keeps a pointer.
extension ImageObserver {
    private func look(_ bytes: UnsafeRawBufferPointer, _ state: inout State) {
        guard state.failure == nil else { return }
        switch state.form {
        case .plain: return
        case .compressed(let decompressor, _):
            unsafe decompress(bytes, decompressor, &state)
        case .unknown(var prefix):
            unsafe prefix.append(contentsOf: bytes)
            state.form = .unknown(prefix: prefix)
            if prefix.count >= CompressionFormat.prefixBytes { recognise(prefix, &state) }
        }
    }

    private func recognise(_ prefix: [UInt8], _ state: inout State) {
        let format = CompressionFormat(prefix: prefix)
        let found = format.map { CompressionKind($0) } ?? .none
        if let declared, declared != found {
            state.failure = .mismatch(found: found)
            return
        }
        guard let format else {
            state.form = .plain
            return
        }
        let digests = DigestPool()
        do throws(CompressionError) {
            let decompressor = try unsafe Decompressor(format, limits: limits) { bytes in
                unsafe digests.update(bytes)
            }
            state.form = .compressed(decompressor, digests)
            unsafe prefix.withUnsafeBytes { unsafe decompress($0, decompressor, &state) }
        } catch {
            state.failure = .compression(error)
        }
    }

    private func decompress(
        _ bytes: UnsafeRawBufferPointer, _ decompressor: Decompressor, _ state: inout State
    ) {
        do throws(CompressionError) {
            try unsafe decompressor.update(bytes)
        } catch {
            state.failure = .compression(error)
        }
    }

    private func close(_ state: inout State) {
        if case .unknown(let prefix) = state.form { recognise(prefix, &state) }
        guard state.failure == nil, case .compressed(let decompressor, _) = state.form else {
            return
        }
        do throws(CompressionError) {
            try decompressor.finish()
        } catch {
            state.failure = .compression(error)
        }
    }
}

extension CompressionKind {
    init(_ format: CompressionFormat) {
        self =
            switch format {
            case .gz: .gz
            case .bz2: .bz2
            case .xz: .xz
            case .zstd: .zstd
            }
    }
}

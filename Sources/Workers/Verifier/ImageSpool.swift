// SPDX-License-Identifier: Apache-2.0
import Glibc
import ImageFile
import Synchronization

/// Keeps of an uncompressed image, which passes by only once, what the probe will look at: of a
/// raw disk its two ends; of a format with tables, all of it, in a file without a name that is
/// gone with this object, also after a crash.
final class ImageSpool: ByteSource {
    private struct State {
        var size = 0
        var head: [UInt8] = []
        var foot: [UInt8] = []
        var file: Int32?
        var failure: ImageFileError?
    }

    private let state = Mutex(State())
    private let path: String

    /// - Parameter path: where the file begins its life; a place that nobody else uses.
    init(path: String) {
        self.path = path
    }

    deinit {
        if let file = state.withLock({ $0.file }) { close(file) }
    }

    /// Takes the image's next bytes.
    func take(_ piece: UnsafeRawBufferPointer) {
        state.withLock { state in
            guard state.failure == nil else { return }
            let wasShort = state.head.count < ImageProbe.headBytes
            let room = ImageProbe.headBytes - state.head.count
            unsafe state.head += piece.prefix(room)
            let kept = max(0, ImageProbe.footBytes - piece.count)
            state.foot = Array(state.foot.suffix(kept))
            unsafe state.foot += piece.suffix(ImageProbe.footBytes)
            state.size += piece.count
            if let file = state.file {
                unsafe write(piece, to: file, &state)
            } else if wasShort, ImageProbe.needsWhole(head: state.head) {
                open(&state)
                if let file = state.file {
                    // All that came so far: the head, and what this piece has beyond it.
                    unsafe state.head.withUnsafeBytes { unsafe write($0, to: file, &state) }
                    unsafe write(
                        UnsafeRawBufferPointer(rebasing: piece.dropFirst(room)), to: file, &state)
                }
            }
        }
    }

    private func open(_ state: inout State) {
        let file = unsafe Glibc.open(
            path, O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, mode_t(0o600))
        guard file >= 0 else {
            state.failure = .unreadable(code: errno)
            return
        }
        state.file = file
        if unsafe unlink(path) != 0 { state.failure = .unreadable(code: errno) }
    }

    private func write(
        _ bytes: UnsafeRawBufferPointer, to file: Int32, _ state: inout State
    ) {
        var rest = unsafe bytes[...]
        while unsafe !rest.isEmpty, state.failure == nil {
            let count = unsafe Glibc.write(
                file, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
            if count < 0, errno == EINTR { continue }
            if count < 0 {
                state.failure = .unreadable(code: errno)
            } else {
                unsafe rest = unsafe rest.dropFirst(count)
            }
        }
    }

    // MARK: ByteSource

    var size: Int { state.withLock { $0.size } }

    func read(at offset: Int, count: Int) throws(ImageFileError) -> [UInt8] {
        let result: Result<[UInt8], ImageFileError> = state.withLock { state in
            if let failure = state.failure { return .failure(failure) }
            guard let file = state.file else { return .success(kept(state, offset, count)) }
            return Result { () throws(ImageFileError) in
                try FileBytes(descriptor: file).read(at: offset, count: count)
            }
        }
        return try result.get()
    }

    /// From the two ends; what lies between was let go.
    private func kept(_ state: State, _ offset: Int, _ count: Int) -> [UInt8] {
        let footStart = state.size - state.foot.count
        if offset >= footStart, offset <= state.size {
            return Array(state.foot.dropFirst(offset - footStart).prefix(count))
        }
        // Bytes in memory can always be read.
        return (try? state.head.read(at: offset, count: count)) ?? []
    }
}

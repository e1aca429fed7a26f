// SPDX-License-Identifier: Apache-2.0
import Foundation
import Synchronization
import Transfer

/// Notes what a download tells it.
final class RecordingObserver: DownloadObserver {
    struct Notes {
        /// Offsets given to `begin`, in order.
        var starts: [Int] = []
        /// Bytes received since the last `begin`.
        var received = Data()
        var replayed = Data()
        /// State given to the last `begin`.
        var state: [UInt8] = []
        /// Bytes received in all, also before a restart.
        var total = 0
    }

    private let notes = Mutex(Notes())
    private let answer: DownloadStart
    private let stopAfter: Int

    /// - Parameters:
    ///   - answer: to an offset above 0.
    ///   - stopAfter: answers false when it has this many bytes.
    init(answer: DownloadStart = .ready, stopAfter: Int = .max) {
        self.answer = answer
        self.stopAfter = stopAfter
    }

    var seen: Notes { notes.withLock { $0 } }

    func begin(offset: Int, state: [UInt8]) -> DownloadStart {
        notes.withLock {
            $0.starts.append(offset)
            $0.received = Data()
            $0.replayed = Data()
            $0.state = state
        }
        return offset == 0 ? .ready : answer
    }

    func replay(_ bytes: RawSpan) -> Bool {
        let copy = bytes.withUnsafeBytes { Array($0) }
        notes.withLock { $0.replayed += copy }
        return true
    }

    func receive(_ bytes: RawSpan) -> Bool {
        let copy = bytes.withUnsafeBytes { Array($0) }
        return notes.withLock {
            $0.received += copy
            $0.total += copy.count
            return $0.total < stopAfter
        }
    }

    func checkpoint() -> [UInt8] { Array("state".utf8) }
}

/// Bytes without a pattern that a splice could hide in.
func sampleBytes(_ count: Int, seed: UInt64 = 1) -> Data {
    var state = seed
    return Data(
        (0..<count).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(truncatingIfNeeded: state >> 56)
        })
}

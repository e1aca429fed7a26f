// SPDX-License-Identifier: Apache-2.0
import Synchronization
import Transfer

/// Keeps a small file in memory; a part that is there already it has read back.
final class MemoryObserver: DownloadObserver {
    private let content = Mutex<[UInt8]>([])

    var bytes: [UInt8] { content.withLock { $0 } }

    func begin(offset: Int, state: [UInt8]) -> DownloadStart {
        content.withLock { $0 = [] }
        return offset == 0 ? .ready : .replay
    }

    func replay(_ bytes: RawSpan) -> Bool { receive(bytes) }

    func receive(_ bytes: RawSpan) -> Bool {
        content.withLock { content in
            unsafe bytes.withUnsafeBytes { unsafe content.append(contentsOf: $0) }
        }
        return true
    }

    func checkpoint() -> [UInt8] { [] }
}

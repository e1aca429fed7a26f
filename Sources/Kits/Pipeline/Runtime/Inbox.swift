// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// Collects deliveries for a batch handler: what arrives while one batch is worked on makes the
/// next. Bounded by the prefetch of the subscription that fills it.
final class Inbox: Sendable {
    private struct State {
        var waiting: [IncomingMessage] = []
        var isFinished = false
        var reader: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    func put(_ incoming: IncomingMessage) {
        wake { $0.waiting.append(incoming) }
    }

    /// Nothing more will come.
    func finish() {
        wake { $0.isFinished = true }
    }

    private func wake(_ change: (inout State) -> Void) {
        let reader = state.withLock { state in
            change(&state)
            defer { state.reader = nil }
            return state.reader
        }
        reader?.resume()
    }

    /// What is there, at most `countMax`; waits for the first. Empty when finished and drained.
    /// One reader at a time.
    func take(upTo countMax: Int) async -> [IncomingMessage] {
        await withCheckedContinuation { continuation in
            let isReady = state.withLock { state in
                if !state.waiting.isEmpty || state.isFinished { return true }
                state.reader = continuation
                return false
            }
            if isReady { continuation.resume() }
        }
        return state.withLock { state in
            let taken = Array(state.waiting.prefix(countMax))
            state.waiting.removeFirst(taken.count)
            return taken
        }
    }
}

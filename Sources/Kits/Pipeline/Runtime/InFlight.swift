// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// What is being worked on: which handlers to cancel when their deadline or the worker's end
/// comes, and when all is settled.
final class InFlight: Sendable {
    enum CancelReason: Sendable {
        case deadline, shutdown
    }

    private struct Job {
        var handler: Task<[Outcome], any Error>?
        var deadline: ContinuousClock.Instant
        var cancelled: CancelReason?
    }

    private struct State {
        var jobs: [UInt64: Job] = [:]
        var lastID: UInt64 = 0
        var isShutDown = false
        var waiters: [UInt64: CheckedContinuation<Void, Never>] = [:]
    }

    private let state = Mutex(State())

    /// Registers a job; ``end(_:)`` must follow.
    func begin(deadline: ContinuousClock.Instant) -> UInt64 {
        state.withLock { state in
            state.lastID += 1
            state.jobs[state.lastID] = Job(deadline: deadline)
            return state.lastID
        }
    }

    /// Makes the job's handler cancellable.
    func attach(_ handler: Task<[Outcome], any Error>, to id: UInt64) {
        let isLate = state.withLock { state in
            state.jobs[id]?.handler = handler
            if state.isShutDown { state.jobs[id]?.cancelled = .shutdown }
            return state.isShutDown
        }
        if isLate { handler.cancel() }
    }

    /// The handler returned: nothing is left to cancel. Says why it was cancelled, if it was.
    func detach(_ id: UInt64) -> CancelReason? {
        state.withLock { state in
            state.jobs[id]?.handler = nil
            return state.jobs[id]?.cancelled
        }
    }

    func end(_ id: UInt64) {
        let waiters = state.withLock { state -> [CheckedContinuation<Void, Never>] in
            state.jobs[id] = nil
            guard state.jobs.isEmpty else { return [] }
            defer { state.waiters = [:] }
            return Array(state.waiters.values)
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Cancels handlers past their deadline.
    func cancelOverdue(now: ContinuousClock.Instant) {
        cancel(.deadline) { $0.deadline <= now }
    }

    /// Cancels all handlers, those to come as well.
    func cancelAll() {
        state.withLock { $0.isShutDown = true }
        cancel(.shutdown) { _ in true }
    }

    private func cancel(_ reason: CancelReason, where isMeant: (Job) -> Bool) {
        let handlers = state.withLock { state in
            state.jobs.filter { $0.value.cancelled == nil && isMeant($0.value) }.compactMap { job in
                state.jobs[job.key]?.cancelled = reason
                return job.value.handler
            }
        }
        for handler in handlers { handler.cancel() }
    }

    /// Waits until nothing is in flight; false when `limit` passed first.
    func empties(within limit: Duration, clock: any Clock<Duration>) async -> Bool {
        await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                await self.untilEmpty()
                return !Task.isCancelled
            }
            group.addTask {
                try? await clock.sleep(for: limit)
                return false
            }
            let first = await group.next() ?? false
            group.cancelAll()
            return first
        }
    }

    private func untilEmpty() async {
        let id = state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    if state.jobs.isEmpty || Task.isCancelled { return true }
                    state.waiters[id] = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: id) }?.resume()
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
import Dispatch
import Testing
import Threads

@Suite(.timeLimit(.minutes(1))) struct OwnThreadTests {
    private struct Refusal: Error, Equatable { var reason: String }

    @Test func whatTheWorkThrowsKeepsItsType() async {
        do throws(Refusal) {
            try await OwnThread.run { () throws(Refusal) -> Void in throw Refusal(reason: "no") }
            Issue.record("nothing was thrown")
        } catch {
            #expect(error == Refusal(reason: "no"))
        }
    }

    /// More blocked pieces of work than there are cooperative threads, each of which waits for all:
    /// the last to come wakes them.
    @Test func blockedWorkHoldsUpNobody() async {
        let count = 32
        let group = DispatchGroup()
        for _ in 0..<count { group.enter() }
        let results = await withTaskGroup(of: Bool.self, returning: [Bool].self) { tasks in
            for _ in 0..<count {
                tasks.addTask {
                    await OwnThread.run {
                        group.leave()
                        return group.wait(timeout: .now() + .seconds(30)) == .success
                    }
                }
            }
            return await tasks.reduce(into: []) { $0.append($1) }
        }
        #expect(results == [Bool](repeating: true, count: count))
    }

    private actor Counter {
        private let executor = QueueExecutor(label: "test")
        private var count = 0

        nonisolated var unownedExecutor: UnownedSerialExecutor {
            executor.asUnownedSerialExecutor()
        }

        func increment() -> Int {
            dispatchPrecondition(condition: .onQueue(executor.queue))
            preconditionIsolated()
            count += 1
            return count
        }
    }

    @Test func anActorRunsOnItsQueue() async {
        let counter = Counter()
        let counts = await withTaskGroup(of: Int.self, returning: Set<Int>.self) { tasks in
            for _ in 0..<100 { tasks.addTask { await counter.increment() } }
            return await tasks.reduce(into: []) { $0.insert($1) }
        }
        #expect(counts == Set(1...100))
    }
}

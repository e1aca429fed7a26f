// SPDX-License-Identifier: Apache-2.0
import Dispatch

/// Runs blocking work away from Swift's cooperative threads.
enum OwnThread {
    static func run<Value: Sendable>(
        _ work: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue(label: "imprimatur.fetcher").async {
                continuation.resume(with: Result(catching: work))
            }
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
internal import Dispatch

/// Runs blocking file calls on a thread of their own, so that Swift's cooperative threads stay
/// free. A serial queue of its own gets a thread beyond the shared pool, however many others wait
/// for a disk.
func blocking<T: Sendable, Failure: Error>(
    _ work: @escaping @Sendable () throws(Failure) -> T
) async throws(Failure) -> T {
    let result: Result<T, Failure> = await withCheckedContinuation { continuation in
        DispatchQueue(label: "imprimatur.blobstore").async {
            let outcome: Result<T, Failure>
            do throws(Failure) {
                outcome = .success(try work())
            } catch {
                outcome = .failure(error)
            }
            continuation.resume(returning: outcome)
        }
    }
    return try result.get()
}

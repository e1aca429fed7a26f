// SPDX-License-Identifier: Apache-2.0
import BlobStore
import Events
import Pipeline

/// Reads the image offline and rejects what breaks the security policy.
struct ScannerHandler: Handler {
    init(_ config: ScannerConfig) {}

    func handle(_ event: Event, _ context: HandlerContext) async throws -> Outcome {
        .retry(after: nil, why: "the scanner is not built yet")
    }
}

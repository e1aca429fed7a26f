// SPDX-License-Identifier: Apache-2.0
public import Attestation
public import BlobStore
public import Events
public import Logging
public import Pipeline

/// A ``HandlerContext`` for calling a handler directly, without broker and runtime.
public enum TestContext {
    /// - Parameters:
    ///   - deadline: time from now until the handler has to be done or yield.
    ///   - progress: gets the events of ``HandlerContext/report(_:for:)``.
    public static func make(
        stage: Stage, store: BlobStore, attempt: Int = 1, deadline: Duration = .seconds(600),
        logger: Logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
        attestor: Attestor? = nil,
        progress: @escaping @Sendable (Event) async -> Void = { _ in }
    ) -> HandlerContext {
        HandlerContext(
            stage: stage, logger: logger, store: store,
            deadline: ContinuousClock.now.advanced(by: deadline), attempt: attempt,
            attestor: attestor, progress: progress)
    }
}

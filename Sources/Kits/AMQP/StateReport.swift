// SPDX-License-Identifier: Apache-2.0
internal import Logging
internal import Synchronization

/// The state as anybody may read it, told and logged when it changes.
final class StateReport: Sendable {
    private let state = Mutex(ConnectionState.idle)
    private let logger: Logger
    private let onChange: @Sendable (ConnectionState) -> Void

    init(logger: Logger, onChange: @escaping @Sendable (ConnectionState) -> Void) {
        self.logger = logger
        self.onChange = onChange
    }

    var current: ConnectionState { state.withLock { $0 } }

    func set(_ new: ConnectionState) {
        let old = state.withLock { state in
            defer { state = new }
            return state
        }
        guard old != new else { return }
        switch new {
        case .disconnected(let error):
            logger.warning("disconnected from the broker", metadata: ["error": "\(error)"])
        case .notConsuming(let error):
            logger.warning("not consuming", metadata: ["error": "\(error)"])
        case .blocked(let reason):
            logger.warning("publishing blocked by the broker", metadata: ["reason": "\(reason)"])
        case .ready: logger.info("ready")
        case .idle, .connecting, .closed: logger.debug("\(new)")
        }
        onChange(new)
    }
}

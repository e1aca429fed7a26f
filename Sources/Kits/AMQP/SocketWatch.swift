// SPDX-License-Identifier: Apache-2.0
internal import Dispatch
internal import Glibc

/// Calls back on a queue when a socket has something to read, and regularly.
final class SocketWatch {
    private let source: any DispatchSourceRead
    private let timer: any DispatchSourceTimer

    /// - Parameter socket: may be closed at any time: a duplicate is watched, since a descriptor
    ///   must not be closed under a dispatch source. Nil when the process has no descriptor left.
    init?(
        socket: Int32, period: Duration, queue: DispatchQueue,
        onReadable: @escaping @Sendable () -> Void, onTick: @escaping @Sendable () -> Void
    ) {
        let watched = fcntl(socket, F_DUPFD_CLOEXEC, 0)
        guard watched >= 0 else { return nil }
        source = DispatchSource.makeReadSource(fileDescriptor: watched, queue: queue)
        source.setEventHandler(handler: onReadable)
        source.setCancelHandler { _ = close(watched) }
        timer = DispatchSource.makeTimerSource(queue: queue)
        let milliseconds = Int(period / .milliseconds(1))
        timer.schedule(
            deadline: .now() + .milliseconds(milliseconds),
            repeating: .milliseconds(milliseconds), leeway: .milliseconds(milliseconds / 4))
        timer.setEventHandler(handler: onTick)
        source.activate()
        timer.activate()
    }

    deinit {
        source.cancel()
        timer.cancel()
    }
}

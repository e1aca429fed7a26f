// SPDX-License-Identifier: Apache-2.0
internal import CRabbitMQ
internal import Glibc

/// One open connection with one channel: the owner of an `amqp_connection_state_t`.
///
/// Every call may block for a while, and none may run beside another (librabbitmq: it "must not be
/// used by two threads at once"): it lives on the queue of the actor that made it. After a thrown
/// error other than `channelClosed` it is of no use any more.
final class Connection {
    let socket: Int32
    let isTLS: Bool
    /// As agreed with the broker; zero when the broker wants none.
    let heartbeat: Duration
    let state: amqp_connection_state_t
    let arena = Arena()
    private var lastReceived = ContinuousClock.now
    private var isOpen = true
    private var framesUntilRelease = framesPerRelease

    static let channel: amqp_channel_t = 1
    private static let framesPerRelease = 64

    /// Takes over `state`, logged in.
    init(loggedIn state: amqp_connection_state_t, isTLS: Bool) {
        self.state = state
        self.isTLS = isTLS
        socket = amqp_get_sockfd(state)
        heartbeat = .seconds(Int64(amqp_get_heartbeat(state)))
        limitUnsentTime()
    }

    deinit { amqp_destroy_connection(state) }

    /// How often ``serve()`` is due, so that heartbeats go out and missing ones are noticed.
    var servicePeriod: Duration {
        heartbeat == .zero ? .seconds(5) : min(heartbeat / 4, .seconds(5))
    }

    // MARK: reading

    /// The next frame, or nil when nothing has come. Sends a heartbeat when one is due.
    ///
    /// The library's user-space and TLS buffers may hold frames while the socket is quiet, so
    /// this is called until it returns nil.
    func nextFrame() throws(AMQPError) -> Frame? {
        var frame = amqp_frame_t()
        var now = timeval(tv_sec: 0, tv_usec: 0)
        let status = amqp_simple_wait_frame_noblock(state, &frame, &now)
        if status == AMQP_STATUS_TIMEOUT.rawValue {
            releaseBuffers()
            return nil
        }
        try check(status, "read")
        lastReceived = .now
        let copy = Frame(frame)
        framesUntilRelease -= 1
        if framesUntilRelease == 0 { releaseBuffers() }
        return copy
    }

    /// Reads all that has come.
    ///
    /// - Parameter isThorough: asks the kernel once more at the end. Needed regularly, since only
    ///   such a read sends heartbeats and notices missing ones; not needed when the socket's
    ///   readiness will call again anyway.
    func drain(
        isThorough: Bool, _ body: (Frame) throws(AMQPError) -> Void
    ) throws(AMQPError) {
        // The library swallows heartbeats, which count as signs of life all the same.
        if isThorough, poll(POLLIN, milliseconds: 0) & POLLIN != 0 { noteReadable() }
        while let frame = try nextFrame() {
            try body(frame)
            guard isThorough || hasBufferedData else { return releaseBuffers() }
        }
    }

    /// Whether a call of ``nextFrame()`` can give something without asking the kernel.
    private var hasBufferedData: Bool {
        isTLS || amqp_frames_enqueued(state) != 0 || amqp_data_in_buffer(state) != 0
    }

    /// Waits for the next frame.
    func awaitFrame(_ timeout: Duration, _ operation: String) throws(AMQPError) -> Frame {
        let end = ContinuousClock.now + timeout
        while true {
            if let frame = try nextFrame() { return frame }
            guard ContinuousClock.now < end else { throw fail(operation, "timed out") }
            poll(POLLIN, milliseconds: 50)
        }
    }

    /// The library keeps what it reads in pools that grow until they are released.
    private func releaseBuffers() {
        framesUntilRelease = Self.framesPerRelease
        amqp_maybe_release_buffers(state)
    }

    // MARK: writing

    /// Throws when nothing has come from the broker for one and a half heartbeats.
    ///
    /// librabbitmq 0.11 must not be asked to publish then: it would wait for ever
    /// (`amqp_try_recv`, fixed in 0.14). The caller has read all there is just before.
    func checkAlive() throws(AMQPError) {
        guard heartbeat > .zero, ContinuousClock.now - lastReceived > heartbeat * 1.5 else {
            return
        }
        throw fail("heartbeat", "nothing from the broker for \(heartbeat * 1.5)")
    }

    /// Whether the socket has room for a few frames.
    var isWritable: Bool { poll(POLLOUT, milliseconds: 0) & POLLOUT != 0 }

    /// Whether the broker has been quiet for so long that there may be a reason.
    var isQuiet: Bool { heartbeat > .zero && ContinuousClock.now - lastReceived > heartbeat / 2 }

    /// Bytes have reached the socket; a heartbeat among them never becomes a frame.
    func noteReadable() { lastReceived = .now }

    func publish(_ publication: borrowing Publication) throws(AMQPError) {
        arena.reset()
        let exchange = arena.bytes(publication.exchange)
        let routingKey = arena.bytes(publication.routingKey)
        var properties = arena.properties(publication.message.properties)
        let mandatory: amqp_boolean_t = publication.mandatory ? 1 : 0
        let status = publication.message.body.withUnsafeBytes { body in
            // Only read, whatever the C type says.
            let bytes = UnsafeMutableRawPointer(mutating: body.baseAddress)
            return amqp_basic_publish(
                state, Self.channel, exchange, routingKey, mandatory, 0, &properties,
                amqp_bytes_t(len: body.count, bytes: bytes))
        }
        try check(status, "publish")
    }

    func acknowledge(_ tag: UInt64, isMultiple: Bool) throws(AMQPError) {
        try check(amqp_basic_ack(state, Self.channel, tag, isMultiple ? 1 : 0), "acknowledge")
    }

    func reject(_ tag: UInt64, requeue: Bool) throws(AMQPError) {
        try check(amqp_basic_nack(state, Self.channel, tag, 0, requeue ? 1 : 0), "reject")
    }

    func send(_ method: amqp_method_number_t, _ arguments: UnsafeMutableRawPointer, _ name: String)
        throws(AMQPError)
    {
        try check(amqp_send_method(state, Self.channel, method, arguments), name)
    }

    /// Collects what `body` writes into full segments: librabbitmq makes three calls of `send`
    /// for each message.
    func corked<Result>(
        _ body: () throws(AMQPError) -> Result
    ) throws(AMQPError) -> Result {
        guard !isTLS else { return try body() }
        setOption(TCP_CORK, 1)
        defer { setOption(TCP_CORK, 0) }
        return try body()
    }

    // MARK: channel and connection

    func openChannel(confirms: Bool) throws(AMQPError) {
        try checkReply(amqp_channel_open(state, Self.channel) != nil, "open channel")
        if confirms { try checkReply(amqp_confirm_select(state, Self.channel) != nil, "confirms") }
    }

    /// Says `channel.close-ok`, without which the channel number stays in use.
    func answerChannelClose() throws(AMQPError) {
        var arguments = amqp_channel_close_ok_t()
        try send(AMQP_CHANNEL_CLOSE_OK_METHOD, &arguments, "answer channel.close")
    }

    /// Says `connection.close-ok`; the broker then drops the connection.
    func answerConnectionClose() {
        isOpen = false
        var arguments = amqp_connection_close_ok_t()
        amqp_send_method(state, 0, AMQP_CONNECTION_CLOSE_OK_METHOD, &arguments)
    }

    /// Takes leave of the broker, waiting at most the request timeout.
    func close() {
        guard isOpen else { return }
        isOpen = false
        amqp_connection_close(state, AMQP_REPLY_SUCCESS)
    }

    // MARK: errors

    func check(_ status: Int32, _ operation: String) throws(AMQPError) {
        guard status != AMQP_STATUS_OK.rawValue else { return }
        isOpen = false
        throw .connectionFailed(LibraryFailure(code: status, operation: operation))
    }

    /// Turns the reply of a request into the error it means; copies before anything is released.
    func checkReply(_ isGood: Bool, _ operation: String) throws(AMQPError) {
        guard !isGood else { return }
        let error = AMQPError(reply: amqp_get_rpc_reply(state), operation)
        if case .channelClosed = error {
            try answerChannelClose()
        } else if case .connectionClosed = error {
            answerConnectionClose()
        } else {
            isOpen = false
        }
        throw error
    }

    func fail(_ operation: String, _ text: String) -> AMQPError {
        isOpen = false
        return .connectionFailed(LibraryFailure(code: 0, text: text, operation: operation))
    }

    // MARK: socket

    @discardableResult
    private func poll(_ events: Int32, milliseconds: Int32) -> Int32 {
        var entry = pollfd(fd: socket, events: Int16(events), revents: 0)
        return Glibc.poll(&entry, 1, milliseconds) > 0 ? Int32(entry.revents) : 0
    }

    /// The library waits without end for room in a full socket. The kernel ends the connection,
    /// and so the wait, when the broker has taken nothing for this long.
    private func limitUnsentTime() {
        let limit = heartbeat == .zero ? .seconds(60) : heartbeat * 2
        setOption(TCP_USER_TIMEOUT, Int32(limit.components.seconds) * 1000)
    }

    private func setOption(_ name: Int32, _ value: Int32) {
        var value = value
        setsockopt(
            socket, Int32(IPPROTO_TCP), name, &value, socklen_t(MemoryLayout<Int32>.size))
    }
}

extension LibraryFailure {
    init(code: Int32, operation: String) {
        let text = amqp_error_string2(code).map { String(cString: $0) } ?? "unknown"
        self.init(code: code, text: text, operation: operation)
    }

    /// A matter of trust rather than of the moment.
    var isVerification: Bool {
        [AMQP_STATUS_SSL_HOSTNAME_VERIFY_FAILED, AMQP_STATUS_SSL_PEER_VERIFY_FAILED]
            .contains { $0.rawValue == code }
    }
}

extension AMQPError {
    init(reply: amqp_rpc_reply_t, _ operation: String) {
        if reply.reply_type == AMQP_RESPONSE_SERVER_EXCEPTION, let decoded = reply.reply.decoded {
            if reply.reply.id == AMQP_CHANNEL_CLOSE_METHOD {
                let close = decoded.assumingMemoryBound(to: amqp_channel_close_t.self)
                self = .channelClosed(BrokerException(close.pointee))
                return
            } else if reply.reply.id == AMQP_CONNECTION_CLOSE_METHOD {
                let close = decoded.assumingMemoryBound(to: amqp_connection_close_t.self)
                self = .connectionClosed(BrokerException(close.pointee))
                return
            }
        }
        self = .connectionFailed(LibraryFailure(code: reply.library_error, operation: operation))
    }
}

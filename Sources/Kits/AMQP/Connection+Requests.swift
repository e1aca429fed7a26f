// SPDX-License-Identifier: Apache-2.0
internal import CRabbitMQ

/// What a queue is made with.
struct QueueFlags {
    var isDurable = true
    var isExclusive = false
    var isAutoDeleted = false
}

/// Requests that wait for the broker's answer, at most the configured timeout each.
extension Connection {
    func setPrefetch(_ count: Int) throws(AMQPError) {
        try checkReply(
            amqp_basic_qos(state, Self.channel, 0, UInt16(clamping: count), 0) != nil, "prefetch")
    }

    func consume(
        from queue: String, tag: String, isExclusive: Bool, arguments: [String: FieldValue]
    ) throws(AMQPError) {
        arena.reset()
        let reply = amqp_basic_consume(
            state, Self.channel, arena.bytes(queue), arena.bytes(tag), 0, 0, isExclusive ? 1 : 0,
            arena.table(arguments))
        try checkReply(reply != nil, "consume")
    }

    func cancelConsumer(_ tag: String) throws(AMQPError) {
        arena.reset()
        try checkReply(
            amqp_basic_cancel(state, Self.channel, arena.bytes(tag)) != nil, "cancel consumer")
    }

    func declareExchange(
        _ name: String, type: String, isPassive: Bool, isDurable: Bool,
        arguments: [String: FieldValue]
    ) throws(AMQPError) {
        arena.reset()
        let reply = amqp_exchange_declare(
            state, Self.channel, arena.bytes(name), arena.bytes(type), isPassive ? 1 : 0,
            isDurable ? 1 : 0, 0, 0, arena.table(arguments))
        try checkReply(reply != nil, "declare exchange")
    }

    func declareQueue(
        _ name: String, isPassive: Bool = false, flags: QueueFlags,
        arguments: [String: FieldValue]
    ) throws(AMQPError) -> QueueStatus {
        arena.reset()
        let reply = amqp_queue_declare(
            state, Self.channel, arena.bytes(name), isPassive ? 1 : 0, flags.isDurable ? 1 : 0,
            flags.isExclusive ? 1 : 0, flags.isAutoDeleted ? 1 : 0, arena.table(arguments))
        try checkReply(reply != nil, "declare queue")
        guard let ok = reply?.pointee else { throw fail("declare queue", "no answer") }
        return QueueStatus(
            name: String(ok.queue), messages: Int(ok.message_count),
            consumers: Int(ok.consumer_count))
    }

    func bind(
        queue: String, exchange: String, routingKey: String, arguments: [String: FieldValue]
    ) throws(AMQPError) {
        arena.reset()
        let reply = amqp_queue_bind(
            state, Self.channel, arena.bytes(queue), arena.bytes(exchange),
            arena.bytes(routingKey), arena.table(arguments))
        try checkReply(reply != nil, "bind")
    }

    func unbind(
        queue: String, exchange: String, routingKey: String, arguments: [String: FieldValue]
    ) throws(AMQPError) {
        arena.reset()
        let reply = amqp_queue_unbind(
            state, Self.channel, arena.bytes(queue), arena.bytes(exchange),
            arena.bytes(routingKey), arena.table(arguments))
        try checkReply(reply != nil, "unbind")
    }

    func deleteQueue(_ name: String, ifUnused: Bool, ifEmpty: Bool) throws(AMQPError) -> Int {
        arena.reset()
        let reply = amqp_queue_delete(
            state, Self.channel, arena.bytes(name), ifUnused ? 1 : 0, ifEmpty ? 1 : 0)
        try checkReply(reply != nil, "delete queue")
        return Int(reply?.pointee.message_count ?? 0)
    }

    func deleteExchange(_ name: String, ifUnused: Bool) throws(AMQPError) {
        arena.reset()
        let reply = amqp_exchange_delete(
            state, Self.channel, arena.bytes(name), ifUnused ? 1 : 0)
        try checkReply(reply != nil, "delete exchange")
    }

    func purge(_ queue: String) throws(AMQPError) -> Int {
        arena.reset()
        let reply = amqp_queue_purge(state, Self.channel, arena.bytes(queue))
        try checkReply(reply != nil, "purge")
        return Int(reply?.pointee.message_count ?? 0)
    }

    /// Asks for one message; the answer comes as frames.
    func sendGet(from queue: String) throws(AMQPError) {
        arena.reset()
        var arguments = amqp_basic_get_t(ticket: 0, queue: arena.bytes(queue), no_ack: 0)
        try send(AMQP_BASIC_GET_METHOD, &arguments, "get")
    }
}

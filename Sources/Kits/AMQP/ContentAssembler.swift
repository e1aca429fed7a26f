// SPDX-License-Identifier: Apache-2.0

/// Puts a message together from its method, header and body frames (AMQP 0-9-1, section 4.2.6).
/// Event in, result out; no IO.
struct ContentAssembler {
    enum Result {
        case incomplete
        case complete(ContentHead, Message)
        /// The body is longer than ``Message/bodyBytesMax``; it was read and thrown away.
        case tooLarge(ContentHead)
        /// A frame that does not belong here.
        case unexpected(String)
    }

    private enum Phase {
        case idle
        case awaitsHeader(ContentHead)
        case awaitsBody(ContentHead, Message, missing: UInt64, isDiscarded: Bool)
    }

    private var phase = Phase.idle

    mutating func begin(_ head: ContentHead) -> Result {
        guard case .idle = phase else { return .unexpected("a method inside a message") }
        phase = .awaitsHeader(head)
        return .incomplete
    }

    mutating func header(bodyBytes: UInt64, properties: Message.Properties) -> Result {
        guard case .awaitsHeader(let head) = phase else {
            return .unexpected("a header outside a message")
        }
        phase = .idle
        let message = Message(body: [], properties: properties)
        guard bodyBytes > 0 else { return .complete(head, message) }
        phase = .awaitsBody(
            head, message, missing: bodyBytes,
            isDiscarded: bodyBytes > UInt64(Message.bodyBytesMax))
        return .incomplete
    }

    mutating func body(_ bytes: [UInt8]) -> Result {
        guard case .awaitsBody(let head, var message, let missing, let isDiscarded) = phase,
            UInt64(bytes.count) <= missing
        else { return .unexpected("a body outside a message") }
        phase = .idle
        let rest = missing - UInt64(bytes.count)
        if !isDiscarded {
            if message.body.isEmpty {
                message.body = bytes
                if rest > 0 { message.body.reserveCapacity(bytes.count + Int(rest)) }
            } else {
                message.body += bytes
            }
        }
        guard rest == 0 else {
            phase = .awaitsBody(head, message, missing: rest, isDiscarded: isDiscarded)
            return .incomplete
        }
        return isDiscarded ? .tooLarge(head) : .complete(head, message)
    }
}

// SPDX-License-Identifier: Apache-2.0
import AMQP
import Events
import Pipeline

/// What a watcher sees.
enum Sighting: Sendable {
    case event(Event)
    /// A message that was given up.
    case deadLetter(DeadLetter)

    /// Reads a message of the watcher's queue; nil when it is neither.
    init?(_ message: Message, exchange: String) {
        if exchange == Topology.dead {
            self = .deadLetter(DeadLetter(message))
        } else if let event = try? Event(decoding: message.body) {
            self = .event(event)
        } else {
            return nil
        }
    }

    /// Whether it tells something of a publication: is of it, or lists (or unlists) it.
    func concerns(_ publication: String) -> Bool {
        switch self {
        case .event(let event):
            event.publication == publication || Self.lists(publication, event)
        case .deadLetter(let letter): Self.publication(of: letter) == publication
        }
    }

    /// One JSON object: the event itself, or what is known of a dead letter.
    func json() throws -> String {
        switch self {
        case .event(let event): return String(decoding: try event.encoded(), as: UTF8.self)
        case .deadLetter(let letter): return try DeadLetterReport(letter).json()
        }
    }

    static func publication(of letter: DeadLetter) -> String? {
        letter.message.properties.correlationID
            ?? (try? Event(decoding: letter.message.body))?.publication
    }

    static func lists(_ publication: String, _ event: Event) -> Bool {
        guard let list = try? event.section(UpdatedList.self) else { return false }
        return list.added.contains { $0.publication == publication }
            || list.removed.contains { $0.withdrawnBy == publication }
    }
}

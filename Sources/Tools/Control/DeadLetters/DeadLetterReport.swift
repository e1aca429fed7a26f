// SPDX-License-Identifier: Apache-2.0
import AMQP
import Events
import FoundationEssentials
import Pipeline

/// A dead letter as JSON, for scripts.
struct DeadLetterReport: Encodable {
    var type = Topology.dead
    var id: String?
    var publication: String?
    var worker: String?
    var kind: String?
    var reason: String
    var attempts: Int
    var firstTime: String?
    var lastTime: String?
    var queue: String?
    /// The event, where it is one.
    var event: JSONValue?

    init(_ letter: DeadLetter, withEvent: Bool = false) {
        id = letter.message.properties.messageID
        publication = Sighting.publication(of: letter)
        worker = letter.worker
        kind = letter.kind?.rawValue
        reason = letter.reason
        attempts = letter.attempts
        firstTime = letter.firstTime?.description
        lastTime = letter.lastTime?.description
        queue = letter.queue
        guard withEvent else { return }
        event = try? JSONDecoder().decode(JSONValue.self, from: Data(letter.message.body))
    }

    func json() throws -> String { try JSONLine.text(self) }
}

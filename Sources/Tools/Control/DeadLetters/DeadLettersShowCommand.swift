// SPDX-License-Identifier: Apache-2.0
import AMQP
import ArgumentParser
import Events
import Pipeline

struct DeadLettersShowCommand: AsyncParsableCommand, BrokerCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show dead letters with all that is known of them.")

    @Argument(help: "The message's or the publication's id.")
    var id: String

    @OptionGroup var options: DeadLetterOptions
    var connection: ConnectionOptions { options.connection }

    @Flag(help: "Print one JSON object a line.")
    var json = false

    func run() async throws {
        let queue = try options.queue()
        let items = try await options.find(id, in: queue)
        await queue.close()
        for item in items {
            if json {
                Terminal.line(try DeadLetterReport(item.letter, withEvent: true).json())
            } else {
                show(item.letter)
            }
        }
    }

    private func show(_ letter: DeadLetter) {
        let facts: [(String, String?)] = [
            ("message", letter.message.properties.messageID),
            ("publication", Sighting.publication(of: letter)),
            ("type", letter.message.properties.type), ("worker", letter.worker),
            ("kind", letter.kind?.rawValue), ("reason", letter.reason),
            ("attempts", "\(letter.attempts)"), ("first failure", letter.firstTime?.description),
            ("last failure", letter.lastTime?.description), ("came from", letter.queue),
        ]
        for (name, value) in facts {
            guard let value else { continue }
            let gap = String(repeating: " ", count: 14 - name.count)
            Terminal.line(Terminal.plain("\(name):\(gap)\(value)"))
        }
        Terminal.line("")
        Terminal.line(Terminal.plain(String(decoding: letter.message.body, as: UTF8.self)))
    }
}

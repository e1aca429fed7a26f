// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Pipeline

struct DeadLettersListCommand: AsyncParsableCommand, BrokerCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List dead letters, the oldest first.")

    @OptionGroup var options: DeadLetterOptions
    var connection: ConnectionOptions { options.connection }

    @Option(help: ArgumentHelp("Only those that this worker gave up.", valueName: "name"))
    var worker: String?

    @Flag(help: "Print one JSON object a line.")
    var json = false

    func run() async throws {
        let queue = try options.queue()
        let items = try await queue.read(limit: options.limit) { letter in
            worker == nil || letter.worker == worker
        }
        await queue.close()
        for item in items {
            Terminal.line(
                json ? try DeadLetterReport(item.letter).json() : EventLine.text(item.letter))
        }
        if !json {
            Terminal.note(items.count == 1 ? "1 dead letter" : "\(items.count) dead letters")
        }
    }
}

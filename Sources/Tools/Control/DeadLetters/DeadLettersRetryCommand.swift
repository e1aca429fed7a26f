// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Pipeline

struct DeadLettersRetryCommand: AsyncParsableCommand, BrokerCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry",
        abstract: "Send dead letters back to where they failed.",
        discussion: """
            The message is published to its worker's queue again, with its attempts counted from \
            the start, and leaves imprimatur.dead once the broker has confirmed that.

            Examples:
              imprimatur dead-letters retry 7b0c…
              imprimatur dead-letters retry --all --worker uploader
            """)

    @Argument(help: "The message's or the publication's id.")
    var id: String?

    @Flag(help: "All of them.")
    var all = false

    @Option(help: ArgumentHelp("With --all: those that this worker gave up.", valueName: "name"))
    var worker: String?

    @OptionGroup var options: DeadLetterOptions
    var connection: ConnectionOptions { options.connection }

    func validate() throws {
        if (id == nil) != all { throw ValidationError("give an id, or --all") }
        if worker != nil, !all { throw ValidationError("--worker goes with --all") }
    }

    func run() async throws {
        let queue = try options.queue()
        var items: [DeadLetterQueue.Item] = []
        if let id {
            items = try await options.find(id, in: queue)
        } else {
            items = try await queue.read(limit: options.limit) { letter in
                worker == nil || letter.worker == worker
            }
        }
        var homeless = 0
        for item in items {
            let id = Terminal.plain(item.id ?? "a message without id")
            if let target = try await queue.retry(item) {
                Terminal.line("\(id): sent to \(Terminal.plain(target))")
            } else {
                Terminal.line("\(id): does not say where it came from; it stays")
                homeless += 1
            }
        }
        await queue.close()
        guard homeless == 0 else { throw CommandFailure(.failed) }
    }
}

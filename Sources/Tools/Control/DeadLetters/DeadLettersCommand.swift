// SPDX-License-Identifier: Apache-2.0
import AMQP
import ArgumentParser
import Pipeline

struct DeadLettersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dead-letters",
        abstract: "Deal with messages that the pipeline gave up.",
        discussion: """
            Each waits in the queue imprimatur.dead until somebody retries or discards it.

            Examples:
              imprimatur dead-letters list
              imprimatur dead-letters show 7b0c…
              imprimatur dead-letters retry 7b0c…
            """,
        subcommands: [
            DeadLettersListCommand.self, DeadLettersShowCommand.self, DeadLettersRetryCommand.self,
            DeadLettersDiscardCommand.self,
        ])
}

/// What the subcommands share.
struct DeadLetterOptions: ParsableArguments {
    /// Most letters read in one go; each is held in memory.
    static let limitMax = 100_000

    @Option(help: "How many letters to look at, from the oldest, 1 to 100000.")
    var limit = 1000

    @OptionGroup(title: "Broker") var connection: ConnectionOptions

    func validate() throws {
        guard (1...Self.limitMax).contains(limit) else {
            throw ValidationError("--limit: must be 1 to \(Self.limitMax)")
        }
    }

    func queue() throws -> DeadLetterQueue {
        DeadLetterQueue(
            try connection.configuration("dead-letters"), logger: ConnectionOptions.logger)
    }

    /// The letters whose message or publication is `id`.
    func find(_ id: String, in queue: DeadLetterQueue) async throws -> [DeadLetterQueue.Item] {
        let items = try await queue.read(limit: limit) { letter in
            letter.message.properties.messageID == id || Sighting.publication(of: letter) == id
        }
        guard !items.isEmpty else {
            await queue.close()
            throw CommandFailure(
                .failed,
                "no dead letter has the id '\(id)' among the first \(limit); see: "
                    + "imprimatur dead-letters list")
        }
        return items
    }
}

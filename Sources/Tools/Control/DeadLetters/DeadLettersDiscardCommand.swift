// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import BlobStore
import Pipeline

struct DeadLettersDiscardCommand: AsyncParsableCommand, BrokerCommand {
    static let configuration = CommandConfiguration(
        commandName: "discard",
        abstract: "Remove dead letters for good.",
        discussion: """
            Their publications end here. Where a store is configured, the blobs that were kept \
            for them are released, so that imprimatur store gc can delete them.

            Example:
              imprimatur dead-letters discard 7b0c… --yes
            """)

    @Argument(help: "The message's or the publication's id.")
    var id: String

    @Flag(help: "Really; without it nothing is removed.")
    var yes = false

    @OptionGroup var options: DeadLetterOptions
    var connection: ConnectionOptions { options.connection }
    @OptionGroup var store: StoreOptions

    func run() async throws {
        let config = options.connection.file.config
        let isStoreKnown = try store.path(config: config) != nil
        // Opened first: a store that cannot be used shall not be found out half-way.
        let blobs = isStoreKnown ? try store.open(config: config) : nil
        let queue = try options.queue()
        let items = try await options.find(id, in: queue)
        guard yes else {
            await queue.close()
            for item in items { Terminal.note(EventLine.text(item.letter)) }
            throw CommandFailure(.usage, "nothing was removed: to remove this for good, add --yes")
        }
        for item in items {
            try queue.discard(item)
            if let publication = Sighting.publication(of: item.letter) {
                try blobs?.release(publication: publication)
            }
            Terminal.line("\(Terminal.plain(item.id ?? "a message without id")): discarded")
        }
        await queue.close()
    }
}

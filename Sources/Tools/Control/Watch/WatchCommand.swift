// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import FoundationEssentials

struct WatchCommand: AsyncParsableCommand, BrokerCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch",
        abstract: "Show what happens, as it happens.",
        discussion: """
            Shows every event and every message that is given up, from now on, until interrupted. \
            Watching neither delays nor changes anything.

            Examples:
              imprimatur watch
              imprimatur watch 0f0f3ac9-6d0c-4c0a-8f3c-6f2b8ad7a111
              imprimatur watch --json | jq -r .type
            """)

    @Argument(help: "Only this publication.")
    var id: String?

    @Flag(help: "Print one JSON object a line: the events themselves.")
    var json = false

    @Option(help: "End after this time, with 0.")
    var timeout: DurationArgument?

    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
        if let id, UUID(uuidString: id) == nil {
            throw ValidationError("'\(id)' is not a publication's id, which is a UUID")
        }
    }

    func run() async throws {
        let publication = id?.lowercased()
        let queue = try await WatchQueue(try connection.configuration("watch"))
        if !json { Terminal.note("watching, until interrupted") }
        let isJSON = json
        try await Deadline.run(timeout?.duration) {
            var printer = SightingPrinter(isJSON: isJSON)
            let _: Never? = try await queue.first { sighting in
                if publication.map(sighting.concerns) ?? true { try printer.print(sighting) }
                return nil
            }
        }
        await queue.close()
    }
}

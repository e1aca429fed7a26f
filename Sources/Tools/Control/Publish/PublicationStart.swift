// SPDX-License-Identifier: Apache-2.0
import AMQP
import Events
import Pipeline

/// Publishes the event that a publication begins with, and follows it if that is asked for.
struct PublicationStart {
    let event: Event
    let options: WaitOptions

    /// Prints the publication's id once the broker has confirmed the event.
    ///
    /// - Throws: ``CommandFailure`` when the publication's end is not the one waited for.
    func run(_ configuration: () throws -> ConnectionConfiguration) async throws {
        if options.dryRun {
            Terminal.line(String(decoding: try event.encoded(), as: UTF8.self))
            return
        }
        let configuration = try configuration()
        var queue: WatchQueue?
        // Before publishing, or the first stages could be missed.
        if options.wait != nil {
            queue = try await WatchQueue(configuration)
        }
        try await publish(configuration)
        if let wait = options.wait, let queue {
            try await follow(
                PublicationWatch(publication: event.publication, milestone: wait), queue)
        }
    }

    private func publish(_ configuration: ConnectionConfiguration) async throws {
        let publisher = Publisher(configuration, logger: ConnectionOptions.logger)
        // Fails at once where a publish would be patient.
        try await publisher.connect()
        try await publisher.publish(
            try Message(event, appID: "imprimatur"), exchange: Topology.events,
            routingKey: event.type.routingKey)
        await publisher.close()
        let ids = ["publication": event.publication, "id": event.id]
        Terminal.line(options.json ? try JSONLine.text(ids) : event.publication)
    }

    private func follow(_ watch: PublicationWatch, _ queue: WatchQueue) async throws {
        let isJSON = options.json
        let end = try await Deadline.run(options.timeout.duration) {
            () -> PublicationWatch.End? in
            var watch = watch
            var printer = SightingPrinter(isJSON: isJSON)
            return try await queue.first { sighting in
                let step = watch.take(sighting)
                if case .ignore = step { return nil }
                try printer.print(sighting)
                if case .end(let end) = step { return end }
                return nil
            }
        }
        await queue.close()
        guard let end = end ?? nil else {
            throw CommandFailure(
                .unfinished,
                "not \(watch.milestone.rawValue) within \(options.timeout); it goes on, see: "
                    + "imprimatur watch \(watch.publication)")
        }
        if let failure = end.failure { throw failure }
    }
}

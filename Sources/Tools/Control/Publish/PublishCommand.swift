// SPDX-License-Identifier: Apache-2.0
import AMQP
import ArgumentParser
import Events
import Pipeline

struct PublishCommand: AsyncParsableCommand, BrokerCommand {
    static let configuration = CommandConfiguration(
        commandName: "publish",
        abstract: "Ask for an image to be published.",
        discussion: """
            The request is a YAML file, or flags in the simple case. It is checked first, and all \
            that is wrong is told at once. The publication's id is printed once the broker has \
            confirmed the event. An annotated request is schemas/request/cirros-0.3.4.yaml.

            With --wait each stage is shown as it is finished, with a bar for the download, and \
            the command ends with 0 when the image is in the list (--wait=notified: when the \
            sites were told), with 1 when it is rejected, with 75 when it is parked in \
            imprimatur.dead or --timeout has passed; it then says why.

            Examples:
              imprimatur publish --wait image.yaml
              imprimatur publish --dry-run image.yaml
              imprimatur publish --publication $BUILD_UUID --time $BUILD_TIME a.yaml
              imprimatur publish --name debian-12 --format qcow2 \\
                --url https://example.org/debian-12.qcow2 \\
                --checksum-file https://example.org/SHA512SUMS \\
                --os debian --os-version 12 --arch x86_64
            """)

    @Argument(help: "The request file; - for standard input.")
    var requestFile: String?

    @Option(help: "Wait until the image is listed, or notified; listed when only --wait is given.")
    var wait: Milestone?

    @Option(help: "How long to wait, such as 30m.")
    var timeout: DurationArgument = DurationArgument(.seconds(6 * 3600))

    @Flag(help: "Check the request, print the event as JSON, and publish nothing.")
    var dryRun = false

    @Flag(help: "Print JSON: the publication's id, then the events themselves with --wait.")
    var json = false

    @OptionGroup(title: "Request") var options: RequestOptions
    @OptionGroup(title: "Repetition") var publication: PublicationOptions
    @OptionGroup(title: "Broker") var connection: ConnectionOptions

    func validate() throws {
        if requestFile != nil, !options.isEmpty {
            throw ValidationError("give a request file or flags that describe the image, not both")
        }
        if requestFile == nil, options.isEmpty {
            throw ValidationError("give a request file, or flags such as --name and --url")
        }
    }

    func run() async throws {
        let request = try requestFile.map { try RequestFile(path: $0).request } ?? options.request()
        let event = try publication.event(request)
        if dryRun {
            Terminal.line(String(decoding: try event.encoded(), as: UTF8.self))
            return
        }
        let configuration = try connection.configuration("publish")
        var queue: WatchQueue?
        // Before publishing, or the first stages could be missed.
        if wait != nil {
            queue = try await WatchQueue(configuration)
        }
        try await publish(event, configuration)
        if let wait, let queue {
            let watch = PublicationWatch(publication: event.publication, milestone: wait)
            try await follow(watch, queue)
        }
    }

    private func publish(_ event: Event, _ configuration: ConnectionConfiguration) async throws {
        let publisher = Publisher(configuration, logger: ConnectionOptions.logger)
        // Fails at once where a publish would be patient.
        try await publisher.connect()
        try await publisher.publish(
            try Message(event, appID: "imprimatur"), exchange: Topology.events,
            routingKey: event.type.routingKey)
        await publisher.close()
        let ids = ["publication": event.publication, "id": event.id]
        Terminal.line(json ? try JSONLine.text(ids) : event.publication)
    }

    private func follow(_ watch: PublicationWatch, _ queue: WatchQueue) async throws {
        let isJSON = json
        let end = try await Deadline.run(timeout.duration) { () -> PublicationWatch.End? in
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
                "not \(watch.milestone.rawValue) within \(timeout); it goes on, see: "
                    + "imprimatur watch \(watch.publication)")
        }
        if let failure = end.failure { throw failure }
    }
}

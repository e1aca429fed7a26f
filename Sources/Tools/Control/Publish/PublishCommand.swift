// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Events

struct PublishCommand: AsyncParsableCommand, BrokerCommand {
    static let configuration = CommandConfiguration(
        commandName: "publish",
        abstract: "Ask for an image to be published.",
        discussion: """
            The request is a YAML file, or flags in the simple case. It is checked first, and all \
            that is wrong is told at once. The publication's id is printed once the broker has \
            confirmed the event. Annotated requests are schemas/request/cirros-0.3.4.yaml and, with \
            changes to the image, schemas/request/modified.yaml.

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

    @OptionGroup var waiting: WaitOptions
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
        let event = try publication.event(
            .imageNew, subject: request.name, request, source: "/imprimatur/publish")
        try await PublicationStart(event: event, options: waiting).run {
            try connection.configuration("publish")
        }
    }
}

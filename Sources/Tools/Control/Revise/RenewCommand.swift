// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Events

struct RenewCommand: AsyncParsableCommand, BrokerCommand {
    static let configuration = CommandConfiguration(
        commandName: "renew",
        abstract: "Ask for a published image's document to be valid for longer.",
        discussion: """
            The published document is read and checked, and the pipeline asked to publish it \
            anew with a later dcterms:valid: signed by its endorser with today's certificate, \
            uploaded to the marketplace, and the list's entry changed to the new document. The \
            image itself is neither fetched nor verified again. The publication's id is printed \
            once the broker has confirmed the event.

            A document that has expired can be renewed; one that is withdrawn cannot, publish \
            the image anew. --wait and the exit status are as for publish; 0 means that the list \
            names the new document.

            Examples:
              imprimatur renew --wait --valid-days 365 \\
                --location https://marketplace.example.org/metadata/LHfK…/ada@example.org/2026-…
              imprimatur renew --document debian-12.xml
              imprimatur renew LHfKVPoHcv4oMirHU0KuOQc-TvI \\
                --marketplace-endpoint https://marketplace.example.org --email ada@example.org
            """)

    @Option(
        help: ArgumentHelp(
            "How many days from now the new document is valid, 1 to 3650; 178 by default.",
            valueName: "days"))
    var validDays: Int?

    @OptionGroup var image: PublishedImageOptions
    @OptionGroup var waiting: WaitOptions
    @OptionGroup(title: "Repetition") var publication: PublicationOptions
    @OptionGroup(title: "Broker") var connection: ConnectionOptions

    func run() async throws {
        let published = try await image.published()
        let revision = try published.revision(
            .renewed, validDays: validDays,
            at: publication.time.map { _ in publication.requestTime })
        Terminal.note("renewing\n\(published.summary)")
        let event = try publication.event(
            .imageRenewed, subject: image.name ?? revision.identifier, revision,
            source: "/imprimatur/renew", at: revision.requestTime)
        try await PublicationStart(event: event, options: waiting).run {
            try connection.configuration("renew")
        }
    }
}

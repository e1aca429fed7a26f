// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Events

struct WithdrawCommand: AsyncParsableCommand, BrokerCommand {
    static let configuration = CommandConfiguration(
        commandName: "withdraw",
        abstract: "Ask for a published image to be withdrawn.",
        discussion: """
            The published document is read and checked, and the pipeline asked to publish it \
            anew with the reason in slterms:deprecated: signed by its endorser, uploaded to the \
            marketplace, and the image taken off the list. Sites stop offering it to new \
            machines. The publication's id is printed once the broker has confirmed the event.

            Only the endorser's own signer does that: it signs for the certificate it has, or one \
            of signer.previous-certificates. --wait and the exit status are as for publish; 0 \
            means that the list is without the image. What was withdrawn can be published again \
            with `imprimatur publish`.

            Examples:
              imprimatur withdraw --wait --reason 'CVE-2026-1234: use debian-12.7' \\
                --location https://marketplace.example.org/metadata/LHfK…/ada@example.org/2026-…
              imprimatur withdraw --reason 'replaced' --document debian-12.xml
              imprimatur withdraw --reason 'replaced' LHfKVPoHcv4oMirHU0KuOQc-TvI \\
                --marketplace-endpoint https://marketplace.example.org --email ada@example.org
            """)

    @Option(
        help: ArgumentHelp(
            "Why the image should not be used any more: one line of at most 1024 characters.",
            valueName: "text"))
    var reason: String

    @OptionGroup var image: PublishedImageOptions
    @OptionGroup var waiting: WaitOptions
    @OptionGroup(title: "Repetition") var publication: PublicationOptions
    @OptionGroup(title: "Broker") var connection: ConnectionOptions

    func run() async throws {
        let published = try await image.published()
        let revision = try published.revision(
            .withdrawn, reason: reason, at: publication.time.map { _ in publication.requestTime })
        Terminal.note("withdrawing\n\(published.summary)")
        let event = try publication.event(
            .imageWithdrawn, subject: image.name ?? revision.identifier, revision,
            source: "/imprimatur/withdraw", at: revision.requestTime)
        try await PublicationStart(event: event, options: waiting).run {
            try connection.configuration("withdraw")
        }
    }
}

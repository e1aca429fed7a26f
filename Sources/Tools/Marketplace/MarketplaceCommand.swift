// SPDX-License-Identifier: Apache-2.0
internal import ArgumentParser
internal import Logging

/// The program `imprimatur-marketplace`.
@main
struct MarketplaceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "imprimatur-marketplace",
        abstract: "Serves signed image metadata over the StratusLab marketplace's HTTP protocol.",
        discussion: """
            Endorsers POST signed metadata documents to /metadata; sites fetch them from
            /metadata/<identifier>/<email>/<created> and verify the signature themselves.
            People find a listing at /. Try it:

              imprimatur-marketplace --database marketplace.sqlite
              imprimatur metadata upload --marketplace-endpoint http://127.0.0.1:8081 image.xml
              curl -H 'Accept: application/xml' http://127.0.0.1:8081/metadata

            A document is refused when it is unsigned or invalid, when the image has a newer
            entry of the same endorser, or when its endorser is not on the allow-list. Entries
            never change: the same document may be posted again, another one of the same image,
            endorser and second may not.

            Listings take status=valid|expired|deprecated|all, location=all|web|pdisk,
            identifier, email and created, and the paging parameters of DataTables
            (iDisplayStart, iDisplayLength, iSortCol_0, sSortDir_0, sSearch, sSearch_1 to 5;
            plain text, not patterns). XML is the default; Accept or media=xml|json|html choose.
            A document inside a listing cannot be verified there; fetch it by its own URL.

            Other than the original there are no SPARQL queries (/query answers 400), no
            replication (/sync answers 404), and no check of who issued a certificate. The server
            speaks plain HTTP: put a reverse proxy with TLS before it and set --public-url.
            """,
        version: "imprimatur-marketplace 0.1.0")

    @OptionGroup(title: "Server") var server: ServerOptions
    @OptionGroup(title: "Who may publish") var publishing: PublishingOptions
    @OptionGroup(title: "Confirmation by mail") var mail: MailOptions

    func validate() throws {
        try server.validate()
        try mail.validate()
    }

    func run() async throws {
        let level = server.logLevel
        LoggingSystem.bootstrap { label in
            var handler = StreamLogHandler.standardError(label: label)
            handler.logLevel = level
            return handler
        }
        let logger = Logger(label: "imprimatur-marketplace")
        let catalogue = try Catalogue(path: server.database)
        let site = Site(
            catalogue: catalogue,
            admission: Admission(
                endorsers: try publishing.endorserAllow.map {
                    try EndorserAllowList(path: $0, logger: logger)
                }, allowsSHA1Digest: publishing.allowSha1Digest),
            baseURL: BaseURL(publicURL: server.publicURL, listening: server.listen),
            confirmation: try mail.endorserConfirmation(), isReadOnly: publishing.readOnly,
            uploadRate: UploadRate(perMinute: publishing.uploadRateMax), logger: logger)
        let address = try server.address()
        try await HTTPAdapter.serve(site, host: address.host, port: address.port, logger: logger)
        try catalogue.close()
        logger.notice("stopped")
    }
}

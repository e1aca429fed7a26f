// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Events
import StratusLab

/// Which published image a command is about: by its document, by the URL of its entry in a
/// marketplace, or by its identifier.
struct PublishedImageOptions: ParsableArguments {
    @Argument(
        help: ArgumentHelp(
            "The image's identifier, 27 characters: its newest entry in the marketplace.",
            valueName: "image-id"))
    var identifier: String?

    @Option(help: ArgumentHelp("The signed document, as it was published.", valueName: "file"))
    var document: String?

    @Option(
        help: ArgumentHelp(
            "The entry's own URL, as publish --wait shows it at the end.", valueName: "url"))
    var location: String?

    @Option(
        help: ArgumentHelp(
            "The endorser, where several have endorsed the image.", valueName: "address"))
    var email: String?

    @Option(
        help: ArgumentHelp(
            "The image's name in the list, for those who watch; its identifier by default.",
            valueName: "name"))
    var name: String?

    @OptionGroup(title: "Marketplace") var marketplace: MarketplaceOptions

    func validate() throws {
        guard [identifier, document, location].count(where: { $0 != nil }) == 1 else {
            throw ValidationError(
                "name the image in one way: its identifier, --document or --location")
        }
        if let identifier, StratusLabIdentifier(identifier) == nil {
            throw ValidationError("an image ID has 27 characters A-Z a-z 0-9 - _")
        }
        if let location, MarketplaceEntry.read(location: location) == nil {
            throw ValidationError(
                "--location must be the URL of an entry, such as "
                    + "https://marketplace.example.org/metadata/IDENTIFIER/EMAIL/CREATED")
        }
        guard email == nil || identifier != nil else {
            throw ValidationError("--email goes with an identifier")
        }
    }

    /// The document that is published.
    func published() async throws -> PublishedImage {
        if let document {
            return PublishedImage(try MetadataFile.document(document), from: document)
        }
        do {
            let (client, entry) = try await entry()
            let place = client.location(of: entry)
            guard let bytes = try await client.lookup(entry) else {
                throw CommandFailure(.failed, "the marketplace has no entry \(place)")
            }
            return PublishedImage(try MetadataDocument(parsing: bytes), from: place)
        } catch let error as MarketplaceError {
            throw CommandFailure(.unavailable, Terminal.plain("\(error)"))
        } catch let error as StratusLabError {
            throw CommandFailure(.failed, "the entry is invalid: \(Terminal.plain("\(error)"))")
        }
    }

    private func entry() async throws -> (MarketplaceClient, MarketplaceEntry) {
        var marketplace = marketplace
        if let location, let found = MarketplaceEntry.read(location: location) {
            marketplace.marketplaceEndpoint = found.marketplace
            return (try marketplace.client(try .parse([])), found.entry)
        }
        // Those of `imprimatur metadata upload`, without its flags: --config is the workers' here.
        let client = try marketplace.client(try .parse([]))
        guard let identifier = identifier.flatMap({ StratusLabIdentifier($0) }) else {
            throw CommandFailure(.usage, "name the image")
        }
        let entries = try await client.newestOfEach(identifier: identifier)
            .filter { email == nil || $0.email == email }
        guard let entry = entries.first else {
            throw CommandFailure(
                .failed,
                "the marketplace has no entry for \(identifier)"
                    + (email.map { Terminal.plain(" by \($0)") } ?? ""))
        }
        guard entries.count == 1 else {
            let all = entries.map { Terminal.plain($0.email) }.joined(separator: ", ")
            throw CommandFailure(.usage, "choose the endorser with --email: \(all)")
        }
        return (client, entry)
    }
}

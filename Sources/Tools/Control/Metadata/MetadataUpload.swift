// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Events
import FoundationEssentials
import StratusLab
import Transfer

/// `imprimatur metadata upload`: what `stratus-upload-metadata` does.
struct MetadataUpload: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "upload",
        abstract: "Upload signed metadata to a StratusLab marketplace.",
        discussion: """
            The document is published under the URL that is printed. A marketplace may ask the \
            endorser for confirmation by mail first; a note on standard error says so then, and \
            nobody finds the document before that link was followed. Uploading the same document \
            again does no harm.

            A password is read from the file named by --password-file or from the variable \
            STRATUSLAB_PASSWORD.
            """)

    @Argument(help: ArgumentHelp("The signed metadata document.", valueName: "metadata-file"))
    var file: String

    @Option(
        help: ArgumentHelp(
            "Host name or URL of the marketplace; the variable STRATUSLAB_MARKETPLACE_ENDPOINT "
                + "when not given.", valueName: "endpoint"))
    var marketplaceEndpoint: String?

    @Option(
        name: [.short, .long],
        help: ArgumentHelp(
            "User name for basic authentication; the variable STRATUSLAB_USERNAME when not given.",
            valueName: "name"))
    var username: String?

    @Option(help: ArgumentHelp("File that holds the password.", valueName: "file"))
    var passwordFile: String?

    @Option(
        help: ArgumentHelp(
            "Certificate authorities (PEM) to trust for https, beside the system's.",
            valueName: "file"))
    var caFile: String?

    @Option(
        help: ArgumentHelp(
            "Seconds the upload may take, 1 to 3600.", valueName: "seconds"))
    var timeMax = 120

    @Flag(name: [.short, .long], help: "Say what is done, on standard error.")
    var verbose = false

    @Flag(name: [.short, .long], help: "Print the URL only.")
    var quiet = false

    static let passwordBytesMax = 4096

    func validate() throws {
        guard (1...3600).contains(timeMax) else {
            throw ValidationError("--time-max must be 1 to 3600 seconds")
        }
    }

    func run() async throws {
        let bytes = try Self.read(file, bytesMax: MarketplaceClient.documentBytesMax)
        let entry = try Self.entry(in: bytes, file: file)
        let marketplace = try client()
        if verbose { Terminal.note("Uploading \(file) to \(marketplace.base)metadata") }
        let upload: MarketplaceUpload
        do {
            upload = try await marketplace.upload(bytes)
        } catch {
            throw CommandFailure(.unavailable, "Failed to upload: \(error)")
        }
        switch upload {
        case .created: break
        case .awaitingConfirmation where quiet: break
        case .awaitingConfirmation:
            Terminal.note("\(entry.email) has to confirm the upload by the link in a mail")
        case .refused(let refusal):
            throw CommandFailure(.failed, "Failed to upload: \(Terminal.plain(refusal.reason))")
        }
        Terminal.line(marketplace.location(of: entry))
    }

    private func client() throws -> MarketplaceClient {
        let environment = ProcessInfo.processInfo.environment
        let given = marketplaceEndpoint ?? environment["STRATUSLAB_MARKETPLACE_ENDPOINT"] ?? ""
        guard !given.isEmpty else {
            throw CommandFailure(
                .usage,
                "name the marketplace with --marketplace-endpoint or in the variable "
                    + "STRATUSLAB_MARKETPLACE_ENDPOINT (the public one is gone)")
        }
        var configuration = MarketplaceClient.Configuration(
            url: Self.base(given), caFile: caFile,
            credentials: try credentials(environment))
        configuration.timeMax = .seconds(timeMax)
        do {
            return try MarketplaceClient(configuration)
        } catch {
            throw CommandFailure(.usage, "\(error)")
        }
    }

    /// A host name is one of an https server, and the path that documents are posted to, as people
    /// gave it to `stratus-upload-metadata`, means the marketplace above it.
    private static func base(_ endpoint: String) -> String {
        var url = endpoint.contains("://") ? endpoint : "https://\(endpoint)"
        while url.hasSuffix("/"), !url.hasSuffix("://") { url.removeLast() }
        return url.hasSuffix("/metadata") ? String(url.dropLast("metadata".count)) : url
    }

    private func credentials(_ environment: [String: String]) throws -> Credentials? {
        guard let user = username ?? environment["STRATUSLAB_USERNAME"], !user.isEmpty else {
            return nil
        }
        var password = environment["STRATUSLAB_PASSWORD"]
        if let passwordFile {
            let text = String(
                decoding: try Self.read(passwordFile, bytesMax: Self.passwordBytesMax),
                as: UTF8.self)
            password = text.split(whereSeparator: \.isNewline).first.map(String.init)
        }
        guard let password, !password.isEmpty else {
            throw CommandFailure(
                .usage,
                "the user \(user) needs a password: give --password-file or the variable "
                    + "STRATUSLAB_PASSWORD")
        }
        do {
            return try Credentials(user: user, password: password)
        } catch {
            throw CommandFailure(.usage, "\(error)")
        }
    }

    /// What the document is published as.
    private static func entry(in bytes: [UInt8], file: String) throws -> MarketplaceEntry {
        let document: MetadataDocument
        do {
            document = try MetadataDocument(parsing: bytes)
        } catch {
            throw CommandFailure(.failed, "\(file): \(error)")
        }
        guard document.isSigned, let endorsement = document.fields.endorsement else {
            throw CommandFailure(
                .failed, "\(file) is not signed; sign it with `imprimatur metadata sign` first")
        }
        return MarketplaceEntry(
            identifier: document.identifier, email: endorsement.endorser.email,
            created: endorsement.created.description)
    }

    private static func read(_ file: String, bytesMax: Int) throws -> [UInt8] {
        guard let data = FileManager.default.contents(atPath: file) else {
            throw CommandFailure(.usage, "\(file) cannot be read")
        }
        guard data.count <= bytesMax else {
            throw CommandFailure(.usage, "\(file) is larger than \(bytesMax) bytes")
        }
        return Array(data)
    }
}

// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import FoundationEssentials
import StratusLab
import Transfer

/// Which marketplace is used, and as whom.
struct MarketplaceOptions: ParsableArguments {
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Host name or URL of the marketplace; the variable STRATUSLAB_MARKETPLACE_ENDPOINT or "
                + "marketplace_endpoint of the user configuration when not given.",
            valueName: "endpoint"))
    var marketplaceEndpoint: String?

    @Option(
        name: [.customShort("u", allowingJoined: true), .long],
        help: ArgumentHelp("User name for basic authentication.", valueName: "name"))
    var username: String?

    @Option(
        help: ArgumentHelp(
            "File that holds the user's password; the variable STRATUSLAB_PASSWORD when not given.",
            valueName: "file"))
    var passwordFile: String?

    @Option(
        name: [.customShort("p", allowingJoined: true), .customLong("password")], help: .hidden)
    var password: String?

    @Option(
        help: ArgumentHelp(
            "Certificate authorities (PEM) to trust for https, beside the system's.",
            valueName: "file"))
    var caFile: String?

    @Option(
        help: ArgumentHelp("Seconds a request may take, 1 to 3600.", valueName: "seconds"))
    var timeMax = 120

    func validate() throws {
        guard (1...3600).contains(timeMax) else {
            throw ValidationError("--time-max must be 1 to 3600 seconds")
        }
        guard password == nil else {
            throw ValidationError(
                "a password on the command line can be read by others: give --password-file or "
                    + "the variable STRATUSLAB_PASSWORD")
        }
    }

    func client(_ configuration: UserConfigurationOptions) throws -> MarketplaceClient {
        let given = try marketplaceEndpoint ?? configuration.value("marketplace_endpoint") ?? ""
        guard !given.isEmpty else {
            throw CommandFailure(
                .usage,
                "name the marketplace with --marketplace-endpoint or in the variable "
                    + "STRATUSLAB_MARKETPLACE_ENDPOINT (the public one is gone)")
        }
        var settings = MarketplaceClient.Configuration(
            url: Self.base(given), caFile: caFile, credentials: try credentials())
        settings.timeMax = .seconds(timeMax)
        do {
            return try MarketplaceClient(settings)
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

    /// Only when asked for by name: STRATUSLAB_USERNAME and the user configuration hold what opens
    /// a cloud, which no marketplace should get to see.
    private func credentials() throws -> Credentials? {
        guard let user = username, !user.isEmpty else { return nil }
        let password =
            try passwordFile.map(SecretFile.read)
            ?? UserConfigurationOptions.variable("STRATUSLAB_PASSWORD")
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
}

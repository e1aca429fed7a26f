// SPDX-License-Identifier: Apache-2.0
import Pipeline
import StratusLab
import Transfer

/// What the uploader can be told.
struct UploaderConfig: WorkerConfiguration {
    let marketplace: MarketplaceClient
    /// How long an endorser may take to confirm an upload by mail.
    let confirmationTimeMax: Duration

    static let settings: [Setting] = [
        Setting(
            "uploader.marketplace-url", .url, required: true,
            help: "Base URL of the marketplace that gets the signed metadata; not a read-only"
                + " replica."),
        Setting(
            "uploader.ca-file", .path,
            help: "Certificate authorities (PEM) to trust for https, beside the system's."),
        Setting(
            "uploader.user", .text,
            help: "User name for a marketplace behind basic authentication."),
        Setting("uploader.password", .secret, help: "The password of uploader.user."),
        Setting(
            "uploader.time-max", .duration(.seconds(1) ... .seconds(900)), default: "2m",
            help: "How long one request may take."),
        Setting(
            "uploader.connect-time-max", .duration(.seconds(1) ... .seconds(300)), default: "30s",
            help: "How long connecting may take."),
        Setting(
            "uploader.confirmation-timeout", .duration(.seconds(60) ... .seconds(1_209_600)),
            default: "7d",
            help: "How long to wait for the endorser's confirmation by mail, up to 14d; the"
                + " publication is rejected then."),
    ]

    init(_ values: SettingValues) throws(ConfigurationError) {
        confirmationTimeMax = try values.duration("uploader.confirmation-timeout")
        var client = MarketplaceClient.Configuration(
            url: try values.require("uploader.marketplace-url"),
            caFile: values.string("uploader.ca-file"),
            credentials: try Self.credentials(values))
        client.timeMax = try values.duration("uploader.time-max")
        client.connectTimeMax = try values.duration("uploader.connect-time-max")
        do {
            marketplace = try MarketplaceClient(client)
        } catch {
            throw values.problem("uploader.marketplace-url", "\(error)")
        }
    }

    private static func credentials(
        _ values: SettingValues
    ) throws(ConfigurationError) -> Credentials? {
        let password = values.secret("uploader.password")
        guard let user = values.string("uploader.user") else {
            guard password == nil else {
                throw values.problem("uploader.password", "is given without uploader.user")
            }
            return nil
        }
        guard let password else {
            throw values.problem("uploader.user", "is given without uploader.password")
        }
        do {
            return try Credentials(user: user, password: password)
        } catch {
            throw values.problem("uploader.user", "\(error)")
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
import Events
import Pipeline
import Transfer

/// Settings `site-notifier.*`.
struct SiteNotifierConfig: WorkerConfiguration {
    let sites: [String]
    let mail: ListMail?

    /// So many that `site.notified`, which names them all, stays within an event's limit.
    static let sitesMax = 64
    static let recipientsMax = 16

    static let settings = [
        Setting(
            "site-notifier.sites", .list,
            help: "Names of the sites whose queues get each announcement."),
        Setting(
            "site-notifier.mail-to", .list,
            help: "Mail addresses that get each changelog; nobody is mailed when empty."),
        Setting("site-notifier.mail-from", .text, help: "Mail address of the sender."),
        Setting(
            "site-notifier.smtp-url", .text,
            help: "Mail server: smtp://HOST[:25], smtp+starttls://HOST[:587], smtps://HOST[:465]."),
        Setting("site-notifier.smtp-user", .text, help: "User name for the mail server."),
        Setting("site-notifier.smtp-password", .secret, help: "Password for the mail server."),
        Setting(
            "site-notifier.smtp-ca-file", .path,
            help: "PEM file of certificates to trust for the mail server; the system's if unset."),
    ]

    init(_ values: SettingValues) throws(ConfigurationError) {
        sites = values.list("site-notifier.sites")
        guard sites.count <= Self.sitesMax else {
            throw values.problem("site-notifier.sites", "must name at most \(Self.sitesMax) sites")
        }
        guard sites.allSatisfy(Topology.isSiteName), Set(sites).count == sites.count else {
            throw values.problem(
                "site-notifier.sites", "must be different names of \(Topology.siteNameRule)")
        }
        mail = try Self.mail(values)
    }

    private static func mail(_ values: SettingValues) throws(ConfigurationError) -> ListMail? {
        let key = "site-notifier.mail-to"
        let recipients = values.list(key)
        guard !recipients.isEmpty else { return nil }
        guard recipients.count <= recipientsMax else {
            throw values.problem(key, "must name at most \(recipientsMax) addresses")
        }
        var to: [MailAddress] = []
        for recipient in recipients { to.append(try address(recipient, key, values)) }
        guard let sender = values.string("site-notifier.mail-from") else {
            throw values.problem("site-notifier.mail-from", "is required with \(key)")
        }
        return ListMail(
            client: try client(values),
            from: try address(sender, "site-notifier.mail-from", values), to: to)
    }

    private static func address(
        _ text: String, _ key: String, _ values: SettingValues
    ) throws(ConfigurationError) -> MailAddress {
        do throws(TransferError) {
            return try MailAddress(text)
        } catch {
            throw values.problem(key, "\(error)")
        }
    }

    private static func client(_ values: SettingValues) throws(ConfigurationError) -> SMTPClient {
        let key = "site-notifier.smtp-url"
        guard let text = values.string(key) else {
            throw values.problem(key, "is required with site-notifier.mail-to")
        }
        guard var server = server(text) else {
            throw values.problem(
                key, "must be smtp://HOST[:PORT], smtp+starttls://HOST[:PORT] or smtps://…")
        }
        do throws(TransferError) {
            if let user = values.string("site-notifier.smtp-user") {
                let password = values.secret("site-notifier.smtp-password") ?? ""
                server.credentials = try Credentials(user: user, password: password)
            }
            server.caFile = values.string("site-notifier.smtp-ca-file")
            return try SMTPClient(server)
        } catch {
            throw values.problem(key, "\(error)")
        }
    }

    private static func server(_ url: String) -> SMTPClient.Configuration? {
        let schemes: [(String, SMTPClient.Configuration.Security, Int)] = [
            ("smtp://", .none, 25), ("smtp+starttls://", .startTLS, 587), ("smtps://", .tls, 465),
        ]
        guard let (scheme, security, port) = schemes.first(where: { url.hasPrefix($0.0) }) else {
            return nil
        }
        var rest = url.dropFirst(scheme.count)
        if rest.hasSuffix("/") { rest.removeLast() }
        guard !rest.isEmpty, !rest.contains("/"), !rest.contains("@") else { return nil }
        let digits = rest.last == "]" ? nil : rest.lastIndex(of: ":")
        guard let digits else {
            return SMTPClient.Configuration(host: String(rest), port: port, security: security)
        }
        guard let number = Int(rest[rest.index(after: digits)...]) else { return nil }
        return SMTPClient.Configuration(
            host: String(rest[..<digits]), port: number, security: security)
    }
}

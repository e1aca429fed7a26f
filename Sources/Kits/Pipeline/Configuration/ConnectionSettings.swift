// SPDX-License-Identifier: Apache-2.0
import URLText

/// How to reach the broker, read from the settings `amqp.*`; workers and the command line share
/// it. `description` shows no password.
public struct ConnectionSettings: Sendable {
    public var host: String
    public var port: Int
    public var vhost: String
    public var usesTLS: Bool
    /// Nil with a client certificate alone: the broker takes the name from it (EXTERNAL).
    public var user: String?
    let password: String?
    public var caFile: String?
    public var certificateFile: String?
    public var keyFile: String?
    public var heartbeat: Duration

    public static let settings: [Setting] = [
        Setting(
            "amqp.url", .url, default: "amqp://127.0.0.1:5672/imprimatur",
            help: "Broker as amqp[s]://[user@]host[:port]/vhost, without a password."),
        Setting(
            "amqp.user", .text,
            help: "User name; guest when neither it, the URL nor a client certificate gives one."),
        Setting("amqp.password", .secret, help: "The user's password."),
        Setting(
            "amqp.ca-file", .path,
            help: "CA certificates (PEM) for amqps; the system's when not set."),
        Setting("amqp.certificate-file", .path, help: "Client certificate (PEM)."),
        Setting("amqp.key-file", .path, help: "The client certificate's private key (PEM)."),
        Setting(
            "amqp.heartbeat", .duration(.seconds(1) ... .seconds(600)), default: "30s",
            help: "How often each side shows that it is alive."),
    ]

    public init(_ values: SettingValues) throws(ConfigurationError) {
        var problems: [ConfigurationError.Problem] = []
        let address = try values.require("amqp.url")
        let url: BrokerAddress
        do throws(BrokerAddress.Refusal) {
            url = try BrokerAddress(address)
        } catch {
            throw values.problem("amqp.url", error.reason)
        }
        host = url.host
        port = url.port
        vhost = url.vhost
        usesTLS = url.usesTLS
        caFile = values.string("amqp.ca-file")
        certificateFile = values.string("amqp.certificate-file")
        keyFile = values.string("amqp.key-file")
        heartbeat = try values.duration("amqp.heartbeat")
        password = values.secret("amqp.password")
        user = values.string("amqp.user") ?? url.user ?? (certificateFile == nil ? "guest" : nil)
        func refuse(_ key: String, _ reason: String) {
            problems.append(
                ConfigurationError.Problem(key: key, origin: values.origin(key), reason: reason))
        }
        if let named = values.string("amqp.user"), let other = url.user, named != other {
            refuse("amqp.user", "differs from the user in amqp.url; give one of them")
        }
        if !usesTLS {
            for key in ["amqp.ca-file", "amqp.certificate-file", "amqp.key-file"]
            where values.string(key) != nil {
                refuse(key, "needs a broker URL that starts with amqps://")
            }
        }
        if (certificateFile == nil) != (keyFile == nil) {
            refuse(
                certificateFile == nil ? "amqp.key-file" : "amqp.certificate-file",
                "amqp.certificate-file and amqp.key-file belong together")
        }
        guard problems.isEmpty else { throw ConfigurationError(problems: problems) }
    }
}

extension ConnectionSettings: CustomStringConvertible, CustomDebugStringConvertible {
    public var description: String {
        "\(usesTLS ? "amqps" : "amqp")://\(user.map { $0 + "@" } ?? "")\(host):\(port)/\(vhost)"
    }

    public var debugDescription: String { description }
}

/// `amqp[s]://[user@]host[:port]/vhost` (https://www.rabbitmq.com/docs/uri-spec).
struct BrokerAddress {
    var usesTLS: Bool
    var user: String?
    var host: String
    var port: Int
    var vhost: String

    struct Refusal: Error {
        var reason: String
    }

    init(_ text: String) throws(Refusal) {
        let form = "expected amqp[s]://[user@]host[:port]/vhost"
        var rest: Substring
        if text.hasPrefix("amqps://") {
            usesTLS = true
            rest = text.dropFirst(8)
        } else if text.hasPrefix("amqp://") {
            usesTLS = false
            rest = text.dropFirst(7)
        } else {
            throw Refusal(reason: "must start with amqp:// or amqps://; \(form)")
        }
        let path = rest.firstIndex(of: "/").map { rest[rest.index(after: $0)...] }
        rest = rest.prefix { $0 != "/" }
        if let at = rest.lastIndex(of: "@") {
            let credentials = rest[..<at]
            guard !credentials.contains(":") else {
                throw Refusal(
                    reason: "must not hold a password; set amqp.password-file or"
                        + " IMPRIMATUR_AMQP_PASSWORD")
            }
            guard let name = Self.decoded(credentials), !name.isEmpty else {
                throw Refusal(reason: "has a malformed user name; \(form)")
            }
            user = name
            rest = rest[rest.index(after: at)...]
        }
        (host, port) = try Self.address(rest, usesTLS: usesTLS, form: form)
        guard let vhost = path.map(Self.decoded) ?? "/" else {
            throw Refusal(reason: "has a malformed vhost; \(form)")
        }
        self.vhost = vhost.isEmpty ? "/" : vhost
    }

    private static func address(
        _ text: Substring, usesTLS: Bool, form: String
    ) throws(Refusal) -> (String, Int) {
        var host = text
        var digits: Substring?
        if text.hasPrefix("["), let end = text.firstIndex(of: "]") {
            host = text[text.index(after: text.startIndex)..<end]
            let rest = text[text.index(after: end)...]
            digits = rest.hasPrefix(":") ? rest.dropFirst() : nil
        } else if let colon = text.lastIndex(of: ":") {
            host = text[..<colon]
            digits = text[text.index(after: colon)...]
        }
        guard !host.isEmpty else { throw Refusal(reason: "has no host; \(form)") }
        guard let digits else { return (String(host), usesTLS ? 5671 : 5672) }
        guard let port = Int(digits), (1...65_535).contains(port) else {
            throw Refusal(reason: "has a port that is not 1 to 65535; \(form)")
        }
        return (String(host), port)
    }

    /// Undoes percent-encoding; nil when it is malformed or hides a zero byte.
    private static func decoded(_ text: Substring) -> String? {
        PercentEncoding.decodeText(text).flatMap { $0.utf8.contains(0) ? nil : $0 }
    }
}

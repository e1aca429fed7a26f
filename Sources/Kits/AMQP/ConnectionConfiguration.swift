// SPDX-License-Identifier: Apache-2.0

/// Where a broker is and how to log in.
public struct ConnectionConfiguration: Sendable {
    public var host: String
    /// 1 to 65535.
    public var port: Int
    public var vhost: String
    public var credentials: Credentials
    /// Nil for plain TCP.
    public var tls: TLSConfiguration?
    /// What the client asks for; the broker may ask for less. Whole seconds, 1 to 3600.
    public var heartbeat: Duration = .seconds(30)
    /// For name resolution aside, each of connecting, logging in and one request to the broker.
    public var timeout: Duration = .seconds(10)
    /// Pauses between attempts to connect.
    public var backoff = Backoff()
    /// Shown by the broker's tools as `connection_name`.
    public var name: String

    /// - Parameter port: 5671 with TLS and 5672 without when absent.
    public init(
        host: String = "localhost", port: Int? = nil, vhost: String = "/",
        credentials: Credentials, tls: TLSConfiguration? = nil, name: String = ""
    ) {
        self.host = host
        self.port = port ?? (tls == nil ? 5672 : 5671)
        self.vhost = vhost
        self.credentials = credentials
        self.tls = tls
        self.name = name
    }

    /// Reads `amqp://user:password@host:port/vhost` as RabbitMQ's URI specification has it; parts
    /// are percent-encoded, an absent vhost is `/`.
    ///
    /// - Parameter tls: needed with `amqps://`, refused with `amqp://`. An `amqps` URL without
    ///   user logs in with the client certificate.
    /// - Throws: ``AMQPError/invalid(_:)``, which never repeats the URL.
    public init(url: String, tls: TLSConfiguration? = nil) throws(AMQPError) {
        self = try BrokerURL(url).configuration(tls: tls)
    }

    /// The largest frame either side sends, in bytes (RabbitMQ's own default).
    static let frameBytesMax = 131_072
    static let heartbeatSecondsMax: Int64 = 3600

    var heartbeatSeconds: Int32 {
        Int32(min(max(heartbeat.components.seconds, 1), Self.heartbeatSecondsMax))
    }
}

/// How a client proves who it is.
public enum Credentials: Sendable, Hashable, CustomStringConvertible {
    /// SASL PLAIN. The password never appears in a description.
    case plain(user: String, password: String)
    /// SASL EXTERNAL: the broker takes the user from the client certificate.
    case external

    public var description: String {
        switch self {
        case .plain(let user, _): "plain(user: \(user))"
        case .external: "external"
        }
    }
}

/// TLS 1.2 or newer, broker always verified against the given authorities.
public struct TLSConfiguration: Sendable, Hashable {
    /// PEM file with the authorities to trust. librabbitmq 0.11 has no system default.
    public var authorityFile: String
    /// PEM files of the client's certificate (with its chain) and key; both or neither.
    public var certificateFile: String?
    public var keyFile: String?
    /// Whether the broker's certificate must name the host. Names only: librabbitmq does not
    /// match IP addresses, so connect to `localhost` rather than `127.0.0.1`.
    public var verifiesHostname = true

    public init(authorityFile: String, certificateFile: String? = nil, keyFile: String? = nil) {
        self.authorityFile = authorityFile
        self.certificateFile = certificateFile
        self.keyFile = keyFile
    }
}

// SPDX-License-Identifier: Apache-2.0
internal import URLText

/// The parts of an `amqp:` or `amqps:` URL, decoded.
struct BrokerURL {
    var isTLS: Bool
    var user: String?
    var password: String?
    var host: String
    var port: Int?
    var vhost: String

    init(_ url: String) throws(AMQPError) {
        var rest = Substring(url)
        switch url.firstRange(of: "://").map({ url[..<$0.lowerBound].lowercased() }) {
        case "amqp": isTLS = false
        case "amqps": isTLS = true
        default: throw .invalid("broker URL: must begin with amqp:// or amqps://")
        }
        rest = rest.dropFirst(isTLS ? 8 : 7)
        guard !rest.contains(where: { $0 == "?" || $0 == "#" }) else {
            throw .invalid("broker URL: query and fragment are not understood")
        }
        let slash = rest.firstIndex(of: "/")
        vhost = "/"
        if let slash { vhost = try Self.decoded(rest[slash...].dropFirst(), "vhost") }
        var authority = rest[..<(slash ?? rest.endIndex)]
        if let at = authority.lastIndex(of: "@") {
            let login = authority[..<at].split(
                separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            user = try Self.decoded(login[0], "user")
            password = login.count > 1 ? try Self.decoded(login[1], "password") : nil
            authority = authority[authority.index(after: at)...]
        }
        (host, port) = try Self.hostAndPort(authority)
    }

    func configuration(tls: TLSConfiguration?) throws(AMQPError) -> ConnectionConfiguration {
        guard isTLS == (tls != nil) else {
            throw .invalid(
                isTLS ? "broker URL: amqps needs TLS settings" : "broker URL: TLS needs amqps")
        }
        let credentials: Credentials
        if let user, let password {
            credentials = .plain(user: user, password: password)
        } else if isTLS, tls?.certificateFile != nil, password == nil {
            credentials = .external
        } else {
            throw .invalid("broker URL: user and password are missing")
        }
        return ConnectionConfiguration(
            host: host, port: port, vhost: vhost, credentials: credentials, tls: tls)
    }

    private static func hostAndPort(
        _ authority: Substring
    ) throws(AMQPError) -> (String, Int?) {
        var host = authority
        var port: Substring?
        if authority.hasPrefix("["), let bracket = authority.firstIndex(of: "]") {
            host = authority[..<bracket].dropFirst()
            let rest = authority[authority.index(after: bracket)...]
            guard rest.isEmpty || rest.hasPrefix(":") else {
                throw .invalid("broker URL: malformed host")
            }
            port = rest.isEmpty ? nil : rest.dropFirst()
        } else if let colon = authority.lastIndex(of: ":") {
            host = authority[..<colon]
            port = authority[authority.index(after: colon)...]
        }
        guard !host.isEmpty else { throw .invalid("broker URL: the host is missing") }
        guard let port else { return (try decoded(host, "host"), nil) }
        guard let number = UInt16(port), number > 0 else {
            throw .invalid("broker URL: the port is not a number from 1 to 65535")
        }
        return (try decoded(host, "host"), Int(number))
    }

    private static func decoded(
        _ text: Substring, _ field: String
    ) throws(AMQPError) -> String {
        guard let bytes = PercentEncoding.decode(text.utf8), !bytes.contains(0) else {
            throw .invalid("broker URL: bad percent-encoding in the \(field)")
        }
        guard let decoded = String(validating: bytes, as: UTF8.self) else {
            throw .invalid("broker URL: the \(field) is not UTF-8")
        }
        return decoded
    }
}

// SPDX-License-Identifier: Apache-2.0
internal import ArgumentParser
internal import Logging

struct ServerOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Address and port to listen on; port 0 takes a free one, which the log names.",
            valueName: "host:port"))
    var listen = "127.0.0.1:8081"

    @Option(
        help: ArgumentHelp("SQLite database with all entries; made when absent.", valueName: "file")
    )
    var database = "marketplace.sqlite"

    @Option(
        name: .customLong("public-url"),
        help: ArgumentHelp(
            "URL under which callers reach this server, without a path; the request's Host "
                + "when not set.",
            valueName: "url"))
    var publicURL: String?

    @Option(
        name: .customLong("log-level"),
        help: ArgumentHelp(
            "Least severe level that is logged, on standard error: trace, debug, info, notice, "
                + "warning, error.", valueName: "level"))
    var logLevelName = "info"

    var logLevel: Logger.Level { Logger.Level(rawValue: logLevelName) ?? .info }

    func validate() throws {
        _ = try address()
        guard Logger.Level(rawValue: logLevelName) != nil else {
            throw ValidationError("--log-level: there is no level '\(logLevelName)'")
        }
        if let publicURL {
            guard let scheme = ["http://", "https://"].first(where: { publicURL.hasPrefix($0) }),
                BaseURL.isHost(Self.host(publicURL.dropFirst(scheme.count)))
            else {
                throw ValidationError(
                    "--public-url must be http:// or https:// and a host, without a path")
            }
        }
    }

    private static func host(_ rest: Substring) -> String {
        String(rest.hasSuffix("/") ? rest.dropLast() : rest)
    }

    func address() throws -> (host: String, port: Int) {
        guard let colon = listen.lastIndex(of: ":"),
            let port = Int(listen[listen.index(after: colon)...]), (0...65_535).contains(port),
            colon > listen.startIndex
        else {
            throw ValidationError("--listen must be an address and a port, such as 127.0.0.1:8081")
        }
        let host = listen[..<colon].filter { $0 != "[" && $0 != "]" }
        return (String(host), port)
    }
}

struct PublishingOptions: ParsableArguments {
    @Option(
        name: .customLong("endorser-allow"),
        help: ArgumentHelp(
            "File of who may publish, one a line: sha256:<certificate>, a subject (RFC 2253) or "
                + "an e-mail address. Only sha256: lines keep out who makes a certificate of "
                + "that name. Read again when it changes.", valueName: "file"))
    var endorserAllow: String?

    @Flag(help: "Accept the SHA-1 document digests that StratusLab's own tools write.")
    var allowSha1Digest = false

    @Flag(help: "Refuse all uploads with status 403, as a replica does.")
    var readOnly = false

    @Option(
        help: ArgumentHelp(
            "Uploads examined in a minute over all callers; more get 429.", valueName: "count"))
    var uploadRateMax = 1200
}

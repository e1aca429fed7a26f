// SPDX-License-Identifier: Apache-2.0
internal import ArgumentParser
internal import FoundationEssentials
internal import Transfer

struct MailOptions: ParsableArguments {
    enum Mode: String, ExpressibleByArgument, CaseIterable {
        case none, manual
    }

    @Option(
        help: """
            none publishes valid documents at once (201); manual answers 202 and publishes when \
            the endorser follows a link in a mail.
            """)
    var confirmation = Mode.none

    @Option(
        help: ArgumentHelp(
            "Directory for the mails, one .eml file each, instead of a mail server.",
            valueName: "directory"))
    var mailSpool: String?

    @Option(
        name: .customLong("smtp"),
        help: ArgumentHelp("Mail server, without encryption.", valueName: "host:port"))
    var smtp: String?

    @Option(help: ArgumentHelp("Sender of the mails.", valueName: "address"))
    var mailFrom = "marketplace@localhost"

    func validate() throws {
        guard confirmation == .manual else { return }
        guard (mailSpool == nil) != (smtp == nil) else {
            throw ValidationError("--confirmation manual needs either --mail-spool or --smtp")
        }
    }

    func endorserConfirmation() throws -> Confirmation? {
        guard confirmation == .manual else { return nil }
        let from = try MailAddress(mailFrom)
        if let mailSpool {
            try FileManager.default.createDirectory(
                atPath: mailSpool, withIntermediateDirectories: true)
            return Confirmation(from: from, delivery: .spool(directory: mailSpool))
        }
        guard let smtp, let colon = smtp.lastIndex(of: ":"),
            let port = Int(smtp[smtp.index(after: colon)...])
        else { throw ValidationError("--smtp must be a host and a port, such as localhost:25") }
        let client = try SMTPClient(
            SMTPClient.Configuration(host: String(smtp[..<colon]), port: port))
        return Confirmation(from: from, delivery: .smtp(client))
    }
}

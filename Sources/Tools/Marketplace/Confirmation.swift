// SPDX-License-Identifier: Apache-2.0
internal import Events
internal import FoundationEssentials
internal import Transfer

/// Asks an endorser by mail whether an upload is meant, as the original does with
/// `validate.email=true`.
struct Confirmation: Sendable {
    let from: MailAddress
    let delivery: Delivery

    enum Delivery: Sendable {
        case smtp(SMTPClient)
        /// One `<token>.eml` file per mail, for another program to send.
        case spool(directory: String)
    }

    func send(for entry: Entry, token: String, base: String) async throws {
        let message = MailMessage(
            from: from, to: [try MailAddress(entry.coordinates.email)],
            subject: "Confirm metadata entry \(entry.coordinates.identifier)",
            body: Self.text(entry, links: "\(base)action/\(token)/"),
            messageID: "\(token)@marketplace", date: Timestamp.now.seconds)
        switch delivery {
        case .smtp(let client): try await client.send(message)
        case .spool(let directory):
            let bytes = Data(try message.rendered())
            try bytes.write(
                to: URL(filePath: directory).appending(path: "\(token).eml"), options: .atomic)
        }
    }

    private static func text(_ entry: Entry, links: String) -> String {
        let coordinates = entry.coordinates
        return """
            A metadata entry with your endorsement was uploaded to the marketplace:

              image       \(coordinates.identifier)
              title       \(line(entry.displayTitle))
              endorsed    \(coordinates.created)
              certificate \(line(entry.subject))

            To publish it, follow this link:
            \(links)confirm/

            If you do not want it published:
            \(links)abort/

            If you know nothing of it, please report the abuse:
            \(links)abuse/

            """
    }

    /// What a document says must not make lines of its own in the mail.
    private static func line(_ text: String) -> String {
        text.split { $0.isNewline || $0.isWhitespace }.joined(separator: " ").prefix(200)
            .description
    }
}

// SPDX-License-Identifier: Apache-2.0
import Events
public import Pipeline
public import Transfer

/// The mail that tells people what changed in a list.
struct ListMail: Sendable {
    let client: SMTPClient
    let from: MailAddress
    let to: [MailAddress]

    func send(_ list: UpdatedList, at time: Timestamp) async throws(TransferError) {
        try await client.send(message(about: list, at: time))
    }

    /// The same announcement has the same Message-ID each time, so readers see a repetition once.
    func message(about list: UpdatedList, at time: Timestamp) -> MailMessage {
        let domain = from.address.split(separator: "@").last.map(String.init) ?? "localhost"
        return MailMessage(
            from: from, to: to, subject: Self.subject(list), body: Self.body(list),
            messageID: "\(list.name)-\(list.serial)-\(list.sha256.prefix(16))@\(domain)",
            date: time.seconds)
    }

    static func subject(_ list: UpdatedList) -> String {
        let changes = ListChanges(list)
        let counts = [
            (changes.added.count, "added"), (changes.replaced.count, "replaced"),
            (changes.renewed.count, "renewed"), (changes.withdrawn.count, "withdrawn"),
            (changes.removed.count, "removed"),
        ]
        let parts = counts.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
        return "[\(list.name)] serial \(list.serial): "
            + (parts.isEmpty ? "no change" : parts.joined(separator: ", "))
    }

    static func body(_ list: UpdatedList) -> String {
        let changes = ListChanges(list)
        var lines = ["The image list \(list.name) has changed. Its serial is now \(list.serial)."]
        lines += section("Added", changes.added)
        lines += section("Replaced", changes.replaced) { entry in
            changes.before(entry).map { "instead of: \(plain($0.identifier))" }
        }
        lines += section("Renewed (the same image under a new metadata document)", changes.renewed)
        { entry in changes.before(entry).map { "instead of: \(plain($0.location))" } }
        lines += section("Withdrawn (do not use these images any more)", changes.withdrawn) {
            "reason: \(plain($0.withdrawalReason ?? "not given"))"
        }
        lines += section("Removed", changes.removed)
        lines += [""]
        if let url = list.url { lines.append("List:     \(plain(url))") }
        if let revision = list.revision { lines.append("Revision: \(plain(revision))") }
        lines.append("SHA-256:  \(list.sha256)")
        return lines.joined(separator: "\n") + "\n"
    }

    /// - Parameter note: what else is said of an entry, below its identifier.
    private static func section(
        _ title: String, _ entries: [UpdatedList.Entry],
        note: (UpdatedList.Entry) -> String? = { _ in nil }
    ) -> [String] {
        guard !entries.isEmpty else { return [] }
        return ["", "\(title):"]
            + entries.flatMap { entry in
                let version = entry.version.map { ", version \(plain($0))" } ?? ""
                let lines: [String?] = [
                    "", "  \(plain(entry.name))\(version)",
                    "    identifier: \(plain(entry.identifier))",
                    note(entry).map { "    \($0)" },
                    "    endorsed by \(plain(entry.endorser)), requested \(entry.requestTime)",
                    "    \(plain(entry.location))",
                ]
                let waivers = (entry.waivers ?? []).map { "    \(plain($0.line))" }
                return lines.compactMap(\.self) + waivers
            }
    }

    /// Text of others stays on its line.
    private static func plain(_ text: String) -> String {
        String(
            text.unicodeScalars.prefix(2_048).map { scalar in
                switch scalar.properties.generalCategory {
                case .control, .format, .lineSeparator, .paragraphSeparator: "?"
                default: Character(scalar)
                }
            })
    }
}

extension TransferError: Disposed {
    /// The image is listed: no trouble with mail may reject its publication. A message that
    /// cannot be sent as configured stops the worker; anything else is tried again, then parked.
    public var disposition: Disposition {
        if case .invalidRequest = self { .fatal } else { .transient }
    }
}

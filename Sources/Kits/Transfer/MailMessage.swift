// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials

/// A plain-text mail (RFC 5322, UTF-8). The same values always make the same bytes.
public struct MailMessage: Sendable, Hashable {
    public var from: MailAddress
    public var to: [MailAddress]
    public var subject: String
    /// Lines end with a line feed.
    public var body: String
    /// Without angle brackets, such as `list-42@example.org`. A repeated mail keeps it, so that
    /// readers see one.
    public var messageID: String
    /// Seconds since 1970-01-01T00:00:00Z.
    public var date: Int64

    static let recipientsMax = 100
    static let subjectBytesMax = 1_000
    static let bodyBytesMax = 4 << 20

    public init(
        from: MailAddress, to: [MailAddress], subject: String, body: String, messageID: String,
        date: Int64
    ) {
        self.from = from
        self.to = to
        self.subject = subject
        self.body = body
        self.messageID = messageID
        self.date = date
    }

    /// The message with CRLF line ends, body in quoted-printable.
    ///
    /// - Throws: ``TransferError/invalidRequest(field:reason:)``.
    public func rendered() throws(TransferError) -> [UInt8] {
        try check()
        let lines = [
            "Date: \(Self.rfc5322(date))",
            "From: \(from.rendered)",
            "To: " + to.map(\.rendered).joined(separator: ",\r\n "),
            "Subject: " + HeaderEncoding.unstructured(subject, firstLineUsed: 9),
            "Message-ID: <\(messageID)>",
            "Auto-Submitted: auto-generated",
            "MIME-Version: 1.0",
            "Content-Type: text/plain; charset=utf-8",
            "Content-Transfer-Encoding: quoted-printable",
        ]
        return Array(lines.joined(separator: "\r\n").utf8) + Array("\r\n\r\n".utf8)
            + QuotedPrintable.encode(body)
    }

    private func check() throws(TransferError) {
        guard (1...Self.recipientsMax).contains(to.count) else {
            throw .invalidRequest(field: "to", reason: "needs 1 to \(Self.recipientsMax) addresses")
        }
        guard !subject.utf8.contains(where: { $0 < 0x20 || $0 == 0x7f }) else {
            throw .invalidRequest(field: "subject", reason: "has a control character")
        }
        guard subject.utf8.count <= Self.subjectBytesMax else {
            throw .invalidRequest(
                field: "subject", reason: "exceeds \(Self.subjectBytesMax) bytes")
        }
        guard body.utf8.count <= Self.bodyBytesMax else {
            throw .invalidRequest(field: "body", reason: "exceeds \(Self.bodyBytesMax) bytes")
        }
        guard MailAddress.isAddress(messageID) else {
            throw .invalidRequest(field: "message id", reason: "is not of the form left@right")
        }
        guard (0...253_402_300_799).contains(date) else {
            throw .invalidRequest(field: "date", reason: "is not in the years 1970 to 9999")
        }
    }

    /// RFC 5322 section 3.3, in UTC.
    static func rfc5322(_ seconds: Int64) -> String {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        let parts = calendar.dateComponents(
            [.weekday, .day, .month, .year, .hour, .minute, .second],
            from: Date(timeIntervalSince1970: Double(seconds)))
        let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        let months = [
            "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
        ]
        let day = days[((parts.weekday ?? 1) - 1) % 7]
        let month = months[((parts.month ?? 1) - 1) % 12]
        let time = [parts.hour, parts.minute, parts.second]
            .map { two($0 ?? 0) }.joined(separator: ":")
        return "\(day), \(two(parts.day ?? 1)) \(month) \(parts.year ?? 1970) \(time) +0000"
    }

    private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}

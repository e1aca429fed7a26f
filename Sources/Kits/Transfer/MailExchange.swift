// SPDX-License-Identifier: Apache-2.0
import CCurl

/// Sender and recipients as the server sees them.
struct Envelope {
    var from: String
    var to: [String]
}

/// Hands one mail to a server. Blocking.
struct MailExchange {
    private let configuration: SMTPClient.Configuration
    private let envelope: Envelope
    private let message: [UInt8]

    init(_ configuration: SMTPClient.Configuration, _ envelope: Envelope, _ message: [UInt8]) {
        self.configuration = configuration
        self.envelope = envelope
        self.message = message
    }

    func run(_ interrupt: Interrupt) throws(TransferError) {
        let receiver = ReplyReceiver()
        let transfer = try CurlTransfer(
            receiver: receiver, policy: policy(), protocols: ["smtp", "smtps"])
        try prepare(transfer)
        switch try transfer.perform(interrupt: interrupt) {
        case .interrupted, .deadline: throw .cancelled
        case .ended(let code) where code == CURLE_OK: return
        case .ended(let code):
            let reply = transfer.long(CURLINFO_RESPONSE_CODE)
            guard (400...599).contains(reply) else {
                throw CurlFailure.error(code, transfer, host: configuration.host)
            }
            throw .mailRefused(reply: reply, text: receiver.refusal)
        }
    }

    /// The operator names the mail server, so any address will do.
    private func policy() -> TransferPolicy {
        var policy = TransferPolicy(schemes: [], allowsPrivateAddresses: true)
        policy.connectTimeMax = configuration.connectTimeMax
        policy.timeMax = configuration.timeMax
        policy.caFile = configuration.caFile
        return policy
    }

    private func prepare(_ transfer: CurlTransfer) throws(TransferError) {
        let scheme = configuration.security == .tls ? "smtps" : "smtp"
        let isIPv6 =
            configuration.host.utf8.contains(UInt8(ascii: ":"))
            && !configuration.host.hasPrefix("[")
        let host = isIPv6 ? "[\(configuration.host)]" : configuration.host
        // libcurl takes the name for EHLO from the URL's path.
        try transfer.set(
            CURLOPT_URL, "\(scheme)://\(host):\(configuration.port)/\(configuration.helloName)")
        let isEncrypted = configuration.security != .none
        try transfer.set(
            CURLOPT_USE_SSL, Int((isEncrypted ? CURLUSESSL_ALL : CURLUSESSL_NONE).rawValue))
        try transfer.set(CURLOPT_MAIL_FROM, "<\(envelope.from)>")
        try transfer.set(CURLOPT_MAIL_RCPT, list: envelope.to.map { "<\($0)>" })
        if let credentials = configuration.credentials {
            try transfer.set(CURLOPT_USERNAME, credentials.user)
            try transfer.set(CURLOPT_PASSWORD, credentials.password)
        }
        try transfer.setUpload(message)
    }
}

/// Remembers the last reply that refused something, for the error text.
private final class ReplyReceiver: CurlReceiver {
    private(set) var refusal = ""
    private static let textBytesMax = 200

    func header(_ line: UnsafeRawBufferPointer) -> Bool {
        let text = String(decoding: line.prefix(Self.textBytesMax), as: UTF8.self)
        guard text.hasPrefix("4") || text.hasPrefix("5") else { return true }
        refusal = String(
            text.unicodeScalars.filter { $0.value >= 0x20 && $0.value != 0x7f }.map(Character.init))
        return true
    }

    func body(_ bytes: UnsafeRawBufferPointer) -> Bool { true }
}

// SPDX-License-Identifier: Apache-2.0
import Foundation

/// `Tests/Support/Servers/smtp_sink.py`: a mail server on loopback that keeps what it gets.
public final class SMTPSink: Sendable {
    public struct Mail: Sendable {
        public var envelope: Envelope
        /// As transmitted, CRLF line ends.
        public var text: String
    }

    public struct Envelope: Codable, Sendable, Hashable {
        public var hello: String
        public var from: String?
        public var to: [String]
        public var tls: Bool
        public var user: String?

        public init(hello: String, from: String?, to: [String], tls: Bool, user: String?) {
            self.hello = hello
            self.from = from
            self.to = to
            self.tls = tls
            self.user = user
        }
    }

    public enum Security: Sendable {
        case none
        case startTLS(TestCertificates.Issued)
        case tls(TestCertificates.Issued)
    }

    public let port: Int
    private let directory: TemporaryDirectory
    private let process: BackgroundProcess

    /// - Parameter login: user and password that it insists on.
    public init(
        _ security: Security = .none, login: (user: String, password: String)? = nil
    ) async throws {
        directory = try TemporaryDirectory()
        var arguments = ["--directory", directory.path]
        switch security {
        case .none: break
        case .startTLS(let certificate):
            arguments += ["--tls", certificate.certificatePath, certificate.keyPath]
        case .tls(let certificate):
            arguments += ["--tls", certificate.certificatePath, certificate.keyPath]
            arguments.append("--implicit-tls")
        }
        if let login { arguments += ["--login", login.user, login.password] }
        (process, port) = try await PythonServer.start(
            "smtp_sink.py", arguments, output: directory.file("output"))
    }

    /// The mails so far, in the order of their arrival.
    public func mails() throws -> [Mail] {
        let names = try FileManager.default.contentsOfDirectory(atPath: directory.path)
        let numbers = names.filter { $0.hasSuffix(".json") }
            .compactMap { Int($0.dropLast(5)) }.sorted()
        return try numbers.map { number in
            let envelope = try Data(
                contentsOf: URL(fileURLWithPath: directory.file("\(number).json")))
            let text = try Data(contentsOf: URL(fileURLWithPath: directory.file("\(number).eml")))
            return Mail(
                envelope: try JSONDecoder().decode(Envelope.self, from: envelope),
                text: String(decoding: text, as: UTF8.self))
        }
    }

    /// Answers `verb` (`MAIL`, `RCPT`, `DATA`, `END`, `CONNECT`) with a reply such as
    /// `450 later`; nil accepts again.
    public func refuse(_ verb: String, with reply: String?) throws {
        let refusals = reply.map { [verb: $0] } ?? [:]
        try directory.write(try JSONEncoder().encode(refusals), to: "refuse.json")
    }
}

// SPDX-License-Identifier: Apache-2.0
internal import Events
internal import FoundationEssentials
internal import Logging
internal import Signatures
internal import Synchronization

/// Who may publish: a text file, read again when it changed.
///
/// One rule a line, `#` starts a comment: `sha256:` and the SHA-256 of a certificate in
/// hexadecimal; a subject as an RFC 2253 name; or an e-mail address. Anyone can make a certificate
/// with any name in it, and who issued it is not checked here: only a `sha256:` rule keeps
/// strangers out, the others keep order among friends.
final class EndorserAllowList: Sendable {
    private let path: String
    private let logger: Logger
    private let state: Mutex<State>

    static let fileBytesMax = 1 << 20
    static let age = Duration.seconds(10)

    private struct State {
        var rules: Rules
        var readAt: ContinuousClock.Instant
    }

    struct Rules: Sendable, Hashable {
        var fingerprints: Set<String> = []
        var subjects: Set<String> = []
        var emails: Set<String> = []

        init(_ text: String) {
            for line in text.split(whereSeparator: \.isNewline) {
                let rule = line.drop(while: \.isWhitespace)
                let trimmed = String(
                    rule.reversed().drop(while: \.isWhitespace).reversed())
                if trimmed.isEmpty || trimmed.hasPrefix("#") { continue }
                if trimmed.lowercased().hasPrefix("sha256:") {
                    fingerprints.insert(trimmed.dropFirst(7).lowercased().filter { $0 != ":" })
                } else if trimmed.contains("=") {
                    subjects.insert(trimmed)
                } else {
                    emails.insert(trimmed.lowercased())
                }
            }
        }

        func allows(_ endorser: SignedMetadata.Endorser, certificateSHA256: String) -> Bool {
            fingerprints.contains(certificateSHA256) || subjects.contains(endorser.subject)
                || emails.contains(endorser.email.lowercased())
        }
    }

    /// - Throws: when the file cannot be read.
    init(path: String, logger: Logger) throws {
        self.path = path
        self.logger = logger
        state = Mutex(State(rules: try Self.read(path), readAt: .now))
    }

    /// - Throws: 400 when no rule allows the endorser, or the certificate's time is not now.
    func check(
        _ endorser: SignedMetadata.Endorser, _ certificate: Certificate
    ) throws(Refusal) {
        guard current().allows(endorser, certificateSHA256: certificate.sha256) else {
            throw .notAllowed
        }
        do {
            try certificate.checkValidity(at: Timestamp.now.seconds)
        } catch {
            throw Refusal(400, "invalid metadata: \(error)")
        }
    }

    /// A file that became unreadable leaves the last rules in force.
    private func current() -> Rules {
        state.withLock { state in
            guard state.readAt.duration(to: .now) > Self.age else { return state.rules }
            state.readAt = .now
            do {
                state.rules = try Self.read(path)
            } catch {
                logger.error("allow-list not readable", metadata: ["error": "\(error)"])
            }
            return state.rules
        }
    }

    private static func read(_ path: String) throws -> Rules {
        let file = URL(filePath: path)
        let data = try Data(contentsOf: file)
        guard data.count <= fileBytesMax else {
            throw CocoaError(.fileReadTooLarge)
        }
        return Rules(String(decoding: data, as: UTF8.self))
    }
}

// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Events
import Signatures

/// Whom to believe.
struct TrustOptions: ParsableArguments {
    @OptionGroup var authorities: AuthorityOptions

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "Distinguished name of an endorser to accept, exactly as the document has it; may be "
                + "repeated. Everybody whom an authority certifies when none is named.",
            valueName: "dn"))
    var endorser: [String] = []

    @Option(
        help: ArgumentHelp(
            "File of such names, one a line. The variable IMPRIMATUR_ENDORSER_LIST when not given.",
            valueName: "file"))
    var endorserList: String?

    @Flag(help: "Do not ask who the endorser is: what is intact is valid, as for the old command.")
    var signatureOnly = false

    func validate() throws {
        let names = authorities.ca + authorities.crl + endorser
        guard !signatureOnly || (names.isEmpty && endorserList == nil) else {
            throw ValidationError(
                "--signature-only excludes --ca, --crl, --endorser and --endorser-list")
        }
    }

    func load() throws -> EndorserTrust {
        guard !signatureOnly else { return EndorserTrust(anchors: nil, endorsers: nil) }
        let anchors = try authorities.anchors()
        do {
            return EndorserTrust(anchors: anchors, endorsers: try endorsers())
        } catch {
            throw CommandFailure(.usage, Terminal.plain("\(error)"))
        }
    }

    /// All that were named; nil when none was.
    private func endorsers() throws(SignaturesError) -> [EndorserList]? {
        let named = endorser.isEmpty ? [] : [EndorserList(distinguishedNames: endorser)]
        let variable = endorser.isEmpty ? "IMPRIMATUR_ENDORSER_LIST" : nil
        guard let path = endorserList ?? variable.flatMap(UserConfigurationOptions.variable) else {
            return named.isEmpty ? nil : named
        }
        return named + [try EndorserList(path: path)]
    }
}

/// Who is believed: nobody was named, or the endorsers whom an authority certifies, or some of
/// them.
struct EndorserTrust {
    let anchors: TrustAnchors?
    let endorsers: [EndorserList]?

    enum Verdict: Hashable {
        /// There are no authorities to ask.
        case notChecked
        /// - authority: the trust anchor's subject.
        case trusted(authority: String)
        case untrusted(String)
    }

    func verdict(on certificate: Certificate, at time: Timestamp) -> Verdict {
        if let endorsers, !endorsers.contains(where: { $0.contains(certificate) }) {
            return .untrusted("'\(certificate.subject)' is not among the endorsers to accept")
        }
        guard let anchors else { return .notChecked }
        switch anchors.judge(certificate, at: time.seconds) {
        case .trusted(let chain):
            return .trusted(authority: chain.last?.subject ?? certificate.issuer)
        case .untrusted(let reason): return .untrusted("\(reason)")
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
import Events
import Signatures
import StratusLab

/// What is found about one document; the names are those of `--json`.
struct ValidationReport: Encodable {
    var file: String
    /// 1-based position in a listing, and the number of its documents; absent for a document that
    /// is a file of its own.
    var document: Int?
    var documents: Int?
    /// Whether all rules are kept, the signature holds and nothing speaks against the endorser.
    var valid: Bool { reasons.isEmpty }
    /// What makes it invalid, in words.
    var reasons: [String] = []
    var findings: [Finding] = []
    var warnings: [Warning] = []
    var identifier: String?
    var endorser: String?
    var issuer: String?
    var email: String?
    var created: String?
    var profile: String?
    var validUntil: String?
    var deprecated: String?
    var certificateSHA256: String?
    var trust: Trust?
    /// The trust anchor that stands behind the endorser.
    var authority: String?

    enum Trust: String, Encodable {
        case trusted, untrusted
        case notChecked = "not-checked"
    }

    struct Finding: Encodable {
        var kind: String
        var element: String
        var rule: String
        /// 1-based, of the file.
        var line: Int?
        var reason: String
    }

    struct Warning: Encodable {
        var kind: String
        var element: String
        var reason: String
    }

    private enum CodingKeys: String, CodingKey {
        case file, document, documents, valid, reasons, findings, warnings, identifier, endorser
        case issuer, email, created, profile, validUntil, deprecated, certificateSHA256, trust
        case authority
    }

    func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(file, forKey: .file)
        try values.encodeIfPresent(document, forKey: .document)
        try values.encodeIfPresent(documents, forKey: .documents)
        try values.encode(valid, forKey: .valid)
        try values.encode(reasons, forKey: .reasons)
        try values.encode(findings, forKey: .findings)
        try values.encode(warnings, forKey: .warnings)
        let texts: [(CodingKeys, String?)] = [
            (.identifier, identifier), (.endorser, endorser), (.issuer, issuer), (.email, email),
            (.created, created), (.profile, profile), (.validUntil, validUntil),
            (.deprecated, deprecated), (.certificateSHA256, certificateSHA256),
            (.authority, authority),
        ]
        for (key, text) in texts { try values.encodeIfPresent(text, forKey: key) }
        try values.encodeIfPresent(trust, forKey: .trust)
    }
}

extension ValidationReport {
    /// Adds broken rules.
    ///
    /// - Parameter firstLine: the file's line at which the document begins.
    mutating func add(_ found: [MetadataFinding], firstLine: Int = 1) {
        for var finding in found {
            finding.line = finding.line.map { $0 + firstLine - 1 }
            reasons.append(finding.description)
            findings.append(
                Finding(
                    kind: finding.kind.rawValue, element: finding.element, rule: finding.rule,
                    line: finding.line, reason: finding.reason))
        }
    }

    /// Adds what a readable document says about itself.
    mutating func describe(_ document: MetadataDocument, at time: Timestamp) {
        identifier = document.identifier.isEmpty ? nil : document.identifier
        validUntil = document.fields.valid.map { "\($0)" }
        deprecated = document.fields.deprecated
        warnings = document.warnings(at: time).map {
            Warning(kind: $0.kind.rawValue, element: $0.element, reason: $0.reason)
        }
    }

    /// Adds who signed.
    mutating func describe(
        _ endorsement: MetadataEndorsement, _ certificate: Certificate,
        _ profile: XMLSignatureProfile
    ) {
        endorser = endorsement.endorser.subject
        issuer = endorsement.endorser.issuer
        email = endorsement.endorser.email
        created = "\(endorsement.created)"
        self.profile = profile.rawValue
        certificateSHA256 = certificate.sha256
    }

    /// Adds whether the endorser is believed.
    mutating func add(_ verdict: EndorserTrust.Verdict) {
        switch verdict {
        case .notChecked: trust = .notChecked
        case .trusted(let authority):
            trust = .trusted
            self.authority = authority
        case .untrusted(let reason):
            trust = .untrusted
            reasons.append("endorser not trusted: \(reason)")
            findings.append(
                Finding(
                    kind: "trust", element: "X509Certificate", rule: "endorser-untrusted",
                    reason: reason))
        }
    }
}

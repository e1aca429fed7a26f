// SPDX-License-Identifier: Apache-2.0
import Signatures

/// Whose signatures the list takes, as files say; all of them when there are none.
///
/// The files are read for each batch anew: revocation lists change several times a day.
struct EndorserTrust: Sendable {
    /// Certification authorities: files, or directories as IGTF lays them out.
    var authorities: [String] = []
    var revocationLists: [String] = []
    /// File of distinguished names, one a line; nil when any will do.
    var endorsers: String?

    /// What the files say now.
    struct Rules: Sendable {
        let anchors: TrustAnchors?
        let endorsers: EndorserList?
    }

    func rules() throws(SignaturesError) -> Rules {
        var anchors: TrustAnchors?
        if !authorities.isEmpty {
            anchors = try TrustAnchors(paths: authorities, crlPaths: revocationLists)
        }
        var list: EndorserList?
        if let endorsers { list = try EndorserList(path: endorsers) }
        return Rules(anchors: anchors, endorsers: list)
    }
}

extension EndorserTrust.Rules {
    /// Nil when the certificate's owner may have images in the list.
    ///
    /// - Parameter seconds: now, since 1970-01-01T00:00:00Z.
    func problem(with certificate: Certificate, at seconds: Int64) -> DocumentProblem? {
        if let endorsers, !endorsers.contains(certificate) {
            return Self.untrusted(certificate.subject, expected: "a name in the list of endorsers")
        }
        guard let anchors, case .untrusted(let reason) = anchors.judge(certificate, at: seconds)
        else { return nil }
        switch reason.cause {
        case .noRevocationList, .revocationListExpired, .revocationListNotYetValid,
            .invalidRevocationList:
            // Nothing that the endorser could do anything about.
            return .undecided(why: "\(reason)")
        default:
            return Self.untrusted("\(reason)", expected: "a certificate by a trusted authority")
        }
    }

    private static func untrusted(_ found: String, expected: String) -> DocumentProblem {
        .breach(
            DocumentBreach(
                rule: .untrusted, field: "the endorser's certificate", found: found,
                expected: expected))
    }
}

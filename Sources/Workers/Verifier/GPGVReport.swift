// SPDX-License-Identifier: Apache-2.0
import Events
import Programs
import URLText

/// What gpgv says about each signature, on its status descriptor (GnuPG's `doc/DETAILS`).
///
/// Its exit code says less: it is 0 also for a signature by a key that has expired.
struct GPGVReport: Sendable, Hashable {
    private(set) var findings: [SignatureFinding] = []
    /// There was nothing that could be a signature.
    private(set) var hasNoSignature = false
    /// gpgv could not use its keys.
    private(set) var hasKeyError = false

    /// The last finding is a good signature whose particulars are still to come.
    private var isAwaitingProof = false

    private static let mark = "[GNUPG:] "
    /// MD5, SHA-1 and RIPEMD-160 (RFC 9580 section 9.5).
    private static let weakDigests: Set = ["1", "2", "3"]
    /// Signatures of documents, as they are and as text (RFC 9580 section 5.2.1).
    private static let documentClasses: Set = ["00", "01"]
    private static let signerMax = 256

    init(_ output: [UInt8]) {
        for line in output.split(separator: UInt8(ascii: "\n")) {
            let text = String(decoding: line, as: UTF8.self)
            guard text.hasPrefix(Self.mark) else { continue }
            read(text.dropFirst(Self.mark.count).split(separator: " ").map(String.init))
        }
    }

    private mutating func read(_ words: [String]) {
        let second = words.count > 1 ? words[1] : ""
        switch words.first {
        case "NEWSIG": isAwaitingProof = false
        case "GOODSIG":
            add(.unsupported, words)
            isAwaitingProof = true
        case "BADSIG": add(.bad, words)
        case "EXPSIG": add(.signatureExpired, words)
        case "EXPKEYSIG": add(.keyExpired, words)
        case "REVKEYSIG": add(.keyRevoked, words)
        case "ERRSIG":
            // The seventh word is the reason; 9 is GnuPG's "no public key".
            let isUnknown = words.count > 6 && words[6] == "9"
            add(isUnknown ? .keyUnknown : .unsupported, Array(words.prefix(2)))
        case "VALIDSIG": prove(words)
        case "NODATA", "BADARMOR", "UNEXPECTED": hasNoSignature = true
        case "ERROR" where second.hasPrefix("add_keyblock") || second.hasPrefix("keydb"):
            hasKeyError = true
        default: break
        }
    }

    private mutating func add(_ verdict: SignatureFinding.Verdict, _ words: [String]) {
        isAwaitingProof = false
        let name = words.dropFirst(2).joined(separator: " ")
        let text = Program.cleaned(PercentEncoding.decodeText(name) ?? name)
        findings.append(
            SignatureFinding(
                verdict: verdict, key: words.count > 1 ? words[1] : "",
                signer: text.isEmpty ? nil : String(text.prefix(Self.signerMax))))
    }

    /// A good signature counts only with a `VALIDSIG` beside it: fingerprint, date, time, expiry,
    /// version, reserved, key's algorithm, digest's algorithm, class, primary key's fingerprint.
    private mutating func prove(_ words: [String]) {
        guard isAwaitingProof, let finding = findings.last else { return }
        isAwaitingProof = false
        guard words.count > 10, let seconds = Int64(words[3]),
            Self.documentClasses.contains(words[9])
        else { return }
        let isWeak = Self.weakDigests.contains(words[8])
        let signature = Verified.Signature(
            format: .openpgp, key: words[10], signer: finding.signer,
            made: Timestamp(seconds: seconds))
        findings[findings.count - 1].verdict = isWeak ? .weak : .good(signature)
        findings[findings.count - 1].key = words[10]
    }
}

// SPDX-License-Identifier: Apache-2.0
import Events
import Signatures
import Threads

/// Judges the signatures of checksum files: detached ones of OpenPGP and of minisign, and those
/// of clearsigned files.
struct SignatureCheck: Sendable {
    var keyrings: KeyringSettings
    var gpgv: GPGV

    /// Of a detached signature.
    static let signatureBytesMax = 65_536

    /// A checksum file as it came, with its detached signature if the request names one.
    struct File: Sendable {
        var url: String
        var bytes: [UInt8]
        var signature: [UInt8]?
    }

    /// What of a checksum file may be read, and who vouches for it.
    struct Judged: Sendable, Hashable {
        /// Of a clearsigned file, nothing but what is signed.
        var text: [UInt8]
        /// The file's line, from 1, on which the text begins.
        var firstLine = 1
        var signature: Verified.Signature?
        /// There is a signature, but no key for the source of the file.
        var unchecked: Verified.SignatureFormat?
    }

    /// Where keys are configured for a file's source, a signature that the file has must hold;
    /// where none are, it is only noted.
    ///
    /// - Throws: ``Refusal``, ``GPGVError``, ``OutOfTime``, `ProgramsError`, `SignaturesError`.
    func judge(_ file: File, deadline: ContinuousClock.Instant) async throws -> Judged {
        let clearsigned = try Self.clearsigned(file)
        let text = clearsigned?.text ?? file.bytes
        var judged = Judged(text: text, firstLine: clearsigned?.firstLine ?? 1)
        guard clearsigned != nil || file.signature != nil else { return judged }
        let keys = try await OwnThread.run {
            [keyrings, url = file.url] () throws(SignaturesError) in
            try keyrings.keys(for: url)
        }
        if let clearsigned {
            judged.unchecked = .openpgp
            if !keys.isEmpty {
                judged.signature = try await judge(clearsigned, file, keys, deadline)
            }
        }
        if let signature = file.signature {
            let detached = try Self.detached(signature, file.url)
            judged.unchecked = detached.format
            if !keys.isEmpty {
                judged.signature = try await judge(detached, file, keys, deadline)
            }
        }
        if judged.signature != nil { judged.unchecked = nil }
        return judged
    }

    // MARK: Clearsigned files

    private static func clearsigned(_ file: File) throws(Refusal) -> ClearsignedText? {
        guard ClearsignedText.isClearsigned(file.bytes) else { return nil }
        do throws(SignaturesError) {
            return try ClearsignedText(file.bytes)
        } catch {
            throw Refusal(
                "checksum-file-invalid", "\(file.url): \(error)", ["source": file.url])
        }
    }

    private func judge(
        _ clearsigned: ClearsignedText, _ file: File, _ keys: TrustedKeys,
        _ deadline: ContinuousClock.Instant
    ) async throws -> Verified.Signature {
        guard !keys.keyrings.isEmpty else { throw Self.noKey(of: .openpgp, file.url) }
        let (report, text) = try await gpgv.report(
            onClearsigned: file.bytes, keyrings: keys.keyrings, deadline: deadline)
        let signature = try SignatureFinding.trusted(among: report.findings, of: file.url)
        guard clearsigned.isSame(as: text) else {
            throw Refusal(
                "checksum-file-invalid",
                "\(file.url): the text that is signed is not the text that the file shows",
                ["source": file.url])
        }
        return signature
    }

    // MARK: Detached signatures

    private enum Detached {
        case openPGP(OpenPGPSignature)
        case minisign(MinisignSignature)

        var format: Verified.SignatureFormat {
            switch self {
            case .openPGP: .openpgp
            case .minisign: .minisign
            }
        }
    }

    private static func detached(_ bytes: [UInt8], _ url: String) throws(Refusal) -> Detached {
        do throws(SignaturesError) {
            return MinisignPublicKey.isMinisign(bytes)
                ? .minisign(try MinisignSignature(bytes))
                : .openPGP(try OpenPGPSignature(file: bytes))
        } catch {
            throw Refusal(
                "signature-malformed", "\(url): its signature is unusable: \(error)",
                ["source": url])
        }
    }

    private func judge(
        _ detached: Detached, _ file: File, _ keys: TrustedKeys,
        _ deadline: ContinuousClock.Instant
    ) async throws -> Verified.Signature {
        switch detached {
        case .openPGP(let signature):
            guard !keys.keyrings.isEmpty else { throw Self.noKey(of: .openpgp, file.url) }
            let report = try await gpgv.report(
                on: signature, of: file.bytes, keyrings: keys.keyrings, deadline: deadline)
            return try SignatureFinding.trusted(among: report.findings, of: file.url)
        case .minisign(let signature):
            guard !keys.minisign.isEmpty else { throw Self.noKey(of: .minisign, file.url) }
            let findings = try keys.minisign.map { key throws(SignaturesError) in
                SignatureFinding(
                    verdict: try Self.verdict(signature, of: file.bytes, by: key),
                    key: signature.keyNumber)
            }
            let known = findings.filter { $0.verdict != .keyUnknown }
            let unknown = SignatureFinding(verdict: .keyUnknown, key: signature.keyNumber)
            return try SignatureFinding.trusted(
                among: known.isEmpty ? [unknown] : known, of: file.url)
        }
    }

    private static func noKey(of format: Verified.SignatureFormat, _ url: String) -> Refusal {
        Refusal(
            "signature-key-unknown",
            "\(url): verifier.keyrings names keys for this source, but none of the signature's"
                + " kind, \(format.rawValue)", ["source": url, "format": format.rawValue])
    }

    private static func verdict(
        _ signature: MinisignSignature, of file: [UInt8], by key: MinisignPublicKey
    ) throws(SignaturesError) -> SignatureFinding.Verdict {
        switch try signature.verdict(of: file, by: key) {
        case .good:
            .good(
                Verified.Signature(
                    format: .minisign, key: key.text,
                    made: signature.timestamp.map(Timestamp.init(seconds:))))
        case .bad: .bad
        case .otherKey: .keyUnknown
        }
    }
}

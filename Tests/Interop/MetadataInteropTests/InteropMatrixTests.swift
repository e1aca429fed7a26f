// SPDX-License-Identifier: Apache-2.0
import Events
import Foundation
import Signatures
import StratusLab
import TestSupport
import Testing

/// Signed with ours and judged by StratusLab's own tool and by xmlsec1; signed by StratusLab's tool
/// and judged by ours.
@Suite(.timeLimit(.minutes(10))) struct InteropMatrixTests {
    @Test func theReferenceAcceptsWhatWeSign() async throws {
        let matrix = try await InteropMatrix.shared()
        #expect(matrix.combinations.count >= 60)
        let verdicts = try await Self.judge(try matrix.signed(.stratuslab))
        for (combination, verdict) in zip(matrix.combinations, verdicts) {
            #expect(verdict == .valid, "\(combination.name)")
        }
    }

    @Test func theReferenceRefusesTheModernProfileForItsMethodAlone() async throws {
        let matrix = try await InteropMatrix.shared()
        let signed = try matrix.signed(.modern)
        for document in signed { #expect(document.verdict().isValid) }
        for verdict in try await Self.judge(signed) {
            #expect(verdict == .invalid("cannot find validation key"))
        }
    }

    @Test(arguments: SignatureProfile.allCases)
    func xmlsec1AcceptsWhatWeSign(_ profile: SignatureProfile) async throws {
        let matrix = try await InteropMatrix.shared()
        let authority = try await Endorsers.authority().authorityPath
        let folder = try TemporaryDirectory()
        for (index, document) in try matrix.signed(profile).enumerated() {
            let file = try folder.write(document.bytes, to: "\(index).xml")
            let (status, output) = try await run(
                "xmlsec1", ["--verify", "--trusted-pem", authority, file])
            #expect(status == 0, "\(matrix.combinations[index].name): \(output)")
        }
        // It can say no.
        let changed = try await Workshop.shared().genuine.replacing("cirros", with: "cirrus")
        let file = try folder.write(changed, to: "changed.xml")
        let bad = try await run("xmlsec1", ["--verify", "--trusted-pem", authority, file])
        #expect(bad.status != 0)
    }

    @Test func weAcceptWhatTheReferenceSigns() async throws {
        let matrix = try await InteropMatrix.shared()
        let java = try await JavaReference.instance()
        let bytes = try await java.sign(
            matrix.combinations.map { ($0.unsigned.bytes, $0.endorser.issued) })
        var again: [MetadataDocument] = []
        for (bytes, combination) in zip(bytes, matrix.combinations) {
            let signed = try MetadataDocument(parsing: bytes)
            try Self.expectSame(signed, combination)
            again.append(
                try signed.signed(
                    by: combination.endorser.identity, profile: .stratuslab,
                    created: Endorsers.time))
        }
        #expect(again.count >= 60)
        for verdict in try await Self.judge(again) { #expect(verdict == .valid) }
    }

    private static func expectSame(
        _ signed: MetadataDocument, _ combination: InteropMatrix.Combination
    ) throws {
        let verdict = signed.verdict(allowsSHA1Digest: true)
        guard case .valid(let endorsement, let certificate, .stratuslab) = verdict else {
            Issue.record("\(combination.name): \(verdict)")
            return
        }
        #expect(certificate == combination.endorser.identity.certificate)
        // Java wrote the names itself: the same text as ours, character by character.
        #expect(endorsement.endorser.subject == certificate.subject)
        #expect(endorsement.endorser.issuer == certificate.issuer)
        var fields = signed.fields
        fields.endorsement = combination.unsigned.fields.endorsement
        #expect(fields == combination.unsigned.fields, "\(combination.name)")
        let strict = signed.verdict().findings
        #expect(strict.map(\.element) == ["DigestMethod"])
    }

    /// Both tools take the same key from a file with several.
    @Test func bothTakeTheSameKeyFromAFileWithSeveral() async throws {
        let endorsers = try await Endorsers.all.value
        let several = [endorsers[3], endorsers[0], endorsers[4]]
        let file = try await Endorsers.merged(several, password: "several")
        let identity = try SigningIdentity(pkcs12: file, password: "several")
        let java = try await JavaReference.instance()
        let unsigned = try await InteropMatrix.shared().combinations[0].unsigned
        let folder = try TemporaryDirectory()
        let signed = try MetadataDocument(
            parsing: try await java.sign(
                unsigned.bytes, pkcs12Path: try folder.write(file, to: "several.p12"),
                password: "several"))
        #expect(signed.fields.endorsement?.endorser.subject == identity.certificate.subject)
    }

    private static func judge(
        _ documents: [MetadataDocument]
    ) async throws -> [JavaReference.Verdict] {
        let folder = try TemporaryDirectory()
        let files = try documents.enumerated().map {
            try folder.write($0.element.bytes, to: "\($0.offset).xml")
        }
        return try await JavaReference.instance().judge(files)
    }
}

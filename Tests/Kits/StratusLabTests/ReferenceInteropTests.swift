// SPDX-License-Identifier: Apache-2.0
import Events
import Foundation
import Signatures
import StratusLab
import TestSupport
import Testing

/// StratusLab's own verifier, and the xmlsec1 command, on what we write; ours on what it writes.
@Suite(.timeLimit(.minutes(5))) struct ReferenceInteropTests {
    /// Subjects that Java and OpenSSL write differently.
    private static let subjects = [
        "/DC=fr/O=CNRS/OU=IdG, Grilles/CN=Hélène Test/emailAddress=test@example.org",
        "/C=DE/ST=Bayern/L=München/street=Hauptstr. 1/O=A+B <c> \\\"quoted\\\";x=y/CN=Jürgen",
        "/O=Multi/CN=First+UID=u1/serialNumber=42/title=Dr.",
        "/O= leading and trailing /CN=#hash",
        "/O=日本/CN=back\\\\slash, Inc.",
    ]

    @Test func javaAcceptsEverySubject() async throws {
        let java = try await JavaReference.instance()
        let folder = try TemporaryDirectory()
        let certificates = try await Samples.authority()
        var files: [String] = []
        for (index, subject) in Self.subjects.enumerated() {
            for mask in ["utf8only", "default", "MASK:0x0002", "MASK:0x0800"] {
                // Some string types cannot hold some subjects: openssl says so.
                guard
                    let issued = try? await certificates.endorser(subject, stringMask: mask)
                else { continue }
                let identity = try SigningIdentity(
                    pkcs12Path: issued.pkcs12Path, password: issued.password)
                guard
                    let signed = try? Samples.document().signed(
                        by: identity, profile: .stratuslab, created: Samples.requestTime)
                else {
                    Issue.record("\(subject) with \(mask) cannot sign")
                    continue
                }
                files.append(try folder.write(signed.bytes, to: "\(index)-\(mask).xml"))
            }
        }
        #expect(files.count >= 2 * Self.subjects.count)
        try await expectValid(files, java)
    }

    @Test func javaAcceptsEveryContent() async throws {
        let identity = try await Samples.identity()
        var contents: [MetadataFields] = []
        for text in [
            "", "<b>Grüße</b> & \"日本\" 'x' ]]> &amp; \u{1F600}", " spaces \t\n\r\n and \r lines ",
            "\u{85}\u{2028}\u{FEFF}\u{200F}e\u{301}", String(repeating: "long ", count: 2000),
        ] {
            var fields = try MetadataFields(Samples.request, Samples.fetched(.xz))
            (fields.title, fields.description, fields.creator) = (text, text, text)
            (fields.tag, fields.version, fields.publisher) = (text, text, text)
            contents.append(fields)
        }
        var bare = contents[0]
        bare.checksums = [.sha1: Samples.digests.sha1]
        bare.locations = []
        (bare.valid, bare.created, bare.type, bare.kind) = (nil, nil, "", "")
        contents.append(bare)
        for compression in CompressionKind.allCases {
            contents.append(try MetadataFields(Samples.request, Samples.fetched(compression)))
        }
        let folder = try TemporaryDirectory()
        var files: [String] = []
        for (index, fields) in contents.enumerated() {
            let signed = try MetadataDocument.build(fields).signed(
                by: identity, profile: .stratuslab, created: Samples.requestTime)
            files.append(try folder.write(signed.bytes, to: "\(index).xml"))
        }
        try await expectValid(files, try await JavaReference.instance())
    }

    private func expectValid(_ files: [String], _ java: JavaReference) async throws {
        let lines = try await java.check(files).split(separator: "\n").map(String.init)
        for file in files {
            #expect(lines.contains("Valid: \(file)"), "\(lines.joined(separator: "\n"))")
        }
    }

    /// The judge can say no: it is not the recipe that makes everything valid.
    @Test func javaRefusesAChangedDocument() async throws {
        let signed = try Samples.document().signed(
            by: try await Samples.identity(), profile: .stratuslab, created: Samples.requestTime)
        let folder = try TemporaryDirectory()
        let changed = Samples.text(signed).replacing("cirros", with: "cirrus")
        let file = try folder.write(changed, to: "changed.xml")
        let output = try await JavaReference.instance().check([file])
        #expect(output.contains("Invalid: \(file)"))
    }

    @Test(arguments: 0..<5) func weAcceptWhatJavaSigns(_ index: Int) async throws {
        let issued = try await Samples.authority().endorser(Self.subjects[index])
        var fields = try MetadataFields(Samples.request, Samples.fetched())
        fields.title = "Grüße & <日本>\r\n"
        let document = try MetadataDocument.build(fields)
        let bytes = try await JavaReference.instance().sign(document.bytes, issued)
        let signed = try MetadataDocument(parsing: bytes)
        let identity = try SigningIdentity(
            pkcs12Path: issued.pkcs12Path, password: issued.password)
        guard
            case .valid(let endorsement, let certificate, .stratuslab) =
                signed.verdict(allowsSHA1Digest: true)
        else {
            Issue.record("\(signed.verdict(allowsSHA1Digest: true))")
            return
        }
        #expect(certificate == identity.certificate)
        // Java wrote these names itself: the same text as ours, character by character.
        #expect(endorsement.endorser.subject == certificate.subject)
        #expect(endorsement.endorser.issuer == certificate.issuer)
        var expected = signed.fields
        expected.endorsement = nil
        #expect(expected == document.fields)
        #expect(signed.verdict().findings.map(\.element) == ["DigestMethod"])
        // And signed again by us, Java accepts it.
        let again = try signed.signed(
            by: identity, profile: .stratuslab, created: Samples.requestTime)
        let folder = try TemporaryDirectory()
        try await expectValid(
            [try folder.write(again.bytes, to: "again.xml")], try await JavaReference.instance())
    }

    @Test(arguments: SignatureProfile.allCases)
    func xmlsec1Verifies(_ profile: SignatureProfile) async throws {
        let signed = try Samples.document().signed(
            by: try await Samples.identity(), profile: profile, created: Samples.requestTime)
        let folder = try TemporaryDirectory()
        let authority = try await Samples.authority().authorityPath
        let arguments = ["--verify", "--trusted-pem", authority]
        let good = try await run(
            "xmlsec1", arguments + [try folder.write(signed.bytes, to: "good.xml")])
        #expect(good.status == 0, "\(good.output)")
        let changed = Samples.text(signed).replacing("cirros", with: "cirrus")
        let bad = try await run(
            "xmlsec1", arguments + [try folder.write(changed, to: "bad.xml")])
        #expect(bad.status != 0)
    }
}

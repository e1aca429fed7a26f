// SPDX-License-Identifier: Apache-2.0
import Events
import Foundation
import Signatures
import StratusLab
import TestSupport
import Testing

@Suite struct MetadataBuildingTests {
    @Test func writesTheClientsElementsInTheirOrder() throws {
        let document = try Samples.document()
        let names = Samples.text(document).matches(of: /<((?:dcterms|sl\w+):[\w-]+)[ >\/]/)
            .map { String($0.output.1) }
        let checksum = ["slreq:checksum", "slreq:algorithm", "slreq:value"]
        #expect(
            names == ["dcterms:identifier", "slreq:bytes"]
                + [checksum, checksum, checksum, checksum].flatMap { $0 }
                + [
                    "slreq:endorsement", "dcterms:type", "slterms:kind", "slterms:os",
                    "slterms:os-version", "slterms:os-arch", "slterms:version",
                    "dcterms:compression", "slterms:location", "dcterms:format",
                    "dcterms:creator", "dcterms:created", "dcterms:valid", "dcterms:title",
                    "dcterms:alternative", "dcterms:description", "slterms:hypervisor",
                    "slterms:disks-bus", "dcterms:publisher",
                ])
        #expect(document.contentFindings.isEmpty && !document.isSigned)
    }

    @Test func takesFactsAndDefaults() throws {
        let fields = try Samples.document().fields
        #expect(fields.bytes == Samples.content.count)
        #expect(fields.identifier == StratusLabIdentifier(sha1: Samples.digests.sha1)?.text)
        #expect(fields.checksums.count == 4 && fields.checksums[.sha512] == Samples.digests.sha512)
        #expect(fields.created == Samples.requestTime)
        #expect(fields.valid == Samples.requestTime.adding(days: 178))
        #expect(fields.type == "base" && fields.kind == "machine" && fields.hypervisor == "kvm")
        #expect(fields.disksBus == "ide" && fields.publisher == "StratusLab")
        #expect(fields.locations == [Samples.request.source.url] && fields.compression == "")
        #expect(fields.filename == "cirros-0.3.4-x86_64-base-.xml")
        #expect(fields.endorsement == nil)
    }

    @Test func everyFieldComesBack() throws {
        var fields = try Samples.fields()
        let nasty = "<b>Grüße</b> & \"日本\" ]]> \u{1F600}\r\n\t end "
        fields.title = nasty
        fields.description = nasty
        fields.creator = nasty
        fields.tag = "tag"
        fields.version = "2.0"
        fields.serialNumber = "7"
        fields.deprecated = "too old"
        fields.compression = "zstd"
        fields.locations = ["http://a/?x=1&y=<2>", "http://b/"]
        let document = try MetadataDocument.build(fields)
        #expect(document.fields == fields)
        #expect(try MetadataDocument(parsing: document.bytes) == document)
        #expect(try MetadataDocument.build(document.fields) == document)
    }

    @Test func namesWhatIsMissingOrWrong() throws {
        func error(_ change: (inout ImageRequest.Description) -> Void) -> StratusLabError? {
            var request = Samples.request
            change(&request.metadata)
            do {
                _ = try MetadataDocument.build(try Samples.fields(request))
                return nil
            } catch {
                return error
            }
        }
        #expect(error { $0.os = " " } == .missingField("metadata.os"))
        #expect(error { $0.osVersion = "" } == .missingField("metadata.osVersion"))
        #expect(error { $0.osArch = "" } == .missingField("metadata.osArch"))
        for days in [0, -1, 3651, .max] {
            #expect(
                "\(try #require(error { $0.validDays = days }))".hasPrefix("metadata.validDays"))
        }
        #expect("\(try #require(error { $0.serialNumber = "1a" }))".contains("serialNumber"))
        #expect(
            error { $0.title = "bell \u{7}" }
                == .invalidField(
                    "dcterms:title", reason: "contains the character 0x7, which XML 1.0 cannot hold"
                ))
        #expect(error { $0.locations = Array(repeating: "http://x/", count: 65) } != nil)
        #expect(error { $0.description = String(repeating: "x", count: 16_385) } != nil)
        var modified = Samples.modified()
        modified.uncompressed.digests.sha1 = "x"
        #expect(throws: StratusLabError.self) {
            try Samples.fields(Samples.request, Samples.fetched(), modified)
        }
    }

    @Test func describesWhatTheModifierMade() throws {
        let bytes = Array("other bytes".utf8)
        var request = Samples.request
        request.metadata.locations = ["https://images.example.org/cirros.raw"]
        var modified = Samples.modified(.xz, into: bytes)
        modified.format = .raw
        let sha1 = Digest.hex(Digest.sha1(bytes))
        modified.uncompressed.size = bytes.count
        modified.uncompressed.digests.sha1 = sha1
        let fields = try Samples.fields(request, Samples.fetched(), modified)
        #expect(fields.bytes == bytes.count && fields.checksums[.sha1] == sha1)
        #expect(fields.identifier == StratusLabIdentifier(sha1: sha1)?.text)
        #expect(fields.format == "raw" && fields.compression == "xz")
        #expect(fields.locations == request.metadata.locations)
    }

    /// At the source's URL is another image.
    @Test func aModifiedImageNeedsAPlaceOfItsOwn() throws {
        func error(_ locations: [String]?) -> StratusLabError? {
            var request = Samples.request
            request.metadata.locations = locations
            do {
                _ = try Samples.fields(request, Samples.fetched(), Samples.modified(into: [1]))
                return nil
            } catch {
                return error
            }
        }
        #expect(error(nil) == .missingField("metadata.locations"))
        #expect(error([]) == .missingField("metadata.locations"))
        let source = Samples.request.source.url
        let named = try #require(error(["http://a/", source]))
        #expect("\(named)".contains("must not name the source"))
        #expect(error(["http://a/"]) == nil)
    }

    @Test func fileNamesCannotLeaveTheirFolder() {
        var fields = MetadataFields()
        fields.os = "../../etc/x\u{0}"
        #expect(fields.filename == ".._.._etc_x_---base-.xml")
    }
}

@Suite(.timeLimit(.minutes(2))) struct MetadataSigningTests {
    @Test(arguments: SignatureProfile.allCases)
    func signsAndValidates(_ profile: SignatureProfile) async throws {
        let identity = try await Samples.identity()
        let created = Timestamp(seconds: 1_466_300_000)
        let signed = try Samples.document().signed(by: identity, profile: profile, created: created)
        let endorser = SignedMetadata.Endorser(
            email: "endorser@example.org",
            subject: "CN=Hélène Test,OU=IdG\\, Grilles,O=CNRS,DC=fr",
            issuer: "CN=Test CA\\, Root,DC=example,DC=org")
        let endorsement = MetadataEndorsement(created: created, endorser: endorser)
        #expect(signed.verdict() == .valid(endorsement, identity.certificate, profile.xml))
        #expect(signed.isSigned && signed.fields.endorsement == endorsement)
        let again = try Samples.document().signed(by: identity, profile: profile, created: created)
        #expect(again.bytes == signed.bytes)
        #expect(Samples.text(signed).hasSuffix("</Signature></rdf:RDF>\n"))
    }

    /// Signing a signed document is signing the document that was signed.
    @Test func signingAgainReplacesSignatureAndEndorsement() async throws {
        let identity = try await Samples.identity()
        let first = Timestamp(seconds: 1_466_300_000)
        let second = Timestamp(seconds: 1_466_400_000)
        let document = try Samples.document()
        let once = try document.signed(by: identity, profile: .modern, created: second)
        let twice = try document.signed(by: identity, profile: .stratuslab, created: first)
            .signed(by: identity, profile: .modern, created: second)
        #expect(once.bytes == twice.bytes)
    }

    @Test func takesTheAddressOnlyWhenTheCertificateHasNone() async throws {
        let issued = try await Samples.authority().endorser("/CN=No Mail", email: nil)
        let identity = try SigningIdentity(
            pkcs12Path: issued.pkcs12Path, password: issued.password)
        let document = try Samples.document()
        let time = Samples.requestTime
        #expect(throws: StratusLabError.self) {
            try document.signed(by: identity, profile: .stratuslab, created: time)
        }
        let signed = try document.signed(
            by: identity, profile: .stratuslab, created: time, email: "given@example.org")
        #expect(signed.fields.endorsement?.endorser.email == "given@example.org")
        let other = try document.signed(
            by: try await Samples.identity(), profile: .stratuslab, created: time,
            email: "given@example.org")
        #expect(other.fields.endorsement?.endorser.email == "endorser@example.org")
    }

    @Test func anInvalidDocumentIsNotSigned() async throws {
        let text = Samples.text(try Samples.document())
            .replacing("<dcterms:type>base</dcterms:type>", with: "")
        let document = try MetadataDocument(parsing: Array(text.utf8))
        let identity = try await Samples.identity()
        #expect(
            throws: StratusLabError.invalidDocument([
                MetadataFinding(
                    .constraint, "dcterms:type", "exactly one is needed; found 0",
                    rule: "element-count", line: 3)
            ])
        ) {
            try document.signed(by: identity, profile: .modern, created: Samples.requestTime)
        }
    }

    @Test func expiryIsAQuestionOfTime() throws {
        let document = try Samples.document()
        let valid = Samples.requestTime.adding(days: 178)
        #expect(!document.isExpired(at: valid))
        #expect(document.isExpired(at: Timestamp(seconds: valid.seconds + 1)))
    }
}

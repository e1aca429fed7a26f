// SPDX-License-Identifier: Apache-2.0
import BlobStore
import Events
import Foundation
import Pipeline
import PipelineTesting
import Signatures
import StratusLab
import TestSupport
import Testing

@testable import SignerWorker

@Suite(.timeLimit(.minutes(2))) struct SignerHandlerTests {
    private let directory: TemporaryDirectory
    let store: BlobStore
    static let image = Fixture.imageBytes
    static let issued = Task { try await TestCertificates().endorser() }

    init() throws {
        directory = try TemporaryDirectory()
        store = try BlobStore(directory: directory.file("store"))
    }

    func config(_ changes: [String: String] = [:]) async throws -> SignerConfig {
        let issued = try await Self.issued.value
        let values = [
            "signer.p12-file": issued.pkcs12Path, "signer.p12-password": issued.password,
            "signer.attestation-keys": try await AttestationKeyFiles.shared.publicDirectory,
        ]
        return try SignerConfig(
            try SettingValues(SignerConfig.settings, values.merging(changes) { $1 }))
    }

    func handle(_ event: Event, _ changes: [String: String] = [:]) async throws -> Outcome {
        try await SignerHandler(try await config(changes)).handle(
            event, TestContext.make(stage: .signer, store: store))
    }

    /// An event whose blobs are in the store and whose sections, as changed, the stages attest.
    ///
    /// - Parameters:
    ///   - result: what was made of the image; itself when absent.
    ///   - report: in the store, instead of one that accepts the image.
    func event(
        request: ImageRequest = Fixture.request(), image: [UInt8] = image,
        into result: [UInt8]? = nil, waived: [Waiver] = [], report: [UInt8]? = nil,
        fetched: (inout Fetched) -> Void = { _ in }, verified: (inout Verified) -> Void = { _ in },
        modified: (inout Modified) -> Void = { _ in }, scanned: (inout Scanned) -> Void = { _ in },
        built: (inout BuiltMetadata) -> Void = { _ in },
        fields: (inout MetadataFields) -> Void = { _ in }, text: (String) -> String = { $0 }
    ) async throws -> Event {
        let origin = Fixture.scanned(image: image, request: request, into: result, waived: waived)
        var changedFetched = try origin.section(Fetched.self)
        fetched(&changedFetched)
        var changedVerified = try origin.section(Verified.self)
        verified(&changedVerified)
        var changedModified =
            result == nil
            ? Modified(untouched: changedFetched, format: request.source.format)
            : try origin.section(Modified.self)
        modified(&changedModified)
        var changedScanned = try origin.section(Scanned.self)
        changedScanned.report = try await store.put(
            report ?? Fixture.scanReport(of: result ?? image, waived: waived),
            for: origin.publication)
        scanned(&changedScanned)
        var described = try MetadataFields(
            request, try origin.section(Fetched.self), try origin.section(Modified.self),
            try origin.section(Scanned.self))
        fields(&described)
        let document = try MetadataDocument.build(described)
        let bytes = Array(text(String(decoding: document.bytes, as: UTF8.self)).utf8)
        _ = try await store.put(result ?? image, for: origin.publication)
        var section = BuiltMetadata(
            document: try await store.put(bytes, for: origin.publication),
            identifier: document.identifier, filename: described.filename)
        built(&section)
        var event = Fixture.next(.metadataBuilt, after: origin, section)
        event.data = try event.data(adding: changedFetched)
        event.data = try event.data(adding: changedVerified)
        event.data = try event.data(adding: changedModified)
        event.data = try event.data(adding: changedScanned)
        return try Fixture.attested(
            event, keys: try await AttestationKeyFiles.shared.privateDirectory)
    }

    func rule(_ outcome: Outcome) -> String? {
        if case .reject(let rejection) = outcome { rejection.rule } else { nil }
    }

    @Test(arguments: SignatureProfile.allCases)
    func signsWhatIsWhole(_ profile: SignatureProfile) async throws {
        let outcome = try await handle(try await event(), ["signer.profile": profile.rawValue])
        guard case .done(let events) = outcome, let event = events.first else {
            Issue.record("\(outcome)")
            return
        }
        let signed = try event.section(SignedMetadata.self)
        #expect(event.type == .metadataSigned && signed.profile == profile)
        #expect(signed.created == Fixture.requestTime)
        #expect(signed.endorser.email == "endorser@example.org")
        let document = try MetadataDocument(
            parsing: try await store.read(signed.document, bytesMax: MetadataDocument.bytesMax))
        guard case .valid(let endorsement, let certificate, profile.xml) = document.verdict() else {
            Issue.record("\(document.verdict())")
            return
        }
        #expect(endorsement.created == signed.created && endorsement.endorser == signed.endorser)
        #expect(certificate.sha256 == signed.certificateSHA256)
        let again = try await handle(try await self.event(), ["signer.profile": profile.rawValue])
        guard case .done(let repeated) = again else {
            Issue.record("\(again)")
            return
        }
        #expect(repeated.map(\.data) == events.map(\.data))
    }

    @Test func refusesAnotherVerifiedBlob() async throws {
        let other = Fixture.blob(of: [1, 2, 3])
        let outcome = try await handle(try await event(verified: { $0.blob = other }))
        #expect(rule(outcome) == "lineage-attestation-subject")
        let believed = try await handle(
            try await event(verified: { $0.blob = other }),
            ["signer.require-attestations": "false"])
        #expect(rule(believed) == "lineage-blob-mismatch")
    }

    @Test func refusesEvidenceThatIsMissingWrongOrWeak() async throws {
        #expect(
            rule(try await handle(try await event(verified: { $0.evidence = [] })))
                == "lineage-evidence-missing")
        let wrong = try await event(verified: {
            $0.evidence[0].value = Fixture.digests(of: [1]).md5
        })
        #expect(rule(try await handle(wrong)) == "lineage-evidence-mismatch")
        var request = Fixture.request()
        request.acceptWeakDigests = nil
        #expect(
            rule(try await handle(try await event(request: request))) == "lineage-evidence-weak")
        request.digests = ["sha256": Fixture.digests(of: Self.image).sha256]
        let strong = try await event(
            request: request,
            verified: {
                $0.evidence.append(
                    Verified.Evidence(
                        algorithm: .sha256, value: Fixture.digests(of: Self.image).sha256,
                        source: "request"))
            })
        #expect(rule(try await handle(strong)) == nil)
        request.digests = ["sha512": String(repeating: "a", count: 128)]
        #expect(
            rule(try await handle(try await event(request: request))) == "lineage-evidence-weak")
        request.acceptWeakDigests = [.md5]
        #expect(
            rule(try await handle(try await event(request: request))) == "lineage-request-digest")
    }

    /// Whoever can write to the queue cannot make up who vouches for the image.
    @Test(arguments: ["request", "http://elsewhere.example.org/SHA256SUMS"])
    func refusesEvidenceFromSourcesThatTheRequestDoesNotName(_ source: String) async throws {
        let event = try await event(verified: {
            $0.evidence.append(
                Verified.Evidence(
                    algorithm: .sha256, value: Fixture.digests(of: Self.image).sha256,
                    source: source))
        })
        #expect(rule(try await handle(event)) == "lineage-evidence-source")
        let unfetched = try await self.event(fetched: { $0.checksumFiles = [] })
        #expect(rule(try await handle(unfetched)) == "lineage-evidence-source")
    }

    /// A compressed image whose event says that `inside` is what it holds.
    private func compressed(holding inside: [UInt8]) async throws -> Event {
        let file = try directory.write(Self.image, to: "image")
        #expect(try await run("gzip", ["-f", "-k", "-n", file]).status == 0)
        let packed = [UInt8](try Data(contentsOf: URL(filePath: file + ".gz")))
        let digests = Fixture.digests(of: inside)
        return try await event(
            image: packed,
            fetched: {
                $0.compression = .gz
                $0.uncompressed = Fetched.Content(size: inside.count, digests: digests)
            },
            fields: { fields in
                fields.identifier = StratusLabIdentifier(sha1: digests.sha1)?.text ?? ""
                fields.bytes = inside.count
                fields.compression = "gz"
                for name in DigestAlgorithm.allCases { fields.checksums[name] = digests[name] }
            })
    }

    /// The document describes the uncompressed image, so its digests are what is signed.
    @Test func computesTheUncompressedDigestsItself() async throws {
        #expect(rule(try await handle(try await compressed(holding: Self.image))) == nil)
        var other = Self.image
        other[1000] ^= 1
        let forged = try await compressed(holding: other)
        #expect(rule(try await handle(forged)) == "lineage-uncompressed-digest")
        let longer = try await compressed(holding: Self.image + [0])
        #expect(rule(try await handle(longer)) == "lineage-uncompressed-size")
        let shorter = try await compressed(holding: Array(Self.image.dropLast()))
        #expect(rule(try await handle(shorter)) == "lineage-image-damaged")
    }

    @Test func refusesFactsThatContradictEachOther() async throws {
        let digest = try await event(fetched: {
            $0.digests.sha256 = Fixture.digests(of: [1]).sha256
        })
        #expect(rule(try await handle(digest)) == "lineage-fetched-digest")
        let size = try await event(fetched: { $0.uncompressed.size += 1 })
        #expect(rule(try await handle(size)) == "lineage-uncompressed-mismatch")
        let malformed = try await event(fetched: { $0.digests.md5 = "../x" })
        #expect(rule(try await handle(malformed)) == "lineage-malformed")
    }

    @Test func refusesADocumentAboutAnotherImage() async throws {
        let other = Fixture.digests(of: [1])
        let swapped = try await event(fields: {
            $0.identifier = StratusLabIdentifier(sha1: other.sha1)?.text ?? ""
            $0.checksums[.sha1] = other.sha1
        })
        #expect(rule(try await handle(swapped)) == "lineage-identifier")
        let renamed = try await event(built: { $0.identifier = Fixture.identifier })
        #expect(rule(try await handle(renamed)) == "lineage-identifier")
        let checksum = try await event(fields: { $0.checksums[.sha256] = other.sha256 })
        #expect(rule(try await handle(checksum)) == "lineage-checksum")
        let weak = try await event(fields: {
            $0.checksums = [.sha1: $0.checksums[.sha1] ?? ""]
        })
        #expect(rule(try await handle(weak)) == "lineage-checksum")
        let size = try await event(fields: { $0.bytes = 1 })
        #expect(rule(try await handle(size)) == "lineage-size")
        let format = try await event(fields: { $0.format = "raw" })
        #expect(rule(try await handle(format)) == "lineage-format")
    }

    @Test func refusesADocumentThatIsNone() async throws {
        #expect(
            rule(try await handle(try await event(text: { _ in "<rdf:RDF/>" })))
                == "lineage-document-invalid")
        let hostile = try await event(text: { "<!DOCTYPE x>" + $0.drop { $0 != "\n" } })
        #expect(rule(try await handle(hostile)) == "lineage-document-invalid")
        let broken = try await event(text: {
            $0.replacing("<dcterms:type>base</dcterms:type>", with: "")
        })
        #expect(rule(try await handle(broken)) == "lineage-document-invalid")
    }

    /// Bytes that changed behind the store's back are found by computing their digests again.
    @Test func refusesAStoredImageThatChanged() async throws {
        let event = try await event()
        let path = try store.path(of: Fixture.blob(of: Self.image))
        var changed = Self.image
        changed[1000] ^= 1
        chmod(path, 0o600)
        try Data(changed).write(to: URL(filePath: path))
        #expect(rule(try await handle(event)) == "lineage-image-damaged")
        #expect(rule(try await handle(event, ["signer.verify-blob": "false"])) == nil)
        try Data(changed.dropLast()).write(to: URL(filePath: path))
        #expect(
            rule(try await handle(event, ["signer.verify-blob": "false"]))
                == "lineage-image-damaged")
    }

    /// Digests that the event claims beside the blob's own name are computed again too.
    @Test func refusesClaimedDigestsThatTheImageHasNot() async throws {
        let other = Fixture.digests(of: [1])
        let event = try await event(
            fetched: {
                $0.digests.sha512 = other.sha512
                $0.uncompressed.digests.sha512 = other.sha512
            }, fields: { $0.checksums[.sha512] = other.sha512 })
        #expect(rule(try await handle(event)) == "lineage-image-digest")
    }

    /// The store may be slow to show another machine's write: not the request's fault.
    @Test func aMissingImageIsTriedAgain() async throws {
        let event = try await event()
        try FileManager.default.removeItem(atPath: try store.path(of: Fixture.blob(of: Self.image)))
        await #expect(throws: BlobStoreError.self) { try await handle(event) }
    }

    @Test func aCertificateOutOfItsTimeStopsTheWorkerAtTheStart() async throws {
        let certificates = try await TestCertificates()
        for (from, to, words) in [
            ("20200101000000Z", "20210101000000Z", "expired"),
            ("20480101000000Z", "20490101000000Z", "not valid before"),
        ] {
            let issued = try await certificates.endorser(notBefore: from, notAfter: to)
            let error = await #expect(throws: ConfigurationError.self) {
                try await config(["signer.p12-file": issued.pkcs12Path])
            }
            #expect(error.map { "\($0)".contains(words) } == true)
        }
    }

    @Test func configurationErrorsNameTheSettingAndHoldNoSecret() async throws {
        let wrong = await #expect(throws: ConfigurationError.self) {
            try await config(["signer.p12-password": "guess-1234"])
        }
        #expect(wrong?.problems.map(\.key) == ["signer.p12-password"])
        #expect(!"\(try #require(wrong))".contains("guess-1234"))
        let missing = await #expect(throws: ConfigurationError.self) {
            try await config(["signer.p12-file": "/nonexistent.p12"])
        }
        #expect(missing?.problems.map(\.key) == ["signer.p12-file"])
        let nameless = try await TestCertificates().endorser(email: nil)
        let email = await #expect(throws: ConfigurationError.self) {
            try await config(["signer.p12-file": nameless.pkcs12Path])
        }
        #expect(email?.problems.map(\.key) == ["signer.email"])
        let accepted = try await config([
            "signer.p12-file": nameless.pkcs12Path, "signer.email": "a@example.org",
        ])
        #expect(accepted.email == "a@example.org" && accepted.verifiesBlob)
    }

    @Test func troubleWithTheKeyIsNotTheRequestsFault() {
        #expect(SignaturesError.wrongPassword.disposition == .fatal)
        #expect(
            StratusLabError.signing(.certificateExpired(notAfter: 0, now: 1)).disposition == .fatal)
        #expect(StratusLabError.missingField("x").disposition == .permanent)
    }
}

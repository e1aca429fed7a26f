// SPDX-License-Identifier: Apache-2.0
import BlobStore
import Events
import Foundation
import ImageLists
import Pipeline
import PipelineTesting
import StratusLab
import TestSupport
import Testing

@testable import ListPublisherWorker

/// Nobody's word about a document is taken: it is read from the store.
@Suite(.endorsed, .timeLimit(.minutes(5))) struct DocumentCheckTests {
    private let bench: Bench
    private let place: Place

    init() throws {
        bench = try Bench()
        place = try PlaceKind.directoryPlace()
    }

    private func outcome(
        _ event: Event, _ check: DocumentCheck = DocumentCheck()
    ) async throws -> Outcome? {
        let handler = ListPublisherHandler(try place.target(), check: check)
        return try await bench.handle(handler, [event]).first
    }

    /// Expects a rejection that names the field, and an untouched list.
    private func expect(
        _ rule: String?, _ field: String, of event: Event, check: DocumentCheck = DocumentCheck(),
        found: String? = nil, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        guard case .reject(let rejection)? = try await outcome(event, check) else {
            Issue.record("not rejected", sourceLocation: sourceLocation)
            return
        }
        #expect(rejection.rule == rule, sourceLocation: sourceLocation)
        #expect(
            rejection.evidence["field"] == field, "\(rejection.message)",
            sourceLocation: sourceLocation)
        #expect(rejection.evidence["expected"]?.isEmpty == false, sourceLocation: sourceLocation)
        if let found {
            #expect(
                rejection.evidence["found"]?.contains(found) == true, "\(rejection.evidence)",
                sourceLocation: sourceLocation)
        }
        #expect(try await place.files() == ListFiles(), sourceLocation: sourceLocation)
    }

    private func changed<S: Section>(
        _ event: Event, _ change: (inout S) -> Void
    ) throws -> Event {
        var copy = event
        var section = try event.section(S.self)
        change(&section)
        copy.data = try event.data(adding: section)
        return copy
    }

    @Test func whatTheEventClaimsIsComparedWithTheDocument() async throws {
        let event = try Sample.uploaded("one")
        let other = try Sample.uploaded("other")
        let identifier = try other.section(BuiltMetadata.self).identifier
        let mismatch = "document-mismatch"
        try await expect(
            mismatch, "dcterms:identifier",
            of: try changed(event) { (section: inout BuiltMetadata) in
                section.identifier = identifier
            }, found: try event.section(BuiltMetadata.self).identifier)
        try await expect(
            mismatch, "slreq:email",
            of: try changed(event) { (section: inout SignedMetadata) in
                section.endorser.email = "mallory@example.org"
            }, found: Fixture.email)
        try await expect(
            mismatch, "slreq:subject",
            of: try changed(event) { (section: inout SignedMetadata) in
                section.endorser.subject = "CN=Mallory"
            })
        try await expect(
            mismatch, "slreq:issuer",
            of: try changed(event) { (section: inout SignedMetadata) in
                section.endorser.issuer = "CN=Mallory"
            })
        try await expect(
            mismatch, "dcterms:created of slreq:endorsement",
            of: try changed(event) { (section: inout SignedMetadata) in
                section.created = Timestamp(seconds: 5)
            })
        try await expect(
            mismatch, "request time",
            of: try changed(event) { (section: inout Fetched) in
                section.requestTime = Timestamp(seconds: 5)
            })
        try await expect(
            mismatch, "certificate SHA-256",
            of: try changed(event) { (section: inout SignedMetadata) in
                section.certificateSHA256 = String(repeating: "0", count: 64)
            })
        try await expect(
            mismatch, "location",
            of: try changed(event) { (section: inout UploadedMetadata) in
                section.location += "9"
            })
        #expect(try await bench.handle(handler, [event]).events.count == 1)
    }

    private var handler: ListPublisherHandler {
        get throws { ListPublisherHandler(try place.target()) }
    }

    /// Nobody adds a waiver to an image behind its endorser's back, or hides one.
    @Test func waiversAreThoseOfTheDocument() async throws {
        let waiver = Waiver(check: "swap-partition", reason: "our hosts have none")
        let event = try Sample.uploaded("one", waived: [waiver])
        func claiming(_ waivers: [Waiver]) throws -> Event {
            try changed(event) { (section: inout Scanned) in section.waived = waivers }
        }
        let other = Waiver(check: waiver.check, reason: "no reason")
        for waivers in [[], [other], [waiver, other], [waiver, waiver]] {
            try await expect(
                "document-mismatch", "dcterms:description", of: try claiming(waivers),
                found: waiver.line)
        }
        try await expect(
            "document-mismatch", "dcterms:description",
            of: try changed(try Sample.uploaded("two")) { (section: inout Scanned) in
                section.waived = [waiver]
            }, found: "no waiver")
        let outcomes = try await bench.handle(handler, [event])
        #expect(try outcomes.lists().first?.added.first?.waivers == [waiver])
        let files = try await place.files()
        let list = String(decoding: files.list, as: UTF8.self)
        #expect(list.contains("\n# waived: swap-partition: our hosts have none\n"))
        let changelog = String(decoding: files.changelog, as: UTF8.self)
        #expect(changelog.contains(" waived=swap-partition:%20our%20hosts%20have%20none\n"))
    }

    /// The document of one image under the name of another.
    @Test func anotherImagesDocumentIsNoProof() async throws {
        let other = try Sample.document(of: try Sample.uploaded("other"))
        let event = try Sample.holding(other.bytes, try Sample.uploaded("one"))
        try await expect(
            "document-mismatch", "dcterms:identifier", of: event, found: other.identifier)
    }

    @Test func whatIsNotSignedOrNotWholeIsRefused() async throws {
        let event = try Sample.uploaded("one")
        let document = try Sample.document(of: event)
        let text = String(decoding: document.bytes, as: UTF8.self)
        let forgeries = [
            ("not xml", "line 1"), (text.replacing("cirros", with: "zirros"), "does not match"),
            ("<a/>", "not a StratusLab metadata document"),
            (String(text.prefix(text.count / 2)), "line"),
            ("<!DOCTYPE a><a/>", "document type declaration"),
        ]
        for (forgery, reason) in forgeries {
            try await expect(
                "document-invalid", "the document",
                of: try Sample.holding(Array(forgery.utf8), event), found: reason)
        }
        var unsigned = document.fields
        unsigned.endorsement = nil
        let built = try MetadataDocument.build(unsigned)
        try await expect(
            "document-invalid", "the document", of: try Sample.holding(built.bytes, event),
            found: "no signature")
    }

    @Test func whatAListNeedsHasToBeInTheDocument() async throws {
        let event = try Sample.uploaded("one") { $0.format = "" }
        try await expect("document-invalid", "dcterms:format", of: event, found: "nothing")
        let past = Timestamp(seconds: 1_750_000_000)
        let expired = try Sample.uploaded("two") { $0.valid = past }
        try await expect("document-expired", "dcterms:valid", of: expired, found: "\(past)")
        let early = DocumentCheck(now: { past })
        #expect(try await outcome(expired, early).map { [$0].events.count } == 1)
        // Listed in its time, it is announced again after it.
        #expect(try await outcome(expired).map { [$0].events.count } == 1)
    }

    @Test func aDeprecatedDocumentIsNotListed() async throws {
        let event = try Sample.uploaded("one") { $0.deprecated = "old" }
        try await expect("document-deprecated", "slterms:deprecated", of: event, found: "old")
    }

    @Test func aDamagedDocumentIsRefusedAndAMissingOneAwaited() async throws {
        let event = try Sample.uploaded("one")
        let blob = try event.section(SignedMetadata.self).document
        let handler = ListPublisherHandler(try place.target())
        // Straight to the handler: the document is not in the store.
        let outcomes = try await handler.handle([event, event], bench.context)
        for outcome in outcomes {
            guard case .retry(nil, let why) = outcome else {
                Issue.record("not tried again")
                continue
            }
            #expect(why.contains(blob.sha256))
        }
        try await Sample.store(event, in: bench.context.store)
        let path = try bench.context.store.path(of: blob)
        try FileManager.default.removeItem(atPath: path)
        try Data(repeating: 32, count: blob.size).write(to: URL(fileURLWithPath: path))
        let refused = try await handler.handle([event], bench.context)
        #expect(refused.rules == ["document-missing"])
        let large = try changed(event) { (section: inout SignedMetadata) in
            section.document.size = MetadataDocument.bytesMax + 1
        }
        #expect(try await handler.handle([large], bench.context).rules == ["document-missing"])
        // The neighbours in a batch go their way.
        let mixed = [try Sample.uploaded("two"), event, try Sample.uploaded("three")]
        for event in [mixed[0], mixed[2]] {
            try await Sample.store(event, in: bench.context.store)
        }
        let result = try await handler.handle(mixed, bench.context)
        #expect(result.rules == [nil, "document-missing", nil])
        #expect(try result.lists().first?.added.count == 2)
    }

    /// As StratusLab's own client signed them.
    @Test func aSHA1DigestNeedsPermission() async throws {
        let event = try Sample.uploaded("one")
        let text = String(decoding: try Sample.document(of: event).bytes, as: UTF8.self)
        let folder = try TemporaryDirectory()
        let template = text.replacing(
            "http://www.w3.org/2001/04/xmlenc#sha256",
            with: "http://www.w3.org/2000/09/xmldsig#sha1")
        let files = try await SampleEndorser.files()
        let result = try await run(
            "xmlsec1",
            [
                "--sign", "--privkey-pem", "\(files.keyPath),\(files.certificatePath)", "--output",
                folder.file("signed.xml"), try folder.write(template, to: "template.xml"),
            ])
        #expect(result.status == 0, "\(result.output)")
        let signed = try Data(contentsOf: URL(fileURLWithPath: folder.file("signed.xml")))
        let old = try Sample.holding([UInt8](signed), event)
        try await expect("document-invalid", "the document", of: old, found: "DigestMethod")
        let outcome = try await outcome(old, DocumentCheck(allowsSHA1Digest: true))
        #expect(outcome.map { [$0].events.count } == 1)
    }

    @Test func onlyTrustedEndorsersAreListed() async throws {
        let files = try await SampleEndorser.files()
        let folder = try TemporaryDirectory()
        let event = try Sample.uploaded("one")
        let foreign = try await TestCertificates()
        let untrusted = DocumentCheck(trust: EndorserTrust(authorities: [foreign.authorityPath]))
        try await expect(
            "untrusted-endorser", "the endorser's certificate", of: event, check: untrusted)
        let subject = try event.section(SignedMetadata.self).endorser.subject
        let names = try folder.write("# who may\nCN=Somebody Else\n", to: "endorsers")
        let check = DocumentCheck(
            trust: EndorserTrust(authorities: [files.authorityPath], endorsers: names))
        try await expect(
            "untrusted-endorser", "the endorser's certificate", of: event, check: check,
            found: subject)
        // The file is read anew for each batch.
        try FileManager.default.removeItem(atPath: names)
        guard case .retry? = try await outcome(event, check) else {
            Issue.record("not tried again")
            return
        }
        try folder.write("CN=Somebody Else\n\(subject)\n", to: "endorsers")
        #expect(try await outcome(event, check).map { [$0].events.count } == 1)
    }

    /// Two events of one publication in a batch: the first is judged by its own document.
    @Test func aTwinWithAnotherDocumentWaits() async throws {
        let event = try Sample.uploaded("one")
        var twin = try Sample.uploaded("two")
        twin.publication = event.publication
        for _ in 1...2 {
            let outcomes = try await bench.handle(handler, [event, twin, event])
            #expect(outcomes.events.count == 1)
            guard case .yield = outcomes[1] else {
                Issue.record("the twin did not wait")
                return
            }
        }
        #expect(try await bench.handle(handler, [twin]).rules == ["publication-conflict"])
    }
}

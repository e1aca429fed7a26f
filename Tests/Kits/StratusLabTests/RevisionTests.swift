// SPDX-License-Identifier: Apache-2.0
import Events
import Signatures
import StratusLab
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(3))) struct RevisionTests {
    private static let later = Samples.requestTime.adding(days: 30)

    private static func revision(
        _ change: DocumentRevision.Change, of published: MetadataDocument,
        reason: String = "CVE-2026-1 <&> \"é\"", validDays: Int? = nil, time: Timestamp = later
    ) -> DocumentRevision {
        DocumentRevision(
            change: change,
            published: BlobReference(
                sha256: Digest.hex(Digest.sha256(published.bytes)), size: published.bytes.count),
            identifier: published.identifier, requestTime: time,
            reason: change == .withdrawn ? reason : nil, validDays: validDays)
    }

    private static func published(
        _ text: (String) -> String = { $0 }
    ) async throws -> MetadataDocument {
        let unsigned = Array(text(Samples.text(try Samples.document())).utf8)
        return try MetadataDocument(parsing: unsigned)
            .signed(
                by: try await Samples.identity(), profile: .modern, created: Samples.requestTime)
    }

    private static func signed(_ document: MetadataDocument) async throws -> MetadataDocument {
        try document.signed(
            by: try await Samples.identity(), profile: .stratuslab, created: later)
    }

    @Test func aWithdrawalSetsTheReasonAndNothingElse() async throws {
        let published = try await Self.published()
        let revision = Self.revision(.withdrawn, of: published)
        let revised = try published.revised(revision)
        var expected = published.fields
        expected.endorsement = nil
        expected.deprecated = revision.reason
        #expect(revised.fields == expected && !revised.isSigned)
        #expect(revised.contentFindings.isEmpty)
        #expect(try published.revised(revision).bytes == revised.bytes)
        #expect(try await Self.signed(revised).verdict().isValid)
        // Again, with a better reason: the text is replaced.
        let better = Self.revision(
            .withdrawn, of: published, reason: "use 0.3.5", time: Self.later.adding(days: 1))
        let again = try await Self.signed(revised).revised(better)
        #expect(again.fields.deprecated == "use 0.3.5")
    }

    @Test func aRenewalMovesTheLastDay() async throws {
        let published = try await Self.published()
        for (days, expected) in [(nil, 178), (1, 1), (3650, 3650)] {
            let revised = try published.revised(
                Self.revision(.renewed, of: published, validDays: days))
            var fields = published.fields
            fields.endorsement = nil
            fields.valid = Self.later.adding(days: expected)
            #expect(revised.fields == fields)
            #expect(try await Self.signed(revised).verdict().isValid)
        }
        // A document without that date gets one.
        let endless = try await Self.published {
            $0.replacing(/<dcterms:valid>[^<]*<\/dcterms:valid>/, with: "")
        }
        #expect(endless.fields.valid == nil)
        let revised = try endless.revised(Self.revision(.renewed, of: endless))
        #expect(revised.fields.valid == Self.later.adding(days: 178))
    }

    @Test func vocabularyThatIsUnknownHereStays() async throws {
        let foreign = "<x:note xmlns:x=\"http://example.org/x#\">kept</x:note>"
        let published = try await Self.published {
            $0.replacing("</rdf:Description>", with: foreign + "</rdf:Description>")
        }
        for change in DocumentRevision.Change.allCases {
            let revised = try published.revised(Self.revision(change, of: published))
            #expect(Samples.text(revised).contains(foreign))
        }
    }

    @Test func theReferenceToolAcceptsWhatComesOut() async throws {
        let published = try await Self.published()
        let folder = try TemporaryDirectory()
        var files: [String] = []
        for change in DocumentRevision.Change.allCases {
            let revised = try published.revised(Self.revision(change, of: published))
            let signed = try await Self.signed(revised)
            files.append(
                try folder.write(Samples.text(signed), to: "\(change.rawValue).xml"))
        }
        let output = try await JavaReference.instance().check(files)
        for file in files { #expect(output.contains("Valid: \(file)"), "\(output)") }
    }

    /// What StratusLab's own tool signed, with a SHA-1 digest, can be withdrawn.
    @Test func whatJavaSignedCanBeRevised() async throws {
        let endorser = try await Samples.endorser()
        let bytes = try await JavaReference.instance().sign(
            try Samples.document().bytes, endorser)
        let published = try MetadataDocument(parsing: bytes)
        #expect(!published.verdict().isValid)
        let time = try #require(published.fields.endorsement).created.adding(days: 1)
        let revised = try published.revised(
            Self.revision(.withdrawn, of: published, reason: "old", time: time))
        #expect(revised.fields.deprecated == "old")
    }

    @Test func refusesWhatCannotBe() async throws {
        let published = try await Self.published()
        func refusal(_ document: MetadataDocument, _ revision: DocumentRevision) -> String? {
            do {
                _ = try document.revised(revision)
                return nil
            } catch {
                return error.rule
            }
        }
        let withdrawal = Self.revision(.withdrawn, of: published)
        #expect(refusal(published, withdrawal) == nil)
        #expect(refusal(try Samples.document(), withdrawal) == "published-invalid")
        let forged = try MetadataDocument(
            parsing: Array(Samples.text(published).replacing("Alice", with: "Mallory").utf8))
        #expect(refusal(forged, withdrawal) == "published-invalid")
        var other = withdrawal
        other.identifier = String(repeating: "A", count: 27)
        #expect(refusal(published, other) == "identifier")
        let same = Self.revision(.withdrawn, of: published, time: Samples.requestTime)
        #expect(refusal(published, same) == "not-later")
        let withdrawn = try await Self.signed(try published.revised(withdrawal))
        let renewal = Self.revision(
            .renewed, of: withdrawn, time: Self.later.adding(days: 1))
        #expect(refusal(withdrawn, renewal) == "withdrawn")
        let unwritable = Self.revision(.withdrawn, of: published, reason: "a\u{1}")
        #expect(refusal(published, unwritable) == "unwritable")
    }
}

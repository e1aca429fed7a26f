// SPDX-License-Identifier: Apache-2.0
import Events
import Foundation
import Signatures
import StratusLab
import Testing

@Suite(.timeLimit(.minutes(2))) struct MetadataWarningTests {
    private func kinds(
        _ profile: SignatureProfile = .modern, at time: Timestamp = Samples.requestTime,
        _ change: (inout MetadataFields) -> Void = { _ in }
    ) async throws -> [MetadataWarning.Kind] {
        var fields = try Samples.fields()
        change(&fields)
        let signed = try MetadataDocument.build(fields).signed(
            by: try await Samples.identity(), profile: profile, created: Samples.requestTime)
        #expect(signed.verdict().isValid, "warnings make nothing invalid")
        return signed.warnings(at: time).map(\.kind)
    }

    @Test func aFreshStrongDocumentHasNone() async throws {
        #expect(try await kinds() == [])
    }

    @Test func tellsTheSignatureThatOldVerifiersNeed() async throws {
        #expect(try await kinds(.stratuslab) == [.weakSignature])
    }

    @Test func tellsTime() async throws {
        let end = Samples.requestTime.adding(days: 178)
        #expect(try await kinds(at: end) == [])
        #expect(try await kinds(at: Timestamp(seconds: end.seconds + 1)) == [.expired])
        let before = Timestamp(seconds: Samples.requestTime.seconds - 1)
        #expect(try await kinds(at: before) == [.notYetCreated, .notYetCreated])
        #expect(try await kinds(at: before) { $0.created = nil } == [.notYetCreated])
        #expect(try await kinds(at: end.adding(days: 9999)) { $0.valid = nil } == [])
    }

    @Test func tellsDeprecation() async throws {
        #expect(try await kinds { $0.deprecated = "CVE-2016-5195" } == [.deprecated])
        #expect(try await kinds { $0.deprecated = "" } == [])
    }

    @Test func tellsWeakChecksums() async throws {
        let digests = Samples.digests
        #expect(try await kinds { $0.checksums = [.sha1: digests.sha1] } == [.weakChecksums])
        #expect(
            try await kinds { $0.checksums = [.sha1: digests.sha1, .md5: digests.md5] }
                == [.weakChecksums])
        #expect(
            try await kinds { $0.checksums = [.sha1: digests.sha1, .sha256: digests.sha256] } == [])
    }

    @Test func tellsWeakDigests() async throws {
        let signed = try Samples.document().signed(
            by: try await Samples.identity(), profile: .modern, created: Samples.requestTime)
        let text = Samples.text(signed).replacing(
            "http://www.w3.org/2001/04/xmlenc#sha256",
            with: "http://www.w3.org/2000/09/xmldsig#sha1")
        let old = try MetadataDocument(parsing: Array(text.utf8))
        #expect(old.warnings(at: Samples.requestTime).map(\.kind) == [.weakDigest])
    }

    @Test func describesItself() {
        let warning = MetadataWarning(.expired, "dcterms:valid", "expired at 2016")
        #expect("\(warning)" == "dcterms:valid: expired at 2016 [expired]")
    }
}

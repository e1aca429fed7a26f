// SPDX-License-Identifier: Apache-2.0
import Events
import PipelineTesting
import Testing

@testable import SignerWorker

@Suite("A demanded signature in the lineage") struct SignatureLineageTests {
    private static let signature = Verified.Signature(
        format: .openpgp, key: String(repeating: "0A", count: 20))

    private func breach(
        _ change: (inout Verified.Evidence) -> Void, accepting: [DigestAlgorithm] = [.md5]
    ) throws -> String? {
        let sha256 = Fixture.blob(of: Fixture.imageBytes).sha256
        var request = Fixture.request()
        request.requireSignature = true
        request.acceptWeakDigests = accepting
        request.digests = ["sha256": sha256]
        let origin = Fixture.scanned(request: request)
        var verified = try origin.section(Verified.self)
        verified.evidence.append(
            Verified.Evidence(algorithm: .sha256, value: sha256, source: "request"))
        for index in verified.evidence.indices { change(&verified.evidence[index]) }
        var event = Fixture.metadataBuilt(request: request)
        event.data = try event.data(adding: verified)
        let lineage = try Lineage(event)
        do throws(LineageBreach) {
            try lineage.checkFacts()
            return nil
        } catch {
            return error.rule
        }
    }

    @Test("One of a checksum file suffices") func signed() throws {
        #expect(
            try breach { if $0.source != "request" { $0.signature = Self.signature } } == nil)
    }

    @Test("None, one nobody has judged, or one of the request itself does not")
    func unsigned() throws {
        #expect(try breach { _ in } == "lineage-signature-missing")
        #expect(
            try breach { $0.uncheckedSignature = .openpgp } == "lineage-signature-missing")
        #expect(
            try breach { if $0.source == "request" { $0.signature = Self.signature } }
                == "lineage-signature-missing")
    }

    @Test("A signed weak digest carries no unsigned strong one") func weak() throws {
        let rule = try breach(
            { if $0.algorithm == .md5 { $0.signature = Self.signature } }, accepting: [.sha1])
        #expect(rule == "lineage-signature-missing")
    }
}

// SPDX-License-Identifier: Apache-2.0
import Attestation
import BlobStore
import Events
import Foundation
import PipelineTesting
import StratusLab
import TestSupport
import Testing

/// Forged events through the real broker, at the real signer: each is refused by its own rule, and
/// the honest event beside it is signed.
@Suite("Forged events", .serialized, .timeLimit(.minutes(5)))
struct ForgedEventsTests {
    private let bench: SignerBench

    init() async throws {
        bench = try await SignerBench.shared
    }

    /// Publishes and awaits the refusal: nothing is signed, nothing noted as if it were.
    private func refused(_ event: Event) async throws -> Rejection? {
        let answer = try await bench.answer(to: event)
        #expect(answer.type == .imageRejected, "\(answer)")
        #expect(answer.data[SignedMetadata.key] == nil)
        #expect(
            try bench.store.recorded(LineageDocument.recordName, for: event.publication) == nil)
        return try? answer.section(Rejection.self)
    }

    /// Publishes and awaits the signature.
    private func expectSigned(_ event: Event) async throws {
        let answer = try await bench.answer(to: event)
        let rule = (try? answer.section(Rejection.self))?.rule
        #expect(answer.type == .metadataSigned, "\(rule ?? "")")
        let signed = try answer.section(SignedMetadata.self)
        let bytes = try await bench.store.read(
            signed.document, bytesMax: MetadataDocument.bytesMax)
        guard case .valid = try MetadataDocument(parsing: bytes).verdict(allowsSHA1Digest: true)
        else {
            Issue.record("the signed document is not valid")
            return
        }
        #expect(
            try bench.store.recorded(LineageDocument.recordName, for: event.publication)
                == signed.lineage)
    }

    @Test("Is refused, and the honest event beside it is signed", arguments: Forgery.all)
    func forged(_ forgery: Forgery) async throws {
        let name = "forged-" + String(UUID().uuidString.prefix(8))
        let event = try await forgery.make(bench, name)
        let rejection = try await refused(event)
        #expect(rejection?.rule == forgery.rule, "\(rejection as Any)")
        #expect(rejection?.stage == .signer)
        try await expectSigned(try await bench.honest("\(name)-honest"))
    }

    /// Without its section there is no event of that type, so nobody can be told; it is put where
    /// an operator sees it.
    @Test("A stage dropped with its section is parked") func dropped() async throws {
        let event = try await bench.honest("forged-dropped")
        for stage in [Stage.scanner, .modifier, .verifier] {
            let section = try #require(AttestedWay.section(of: stage))
            let forged = event.setting(section, to: nil).attestation(of: stage, nil)
            try await bench.publish(forged)
            #expect(try await bench.parked() == forged.encoded())
        }
        try await expectSigned(event)
    }

    @Test("Other bytes under the image's name in the store are noticed")
    func swapped() async throws {
        let image = Fixture.imageBytes + [9]
        let event = try await bench.honest("forged-swapped", image: image)
        let path = try bench.store.path(of: Fixture.blob(of: image))
        try FileManager.default.removeItem(atPath: path)
        try Data(image.dropLast() + [8]).write(to: URL(filePath: path))
        #expect(try await refused(event)?.rule == "lineage-image-damaged")
        try Data(image).write(to: URL(filePath: path))
        try await expectSigned(try await bench.honest("forged-swapped-honest", image: image))
    }

    @Test("A document swapped in the store is noticed") func swappedDocument() async throws {
        let event = try await bench.honest("forged-document")
        let document = try event.section(BuiltMetadata.self).document
        let path = try bench.store.path(of: document)
        let bytes = try Data(contentsOf: URL(filePath: path))
        try FileManager.default.removeItem(atPath: path)
        try Data(bytes.reversed()).write(to: URL(filePath: path))
        #expect(try await refused(event)?.rule == "lineage-document-damaged")
    }

    @Test("What the scanner rejected is not signed on the word of an honest chain")
    func rejectedByTheScan() async throws {
        var event = try await bench.unattested("forged-report")
        var scanned = try event.section(Scanned.self)
        scanned.report = try await bench.store.put(
            Fixture.scanReport(failing: ["empty-password"]), for: event.publication)
        event.data = try event.data(adding: scanned)
        event = try Fixture.attested(event, keys: bench.keys.privateDirectory)
        #expect(try await refused(event)?.rule == "lineage-report-rejected")
    }
}

// SPDX-License-Identifier: Apache-2.0
import Attestation
import BlobStore
import Events
import Foundation
import Pipeline
import PipelineTesting
import StratusLab
import TestSupport
import Testing

@testable import SignerWorker

/// What the modifier and the scanner say, at the signer. The stages attest every lie told here:
/// the signer does not take even their word where the request or the store says otherwise.
extension SignerHandlerTests {
    private static let changed = Fixture.imageBytes.dropLast() + [7]

    private static func request(_ modifications: [Modification]? = nil) -> ImageRequest {
        var request = Fixture.request()
        request.modifications =
            modifications ?? [
                .write(.init(path: "/etc/motd", content: "hello\n")),
                .install(.init(packages: ["curl"])),
            ]
        request.metadata.locations = ["https://images.example.org/cirros.qcow2"]
        return request
    }

    private static func steps(_ request: ImageRequest) throws -> [Modified.Step] {
        try (request.modifications ?? []).map {
            Modified.Step(
                operation: $0.operation, sha256: try CanonicalJSON.sha256(encoding: $0))
        }
    }

    private func modifiedEvent(
        _ request: ImageRequest = request(), _ modified: (inout Modified) -> Void = { _ in }
    ) async throws -> Event {
        let steps = try Self.steps(request)
        return try await event(
            request: request, into: Array(Self.changed),
            modified: {
                $0.steps = steps
                modified(&$0)
            })
    }

    @Test("A modified image is signed, with its own digests and without the fetched file")
    func modifiedImage() async throws {
        let event = try await modifiedEvent()
        let outcome = try await handle(event)
        guard case .done(let events) = outcome, let signed = events.first else {
            Issue.record("\(outcome)")
            return
        }
        let section = try signed.section(SignedMetadata.self)
        let lineage = try #require(section.lineage)
        let kept = try await store.read(lineage, bytesMax: LineageDocument.bytesMax)
        let document = try #require(LineageDocument(parsing: kept))
        #expect(document.data == event.data && document.publication == event.publication)
        #expect(
            try store.recorded(LineageDocument.recordName, for: event.publication) == lineage)
        let identifier = try event.section(BuiltMetadata.self).identifier
        let owner = LineageDocument.recordOwner(identifier: identifier)
        #expect(try store.recordNames(for: owner) == [event.publication])
        #expect(try store.recorded(event.publication, for: owner) == lineage)
    }

    @Test("Steps that are not the request's are refused") func steps() async throws {
        let request = Self.request()
        for change: (inout Modified) -> Void in [
            { $0.steps.removeLast() }, { $0.steps.reverse() }, { $0.steps[0].operation = "run" },
            { $0.steps.append($0.steps[0]) }, { $0.steps[1].sha256 = $0.steps[0].sha256 },
            { $0.steps = [] },
        ] {
            let outcome = try await handle(try await modifiedEvent(request, change))
            #expect(rule(outcome) == "lineage-modified-steps")
        }
        let converted = Self.request([.convert(.init(format: .raw))])
        #expect(
            rule(try await handle(try await modifiedEvent(converted)))
                == "lineage-modified-format")
    }

    @Test("Nothing is changed that nobody asked for") func unasked() async throws {
        var request = Self.request()
        request.modifications = nil
        let other = try await event(
            request: request, into: Array(Self.changed), modified: { $0.steps = [] })
        #expect(rule(try await handle(other)) == "lineage-modified-unasked")
        let stepped = try await event(modified: {
            $0.steps = [Modified.Step(operation: "run", sha256: "")]
        })
        #expect(rule(try await handle(stepped)) == "lineage-modified-unasked")
        let format = try await event(modified: { $0.format = .raw })
        #expect(rule(try await handle(format)) == "lineage-modified-unasked")
    }

    @Test("What was modified is what was verified, and has its own digests")
    func modifiedFacts() async throws {
        let believed = ["signer.require-attestations": "false"]
        let source = try await modifiedEvent { $0.source = Fixture.blob(of: [1]) }
        #expect(rule(try await handle(source, believed)) == "lineage-modified-source")
        let digest = try await modifiedEvent { $0.digests.sha256 = $0.source.sha256 }
        #expect(rule(try await handle(digest)) == "lineage-modified-digest")
        let size = try await modifiedEvent { $0.uncompressed.size += 1 }
        #expect(rule(try await handle(size)) == "lineage-uncompressed-mismatch")
        let malformed = try await modifiedEvent { $0.digests.md5 = "" }
        #expect(rule(try await handle(malformed)) == "lineage-malformed")
        let claimed = try await modifiedEvent {
            $0.digests.sha512 = Fixture.digests(of: [1]).sha512
            $0.uncompressed.digests.sha512 = $0.digests.sha512
        }
        #expect(rule(try await handle(claimed)) == "lineage-checksum")
    }

    @Test("What was scanned is what was modified") func scannedBlob() async throws {
        let event = try await event(scanned: { $0.blob = Fixture.blob(of: [1]) })
        #expect(
            rule(try await handle(event, ["signer.require-attestations": "false"]))
                == "lineage-scanned-blob")
        let malformed = try await self.event(scanned: { $0.report.sha256 = "../x" })
        #expect(rule(try await handle(malformed)) == "lineage-malformed")
    }

    @Test("Waivers are the request's, the report's and the document's alike")
    func waivers() async throws {
        let waiver = Waiver(check: "swap-partition", reason: "ours have none")
        var request = Fixture.request()
        request.waivers = [waiver, Waiver(check: "setuid", reason: "not needed here")]
        let good = try await event(request: request, waived: [waiver])
        #expect(rule(try await handle(good)) == nil)
        let unasked = try await event(waived: [waiver])
        #expect(rule(try await handle(unasked)) == "lineage-waiver")
        var other = waiver
        other.reason = "another reason"
        let reworded = try await event(request: request, waived: [other])
        #expect(rule(try await handle(reworded)) == "lineage-waiver")
        let unscanned = try await event(
            request: request, waived: [waiver], report: Fixture.scanReport())
        #expect(rule(try await handle(unscanned)) == "lineage-report-waivers")
        let hidden = try await event(
            request: request, report: Fixture.scanReport(waived: [waiver]))
        #expect(rule(try await handle(hidden)) == "lineage-report-waivers")
        let unsaid = try await event(
            request: request, waived: [waiver], fields: { $0.description = "CirrOS" })
        #expect(rule(try await handle(unsaid)) == "lineage-document-waivers")
        let feigned = try await event(
            request: request, waived: [waiver],
            fields: { $0.description += "\n\(Waiver(check: "setuid", reason: "x").line)" })
        #expect(rule(try await handle(feigned)) == "lineage-document-waivers")
    }

    @Test("The report is read, and has to accept this image") func report() async throws {
        let rejecting = try await event(report: Fixture.scanReport(failing: ["empty-password"]))
        #expect(rule(try await handle(rejecting)) == "lineage-report-rejected")
        let text = String(decoding: Fixture.scanReport(failing: ["x"]), as: UTF8.self)
        let feigned = text.replacing(#""verdict":"rejected""#, with: #""verdict":"accepted""#)
        #expect(
            rule(try await handle(try await event(report: Array(feigned.utf8))))
                == "lineage-report-rejected")
        let other = try await event(report: Fixture.scanReport(of: [1, 2, 3]))
        #expect(rule(try await handle(other)) == "lineage-report-image")
        let late = String(decoding: Fixture.scanReport(), as: UTF8.self)
            .replacing("2015-11-18", with: "2014-11-18")
        #expect(
            rule(try await handle(try await event(report: Array(late.utf8))))
                == "lineage-report-time")
        for bytes in [Array("{}".utf8), Array("<html>".utf8), []] {
            #expect(
                rule(try await handle(try await event(report: bytes)))
                    == "lineage-report-damaged")
        }
        let missing = try await event(scanned: { $0.report = Fixture.blob(of: [9]) })
        await #expect(throws: BlobStoreError.self) { try await handle(missing) }
    }

    @Test("The document describes the modified image") func document() async throws {
        let compressed = try await event(fields: { $0.compression = "gz" })
        #expect(rule(try await handle(compressed)) == "lineage-compression")
        let original = Fixture.digests(of: Fixture.imageBytes)
        let steps = try Self.steps(Self.request())
        let stale = try await event(
            request: Self.request(), into: Array(Self.changed), modified: { $0.steps = steps },
            fields: { $0.checksums[.sha256] = original.sha256 })
        #expect(rule(try await handle(stale)) == "lineage-checksum")
    }

    @Test("The event's subject is the image that the request names") func subject() async throws {
        var event = try await event()
        event.subject = "debian-13"
        event = try Fixture.attested(
            event, keys: try await AttestationKeyFiles.shared.privateDirectory)
        #expect(rule(try await handle(event)) == "lineage-subject")
    }

    @Test("Without attestations nothing is signed, unless the configuration says so")
    func attestations() async throws {
        var event = try await event()
        event.data[Attestations.key] = nil
        #expect(rule(try await handle(event)) == "lineage-attestation-missing")
        #expect(rule(try await handle(event, ["signer.require-attestations": "false"])) == nil)
        let issued = try await Self.issued.value
        let values = ["signer.p12-file": issued.pkcs12Path, "signer.p12-password": issued.password]
        let error = #expect(throws: ConfigurationError.self) {
            try SignerConfig(try SettingValues(SignerConfig.settings, values))
        }
        #expect(error?.problems.map(\.key) == ["signer.attestation-keys"])
        await #expect(throws: ConfigurationError.self) {
            try await config(["signer.attestation-keys": "/nonexistent"])
        }
    }
}

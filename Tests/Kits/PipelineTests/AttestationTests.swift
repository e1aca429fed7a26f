// SPDX-License-Identifier: Apache-2.0
import Attestation
import BlobStore
import Events
import Foundation
import InMemoryLogging
import Logging
import PipelineTesting
import TestSupport
import Testing

@testable import Pipeline

@Suite("Attestations of what a stage emits", .timeLimit(.minutes(1))) struct AttestationTests {
    private let folder: TemporaryDirectory
    private let files: AttestationKeyFiles
    private let store: BlobStore

    init() async throws {
        folder = try TemporaryDirectory(inMemory: true)
        files = try await AttestationKeyFiles.shared
        store = try BlobStore(directory: folder.file("store"))
    }

    private func context(_ stage: Stage, attests: Bool = true) throws -> HandlerContext {
        let attestor = try Attestor(
            stage: stage, keyDirectory: files.privateDirectory, version: "1")
        return TestContext.make(stage: stage, store: store, attestor: attests ? attestor : nil)
    }

    private func emit<S: Section>(
        _ stage: Stage, _ section: S.Type, of sample: Event, from input: Event,
        attests: Bool = true
    ) throws -> Event {
        try context(stage, attests: attests).emit(
            stage.emits, from: input, adding: try sample.section(section))
    }

    /// Through the contexts of all the stages, as the workers do it.
    private func chain(_ first: Event, _ sample: Event) throws -> Event {
        var event = first
        event = try emit(.fetcher, Fetched.self, of: sample, from: event)
        event = try emit(.verifier, Verified.self, of: sample, from: event)
        event = try emit(.modifier, Modified.self, of: sample, from: event)
        event = try emit(.scanner, Scanned.self, of: sample, from: event)
        return try emit(.metadata, BuiltMetadata.self, of: sample, from: event)
    }

    @Test("Stage after stage the chain holds, byte for byte the same again") func image() throws {
        let event = try chain(Fixture.imageNew(), Fixture.metadataBuilt())
        let keys = try AttestationKeys(directory: files.publicDirectory)
        try AttestationChain(of: event).check(by: keys)
        let carried = try Event(decoding: try event.encoded())
        try AttestationChain(of: carried).check(by: keys)
        let again = try chain(Fixture.imageNew(), Fixture.metadataBuilt())
        #expect(again.data == event.data)
        let sections = try event.section(Attestations.self).envelopes
        #expect(Set(sections.keys) == Set(AttestedWay.allStages.map(\.rawValue)))
    }

    @Test("A revision is attested by the metadata stage") func revision() throws {
        let sample = Fixture.revisionBuilt()
        let event = try emit(
            .metadata, BuiltMetadata.self, of: sample, from: Fixture.imageRevised())
        try AttestationChain(of: event)
            .check(by: try AttestationKeys(directory: files.publicDirectory))
    }

    @Test("What leads to no signature, or has no key, is not attested") func others() throws {
        let signed = Fixture.metadataSigned()
        let attestor = try Attestor(
            stage: .metadata, keyDirectory: files.privateDirectory, version: "1")
        #expect(!attestor.attests(.imageRejected) && !attestor.attests(.metadataSigned))
        let context = TestContext.make(stage: .metadata, store: store, attestor: attestor)
        let emitted = try context.emit(
            .metadataSigned, from: Fixture.metadataBuilt(),
            adding: try signed.section(SignedMetadata.self))
        #expect(emitted.data[Attestations.key] == nil)
        let silent = try emit(
            .fetcher, Fetched.self, of: Fixture.fetched(), from: Fixture.imageNew(),
            attests: false)
        #expect(silent.data[Attestations.key] == nil)
    }

    @Test("Sections that cannot be attested are the event's fault") func unfit() throws {
        var input = Fixture.imageNew()
        input.data["x-number"] = .integer(.max)
        #expect(throws: EventError.self) {
            try emit(.fetcher, Fetched.self, of: Fixture.fetched(), from: input)
        }
        input = Fixture.imageNew()
        input.data[Attestations.key] = .string("x")
        #expect(throws: EventError.self) {
            try emit(.fetcher, Fetched.self, of: Fixture.fetched(), from: input)
        }
    }

    /// The largest event of all that lead to a signature: a request at its limits, each stage's
    /// section, long texts in each, and five envelopes.
    @Test("A large event with all attestations is within the limit of events")
    func size() throws {
        let text = String(repeating: "x", count: 256)
        var request = Fixture.request()
        request.checksumFiles = (0..<4).map {
            ImageRequest.ChecksumFile(
                url: "https://cloud.example.org/\(text)/\($0)/SHA256SUMS",
                signature: "https://cloud.example.org/\(text)/\($0)/SHA256SUMS.gpg")
        }
        request.modifications = (0..<16).map {
            .run(.init(script: "#!/bin/sh\necho \($0) \(text)\n"))
        }
        request.waivers = (0..<8).map { Waiver(check: "site-check-\($0)", reason: text) }
        request.metadata.description = String(repeating: "d", count: 4096)
        let origin = Fixture.metadataBuilt(request: request)
        var modified = try origin.section(Modified.self)
        modified.steps = try (request.modifications ?? []).map {
            Modified.Step(
                operation: $0.operation, sha256: try CanonicalJSON.sha256(encoding: $0))
        }
        var scanned = try origin.section(Scanned.self)
        scanned.waived = request.waivers ?? []
        var fetched = try origin.section(Fetched.self)
        fetched.checksumFiles = (request.checksumFiles ?? []).map {
            Fetched.FetchedFile(url: $0.url, blob: fetched.blob, signature: fetched.blob)
        }
        var sample = origin
        sample.data = try sample.data(adding: modified)
        sample.data = try sample.data(adding: scanned)
        sample.data = try sample.data(adding: fetched)
        let bare = try sample.encoded().count
        let event = try chain(Fixture.imageNew(request: request), sample)
        let full = try event.encoded().count
        #expect(full <= Event.bytesMax)
        #expect(full - bare <= 8_192, "five attestations take \(full - bare) bytes")
    }

    // MARK: The setting

    private func attestor(
        _ stage: Stage, _ directory: String?, log: InMemoryLogHandler = InMemoryLogHandler()
    ) throws -> Attestor? {
        let key = AttestationSetting.keys.key
        let values = try SettingValues(
            [AttestationSetting.keys], directory.map { [key: $0] } ?? [:])
        return try AttestationSetting.attestor(stage, values, Logger(label: "test") { _ in log })
    }

    @Test("Each stage takes its own key; the signer and those behind it need none")
    func setting() throws {
        for stage in AttestedWay.allStages {
            #expect(try attestor(stage, files.privateDirectory)?.stage == stage)
        }
        #expect(try attestor(.signer, "/nonexistent") == nil)
    }

    @Test("Without the setting nothing is attested, which the log says once") func unset() throws {
        let log = InMemoryLogHandler()
        #expect(try attestor(.scanner, nil, log: log) == nil)
        #expect(log.entries.filter { $0.level == .warning }.count == 1)
        let quiet = InMemoryLogHandler()
        #expect(try attestor(.uploader, nil, log: quiet) == nil)
        #expect(quiet.entries.isEmpty)
    }

    @Test("A key that is missing or open to everybody stops the worker at its start")
    func unusable() throws {
        let error = #expect(throws: ConfigurationError.self) {
            try attestor(.scanner, folder.path)
        }
        #expect(error?.problems.map(\.key) == ["attestation.keys"])
        #expect("\(error as Any)".contains("scanner.key"))
        let path = folder.file("scanner.key")
        try FileManager.default.copyItem(
            atPath: "\(files.privateDirectory)/scanner.key", toPath: path)
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
        let exposed = #expect(throws: ConfigurationError.self) {
            try attestor(.scanner, folder.path)
        }
        #expect("\(exposed as Any)".contains("open to everybody"))
    }
}

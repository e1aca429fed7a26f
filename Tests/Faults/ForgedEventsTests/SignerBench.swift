// SPDX-License-Identifier: Apache-2.0
import AMQP
import Attestation
import BlobStore
import Events
import Foundation
import Pipeline
import PipelineTesting
import Signatures
import StratusLab
import TestSupport

/// The signer as a process, a broker with the pipeline's topology, and a store: everything that
/// somebody with access to the broker can reach.
final class SignerBench: Sendable {
    let store: BlobStore
    let keys: AttestationKeyFiles
    let folder: TemporaryDirectory
    private let signer: BackgroundProcess
    private let administration: Administration
    private let publisher: Publisher
    private let endorser: TestCertificates.Issued
    private static let seen = "test.seen"

    private static let sharedTask = Task { try await SignerBench() }

    static var shared: SignerBench {
        get async throws { try await sharedTask.value }
    }

    private init() async throws {
        let broker = try await PrivateBroker.shared
        let vhost = try await broker.vhost()
        folder = try TemporaryDirectory(inMemory: true)
        store = try BlobStore(directory: folder.file("store"))
        keys = try await AttestationKeyFiles()
        endorser = try await TestCertificates().endorser()
        let configuration = try ConnectionConfiguration(url: broker.url(vhost: vhost))
        administration = Administration(configuration)
        publisher = Publisher(configuration)
        let findings = try await TopologyDeclaration(Topology(sites: [])).declare(administration)
        guard findings.isEmpty else { throw NeverHappened(description: "\(findings)") }
        try await administration.declareQueue(Self.seen)
        for type in [EventType.imageRejected, .metadataSigned] {
            try await administration.bind(
                queue: Self.seen, exchange: Topology.events, routingKey: type.routingKey)
        }
        signer = try BackgroundProcess(
            try builtProduct("imprimatur-signer", "SignerWorker"),
            [
                "--amqp-url", "amqp://\(broker.user)@\(broker.host):\(broker.port)/\(vhost)",
                "--amqp-password-file", try folder.write(broker.password, to: "password"),
                "--store-path", store.directory, "--signer-p12-file", endorser.pkcs12Path,
                "--signer-p12-password-file", endorser.passwordPath,
                "--signer-attestation-keys", keys.publicDirectory, "--concurrency", "1",
            ], output: folder.file("signer.log"))
        try await signer.waitForLine(containing: "consuming")
    }

    // MARK: - What honest stages make

    /// `metadata.built` of an image of that name, not attested; all its blobs are in the store.
    func unattested(
        _ name: String, image: [UInt8] = Fixture.imageBytes, waived: [Waiver] = []
    ) async throws -> Event {
        var request = Fixture.request(name: name)
        request.waivers = waived.isEmpty ? nil : waived
        let origin = Fixture.scanned(name: name, image: image, request: request, waived: waived)
        let publication = origin.publication
        _ = try await store.put(image, for: publication)
        var scanned = try origin.section(Scanned.self)
        scanned.report = try await store.put(
            Fixture.scanReport(of: image, waived: waived), for: publication)
        let fields = try MetadataFields(
            request, try origin.section(Fetched.self), try origin.section(Modified.self), scanned)
        let document = try MetadataDocument.build(fields)
        var event = Fixture.next(
            .metadataBuilt, after: origin,
            BuiltMetadata(
                document: try await store.put(document.bytes, for: publication),
                identifier: document.identifier, filename: fields.filename))
        event.data = try event.data(adding: scanned)
        return event
    }

    func honest(
        _ name: String, image: [UInt8] = Fixture.imageBytes, waived: [Waiver] = []
    ) async throws -> Event {
        try Fixture.attested(
            try await unattested(name, image: image, waived: waived), keys: keys.privateDirectory)
    }

    // MARK: - What anybody with access to the broker does and sees

    func publish(_ event: Event) async throws {
        try await publisher.publish(
            try Message(event, appID: "forger"), exchange: Topology.events,
            routingKey: event.type.routingKey)
    }

    /// What became of the event: the signer's next word, since it works on one at a time.
    func answer(to event: Event) async throws -> Event {
        try await publish(event)
        let answer = try await next(Self.seen)
        guard answer.publication == event.publication else {
            throw NeverHappened(description: "an answer to another event: \(answer)")
        }
        return answer
    }

    /// The next event in `imprimatur.dead`, as it was published.
    func parked() async throws -> [UInt8] {
        try await message(Topology.dead).body
    }

    private func next(_ queue: String) async throws -> Event {
        try Event(decoding: try await message(queue).body)
    }

    private func message(_ queue: String) async throws -> Message {
        let fetched = try await eventually(timeout: .seconds(60), "a message in \(queue)") {
            guard signer.isRunning else {
                throw NeverHappened(description: "the signer ended: \(signer.output)")
            }
            return try await administration.get(from: queue)
        }
        try fetched.delivery.ack()
        return fetched.delivery.message
    }
}

// SPDX-License-Identifier: Apache-2.0
import BlobStore
import Events
import Foundation
import Pipeline
import PipelineTesting
import TestSupport

@testable import VerifierWorker

/// A verifier, a store, and the events of a fetcher that has filled it.
struct VerifierFixture {
    struct Surprise: Error { var outcome: Outcome }

    let folder: TemporaryDirectory
    let store: BlobStore

    init() throws {
        folder = try TemporaryDirectory(inMemory: true)
        store = try BlobStore(directory: folder.file("store"))
    }

    /// `image.fetched` for the sample image, whose bytes and checksum file are in the store.
    func fetched(
        image: [UInt8] = Fixture.imageBytes, checksums: [UInt8]?, request: ImageRequest? = nil,
        change: (inout Fetched) -> Void = { _ in }
    ) async throws -> Event {
        let sample = Fixture.fetched(image: image, request: request)
        _ = try await store.put(image, for: sample.publication)
        var section = try sample.section(Fetched.self)
        section.checksumFiles = []
        if let checksums {
            section.checksumFiles = [
                Fetched.FetchedFile(
                    url: Fixture.baseURL + "MD5SUMS",
                    blob: try await store.put(checksums, for: sample.publication))
            ]
        }
        change(&section)
        return Fixture.next(
            .imageFetched, after: Fixture.imageNew(request: request), section)
    }

    func outcome(
        _ event: Event, _ settings: [String: String] = [:], deadline: Duration = .seconds(600)
    ) async throws -> Outcome {
        let values = try SettingValues(VerifierConfig.settings, settings)
        return try await VerifierHandler(try VerifierConfig(values)).handle(
            event, TestContext.make(stage: .verifier, store: store, deadline: deadline))
    }

    func verified(_ event: Event, _ settings: [String: String] = [:]) async throws -> Verified {
        let outcome = try await outcome(event, settings)
        guard case .done(let events) = outcome, events.count == 1 else {
            throw Surprise(outcome: outcome)
        }
        return try events[0].section(Verified.self)
    }

    func rejection(
        _ event: Event, _ settings: [String: String] = [:]
    ) async throws -> Rejection {
        let outcome = try await outcome(event, settings)
        guard case .reject(let rejection) = outcome, rejection.stage == .verifier else {
            throw Surprise(outcome: outcome)
        }
        return rejection
    }

    /// Puts other bytes under a blob's name, as a failing disk or a thief would.
    func overwrite(_ blob: BlobReference, with bytes: [UInt8]) throws {
        let path = folder.file("store/blobs/\(blob.sha256.prefix(2))/\(blob.sha256)")
        try FileManager.default.removeItem(atPath: path)
        try Data(bytes).write(to: URL(fileURLWithPath: path))
    }
}

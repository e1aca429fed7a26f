// SPDX-License-Identifier: Apache-2.0
import BlobStore
import Events
import Foundation
import ImageLists
import Pipeline
import PipelineTesting
import TestSupport

@testable import ListPublisherWorker

extension ListPublisherHandler {
    init(
        _ target: any ListTarget, url: String? = nil, check: DocumentCheck = DocumentCheck(),
        batchMax: Int = 100
    ) {
        self.init(
            ListPublication(name: "image_list", url: url, target: target), check: check,
            batchMax: batchMax)
    }
}

/// A store and a context for handlers; the store goes with the last reference.
final class Bench: Sendable {
    let context: HandlerContext
    private let directory: TemporaryDirectory

    init(deadline: Duration = .seconds(600)) throws {
        directory = try TemporaryDirectory(inMemory: true)
        context = TestContext.make(
            stage: .listPublisher, store: try BlobStore(directory: directory.file("store")),
            deadline: deadline)
    }

    /// With the events' documents in the store.
    func handle(_ handler: ListPublisherHandler, _ events: [Event]) async throws -> [Outcome] {
        for event in events { try await Sample.store(event, in: context.store) }
        return try await handler.handle(events, context)
    }

    /// Digests of the blobs that a publication keeps.
    func pinned(by publication: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(
            atPath: "\(context.store.directory)/pins/\(publication)")
    }
}

extension [Outcome] {
    /// All events of all outcomes.
    var events: [Event] {
        flatMap { outcome in
            if case .done(let events) = outcome { events } else { [Event]() }
        }
    }

    /// The rule of each rejection; nil for any other outcome.
    var rules: [String?] {
        map { outcome in
            if case .reject(let rejection) = outcome { rejection.rule } else { nil }
        }
    }

    func lists() throws -> [UpdatedList] { try events.map { try $0.section(UpdatedList.self) } }
}

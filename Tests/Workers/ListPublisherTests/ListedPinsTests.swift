// SPDX-License-Identifier: Apache-2.0
import BlobStore
import Events
import Foundation
import ImageLists
import Pipeline
import PipelineTesting
import TestSupport
import Testing

@testable import ListPublisherWorker

/// What stands in the list keeps its blobs, and nothing else does.
@Suite(.endorsed, .timeLimit(.minutes(2))) struct ListedPinsTests {
    private let bench: Bench
    private let handler: ListPublisherHandler

    init() throws {
        bench = try Bench()
        handler = ListPublisherHandler(try PlaceKind.directoryPlace().target())
    }

    /// An uploaded publication whose image lies in the store, as its document will.
    private func stored(_ name: String, at seconds: Int64 = 1_700_000_000) async throws -> Event {
        let event = try Sample.uploaded(name, at: seconds, key: "\(seconds)")
        let image = Array("image \(name) \(seconds)".utf8)
        let blob = try await bench.context.store.put(image, for: event.publication)
        #expect(try event.section(Modified.self).blob == blob)
        return event
    }

    private func publications() throws -> [String] { try bench.context.store.publications() }

    private func owners(_ events: Event...) -> [String] {
        events.map { ListedPins.owner($0.publication) }.sorted()
    }

    @Test func theListTakesOverWhatThePublicationHeld() async throws {
        let event = try await stored("one")
        for _ in 1...2 {
            _ = try await bench.handle(handler, [event])
            #expect(try publications() == owners(event))
        }
        let kept = try bench.pinned(by: ListedPins.owner(event.publication))
        #expect(kept.count == 2)
    }

    /// What was fetched goes, what is listed stays.
    @Test func aModifiedImageIsKeptAndItsSourceIsNot() async throws {
        let store = bench.context.store
        let image = Array("the image as it was modified".utf8)
        let event = try Sample.uploaded("one", into: image)
        let source = Array("image one ".utf8)
        for bytes in [source, image] { _ = try await store.put(bytes, for: event.publication) }
        _ = try await bench.handle(handler, [event])
        let document = try event.section(SignedMetadata.self).document
        let listed = [try event.section(Modified.self).blob, document]
        #expect(listed[0] == Fixture.blob(of: image))
        #expect(
            try bench.pinned(by: ListedPins.owner(event.publication)).sorted()
                == listed.map(\.sha256).sorted())
        #expect(try publications() == owners(event))
        for blob in listed + [Fixture.blob(of: source)] {
            try FileManager.default.setAttributes(
                [.modificationDate: Date(timeIntervalSince1970: 0)],
                ofItemAtPath: try store.path(of: blob))
        }
        _ = try await store.gc(settling: .zero)
        for blob in listed { _ = try store.path(of: blob) }
        #expect(throws: BlobStoreError.self) { try store.path(of: Fixture.blob(of: source)) }
    }

    /// Once more delivered, it was pinned for ever.
    @Test func aReplacedEntryIsReleasedForGood() async throws {
        let old = try await stored("cirros", at: 1_000)
        _ = try await bench.handle(handler, [old])
        let new = try await stored("cirros", at: 2_000)
        _ = try await bench.handle(handler, [new])
        #expect(try publications() == owners(new))
        let again = try await stored("cirros", at: 1_000)
        #expect(try await bench.handle(handler, [again, new]).events.count == 2)
        #expect(try publications() == owners(new))
    }

    @Test func aRenewalKeepsTheImage() async throws {
        let listed = try await stored("cirros", at: 1_000)
        _ = try await bench.handle(handler, [listed])
        let renewal = try Sample.revised(.renewed, listed, at: 2_000)
        for events in [[renewal], [renewal], [listed]] {
            _ = try await bench.handle(handler, events)
            #expect(try publications() == owners(listed, renewal))
        }
        let image = try listed.section(Modified.self).blob.sha256
        #expect(try bench.pinned(by: ListedPins.owner(listed.publication)).contains(image))
        let document = try renewal.section(SignedMetadata.self).document.sha256
        #expect(try bench.pinned(by: ListedPins.owner(renewal.publication)) == [document])
        // And what replaces it releases both.
        let new = try await stored("cirros", at: 3_000)
        _ = try await bench.handle(handler, [new])
        #expect(try publications() == owners(new))
    }

    @Test func aWithdrawalReleasesEverything() async throws {
        let listed = try await stored("cirros", at: 1_000)
        _ = try await bench.handle(handler, [listed])
        let renewal = try Sample.revised(.renewed, listed, at: 2_000)
        _ = try await bench.handle(handler, [renewal])
        let withdrawal = try Sample.revised(.withdrawn, listed, at: 3_000)
        for event in [withdrawal, renewal, listed] {
            if event == listed { #expect(try await stored("cirros", at: 1_000) == listed) }
            #expect(try await bench.handle(handler, [event]).events.count == 1)
            #expect(try publications().isEmpty)
        }
    }

    @Test func aMissingImageReleasesNothing() async throws {
        let event = try Sample.uploaded("gone")
        #expect(try await bench.handle(handler, [event]).events.count == 1)
        #expect(try publications().contains(event.publication))
    }
}

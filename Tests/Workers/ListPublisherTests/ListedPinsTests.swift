// SPDX-License-Identifier: Apache-2.0
import BlobStore
import Events
import Logging
import TestSupport
import Testing

@testable import ListPublisherWorker

@Suite struct ListedPinsTests {
    private let folder: TemporaryDirectory
    private let store: BlobStore
    private let pins: ListedPins

    init() throws {
        folder = try TemporaryDirectory()
        store = try BlobStore(directory: folder.file("store"))
        pins = ListedPins(store: store, logger: Logger(label: "test"))
    }

    /// An uploaded publication whose image and document lie in the store.
    private func stored(_ name: String) async throws -> Event {
        let event = try Sample.uploaded(name)
        var data = event.data
        let image = try await store.put(Array("image \(name)".utf8), for: event.publication)
        let document = try await store.put(
            Array("document \(name)".utf8), for: event.publication)
        var fetched = try event.section(Fetched.self)
        fetched.blob = image
        var signed = try event.section(SignedMetadata.self)
        signed.document = document
        data[Fetched.key] = try EventCoding.value(of: fetched)
        data[SignedMetadata.key] = try EventCoding.value(of: signed)
        var copy = event
        copy.data = data
        return copy
    }

    @Test func theListTakesOverWhatThePublicationHeld() async throws {
        let event = try await stored("one")
        for _ in 1...2 {
            pins.handOver(event, removed: [])
            #expect(try store.publications() == [ListedPins.owner(event.publication)])
        }
    }

    @Test func aReplacedEntryIsReleased() async throws {
        let (old, new) = (try await stored("old"), try await stored("new"))
        pins.handOver(old, removed: [])
        let entry = UpdatedList.Entry(
            name: "old", version: nil, identifier: "x", publication: old.publication,
            requestTime: Timestamp(seconds: 0), location: "http://m/x", documentSHA256: "",
            endorser: "")
        pins.handOver(new, removed: [entry])
        #expect(try store.publications() == [ListedPins.owner(new.publication)])
    }

    @Test func aMissingBlobReleasesNothing() async throws {
        let event = try Sample.uploaded("gone")
        _ = try await store.put([1], for: event.publication)
        pins.handOver(event, removed: [])
        #expect(try store.publications().contains(event.publication))
    }
}

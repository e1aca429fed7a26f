// SPDX-License-Identifier: Apache-2.0
import BlobStore
import Events
import Foundation
import ImageScan
import Pipeline
import PipelineTesting
import TestSupport

@testable import ScannerWorker

/// A scanner with the real inspector, a store, and the events of a modifier that has filled it.
struct ScannerBench {
    struct Surprise: Error { var outcome: Outcome }

    let folder: TemporaryDirectory
    let store: BlobStore
    /// When the images were asked for: two days after they were made.
    static let requestTime = Timestamp(seconds: Int64(GuestImage.time) + 2 * 86_400)
    private static let url = "https://images.example.org/image.img"

    init() throws {
        folder = try TemporaryDirectory()
        store = try BlobStore(directory: folder.file("store"))
    }

    static func bytes(of image: GuestImage) async throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(filePath: try await image.built())))
    }

    /// `image.modified` for a file in the store that was passed on untouched.
    func modified(
        _ file: [UInt8], waivers: [Waiver]? = nil, uncompressed: [UInt8]? = nil,
        compression: CompressionKind = .none, change: (inout Modified) -> Void = { _ in }
    ) async throws -> Event {
        var request = Fixture.request()
        request.source = ImageRequest.Source(url: Self.url, format: .qcow2)
        request.waivers = waivers
        let image = uncompressed ?? file
        let fetched = Fetched(
            requestTime: Self.requestTime, url: Self.url, blob: Fixture.blob(of: file),
            digests: Fixture.digests(of: file), compression: compression,
            uncompressed: Fetched.Content(
                size: image.count, digests: Fixture.digests(of: image)),
            checksumFiles: [])
        let new = Fixture.imageNew(request: request, time: Self.requestTime)
        _ = try await store.put(file, for: new.publication)
        let verified = Fixture.next(
            .imageVerified, after: Fixture.next(.imageFetched, after: new, fetched),
            Verified(blob: fetched.blob, evidence: []))
        var section = Modified(untouched: fetched, format: .qcow2)
        change(&section)
        return Fixture.next(.imageModified, after: verified, section)
    }

    func handler(_ settings: [String: String] = [:]) async throws -> ScannerHandler {
        var values = ["scanner.python": try DissectTools.interpreter()]
        values.merge(settings) { $1 }
        return try await ScannerHandler(
            try ScannerConfig(try SettingValues(ScannerConfig.settings, values)))
    }

    func outcome(
        _ event: Event, _ settings: [String: String] = [:], deadline: Duration = .seconds(600)
    ) async throws -> Outcome {
        try await handler(settings).handle(
            event, TestContext.make(stage: .scanner, store: store, deadline: deadline))
    }

    var context: HandlerContext { TestContext.make(stage: .scanner, store: store) }

    func scanned(_ event: Event, _ settings: [String: String] = [:]) async throws -> Scanned {
        let outcome = try await outcome(event, settings)
        guard case .done(let events) = outcome, events.count == 1 else {
            throw Surprise(outcome: outcome)
        }
        return try events[0].section(Scanned.self)
    }

    func rejection(
        _ event: Event, _ settings: [String: String] = [:]
    ) async throws -> Rejection {
        let outcome = try await outcome(event, settings)
        guard case .reject(let rejection) = outcome, rejection.stage == .scanner else {
            throw Surprise(outcome: outcome)
        }
        return rejection
    }

    /// The report that is recorded for the event's publication.
    func report(_ event: Event) async throws -> ScanReport? {
        guard let blob = try store.recorded("scan-report", for: event.publication) else {
            return nil
        }
        return try ScanReport(json: try await store.read(blob, bytesMax: ScanReport.bytesMax))
    }

    /// Compresses with the field's own tool.
    func packed(_ bytes: [UInt8], _ kind: CompressionKind) async throws -> [UInt8] {
        let tools: [CompressionKind: (String, String)] = [
            .gz: ("gzip", "gz"), .bz2: ("bzip2", "bz2"), .xz: ("xz", "xz"), .zstd: ("zstd", "zst"),
        ]
        guard let (tool, suffix) = tools[kind] else { return bytes }
        let file = try folder.write(bytes, to: "image")
        let result = try await run(tool, ["-1", "-f", "-k", "-q", file])
        guard result.status == 0 else { throw NeverHappened(description: result.output) }
        return [UInt8](try Data(contentsOf: URL(filePath: "\(file).\(suffix)")))
    }

    /// Puts other bytes under a blob's name, as a failing disk or a thief would.
    func overwrite(_ blob: BlobReference, with bytes: [UInt8]) throws {
        let path = folder.file("store/blobs/\(blob.sha256.prefix(2))/\(blob.sha256)")
        try FileManager.default.removeItem(atPath: path)
        try Data(bytes).write(to: URL(filePath: path))
    }

    /// Path of an interpreter of a virtual environment that answers for the inspector's version,
    /// and then does what the script says.
    func interpreter(_ script: String) throws -> String {
        try folder.write("", to: "venv/pyvenv.cfg")
        let path = try folder.write(
            """
            #!/bin/sh
            if grep -q '"asksVersion":true' /inspector/query.json; then
                echo '{"name": "stand-in", "version": "1"}'
                exit 0
            fi
            \(script)

            """, to: "venv/bin/python")
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
        return path
    }
}

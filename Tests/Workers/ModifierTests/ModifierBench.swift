// SPDX-License-Identifier: Apache-2.0
import BlobStore
import Events
import Foundation
import Pipeline
import PipelineTesting
import TestSupport

@testable import ModifierWorker

/// A modifier, a store, and images that lie in it as the verifier leaves them.
struct ModifierBench {
    let folder: TemporaryDirectory
    let store: BlobStore
    var work: String { folder.file("work") }

    init() throws {
        folder = try TemporaryDirectory()
        store = try BlobStore(directory: folder.file("store"))
    }

    func handler(_ settings: [String: String] = [:]) throws -> ModifierHandler {
        let values = [
            "modifier.work-directory": work, "modifier.appliance": folder.file("none"),
        ].merging(settings) { $1 }
        return ModifierHandler(try ModifierConfig(SettingValues(ModifierConfig.settings, values)))
    }

    /// Settings of a modifier that can start guests.
    static func machine(_ settings: [String: String] = [:]) throws -> [String: String] {
        let appliance = ["modifier.appliance": try DissectTools.appliance()]
        return appliance.merging(settings) { $1 }
    }

    /// `image.verified` for the image at a path; `uploads` are the bytes of the request's uploads.
    func event(
        _ path: String, _ format: ImageRequest.Format, _ modifications: [Modification],
        compression: CompressionKind = .none, uncompressed: String? = nil,
        uploads: [[UInt8]] = [], name: String = "guest"
    ) async throws -> Event {
        var request = Fixture.request(name: name)
        request.source.format = format
        request.source.compression = compression
        request.modifications = modifications
        request.metadata.locations = ["http://example.org/modified.img"]
        let new = Fixture.imageNew(name: name, request: request)
        let content = try await content(of: path, for: new.publication)
        var files: [Fetched.FetchedFile] = []
        let urls = modifications.compactMap { modification in
            if case .upload(let upload) = modification { upload.url } else { nil }
        }
        for (url, bytes) in zip(urls, uploads) {
            let blob = try await store.put(bytes, for: new.publication)
            files.append(Fetched.FetchedFile(url: url, blob: blob))
        }
        let inner = try await uncompressed.asyncMap {
            try await self.content(of: $0, for: new.publication)
        }
        let fetched = Fetched(
            requestTime: Fixture.requestTime, url: request.source.url,
            blob: BlobReference(sha256: content.digests.sha256, size: content.size),
            digests: content.digests, compression: compression, uncompressed: inner ?? content,
            checksumFiles: [], files: files.isEmpty ? nil : files)
        return Fixture.next(
            .imageVerified, after: Fixture.next(.imageFetched, after: new, fetched),
            Verified(blob: fetched.blob, evidence: []))
    }

    /// Puts a file into the store.
    private func content(of path: String, for publication: String) async throws -> Fetched.Content {
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        let blob = try await store.put(bytes, for: publication)
        let found = try await store.digests(of: blob)
        return Fetched.Content(found)
    }

    func handle(
        _ event: Event, _ settings: [String: String] = [:], deadline: Duration = .seconds(600)
    ) async throws -> Outcome {
        let context = TestContext.make(stage: .modifier, store: store, deadline: deadline)
        return try await handler(settings).handle(event, context)
    }

    /// What the only event of a successful outcome says.
    func modified(_ outcome: Outcome) throws -> Modified {
        guard case .done(let events) = outcome, events.count == 1, let event = events.first else {
            throw Unexpected(outcome: outcome)
        }
        return try event.section(Modified.self)
    }

    /// Everything in the store that is neither a blob nor a pin of one.
    func leftovers() throws -> [String] {
        let files = FileManager.default
        let jobs = try? files.contentsOfDirectory(atPath: work).filter { $0.hasPrefix("job-") }
        return try files.contentsOfDirectory(atPath: "\(store.directory)/partial")
            + files.contentsOfDirectory(atPath: "\(store.directory)/tmp") + (jobs ?? [])
    }

    /// The names of all blobs.
    func blobs() throws -> Set<String> {
        let all = FileManager.default.enumerator(atPath: "\(store.directory)/blobs")
        return Set((all?.allObjects ?? []).compactMap { $0 as? String })
    }

    /// The image of a result as a raw file that this test owns.
    func raw(_ modified: Modified) async throws -> String {
        let path = folder.file("raw-\(UUID().uuidString)")
        let (status, output) = try await run(
            "qemu-img",
            [
                "convert", "-f", modified.format.rawValue, "-O", "raw",
                try store.path(of: modified.blob), path,
            ])
        guard status == 0 else { throw ToolFailure(output: output) }
        return path
    }
}

/// A program of the tests failed.
struct ToolFailure: Error {
    var output: String
}

struct Unexpected: Error {
    var outcome: Outcome
}

extension Outcome {
    var rejection: Rejection? {
        if case .reject(let rejection) = self { rejection } else { nil }
    }
}

extension Optional {
    fileprivate func asyncMap<Value>(
        _ transform: (Wrapped) async throws -> Value
    ) async rethrows -> Value? {
        guard let self else { return nil }
        return try await transform(self)
    }
}

/// An ext4 file system read by debugfs, which has nothing in common with what wrote it.
struct Ext4 {
    /// A raw image.
    var path: String
    /// Where the file system begins, in bytes.
    var offset = 0

    private func ask(_ request: String) async throws -> String {
        let image = offset == 0 ? path : "\(path)?offset=\(offset)"
        let (status, output) = try await run("debugfs", ["-R", request, image])
        guard status == 0 else { throw ToolFailure(output: output) }
        return output.split(separator: "\n", omittingEmptySubsequences: false)
            .filter { !$0.hasPrefix("debugfs 1.") }.joined(separator: "\n")
    }

    func text(_ path: String) async throws -> String { try await ask("cat \(path)") }

    /// Such as `0644 0 0`: mode and owner; nil when there is no such file.
    func rights(_ path: String) async throws -> String? {
        let words = try await ask("stat \(path)").split { $0 == " " || $0 == "\n" }
        func after(_ label: String) -> Substring? {
            words.firstIndex { $0 == label }.map { words[$0 + 1] }
        }
        guard let mode = after("Mode:"), let user = after("User:"), let group = after("Group:")
        else { return nil }
        return "\(mode) \(user) \(group)"
    }

    /// Of the whole file system, in bytes.
    func size() async throws -> Int {
        let lines = try await ask("show_super_stats -h").split(separator: "\n")
        func number(_ label: String) -> Int {
            let line = lines.first { $0.hasPrefix(label) } ?? ""
            return Int(line.split(separator: " ").last ?? "") ?? 0
        }
        return number("Block count:") * number("Block size:")
    }

    /// What fsck, which changes nothing, has to say: 0 for nothing.
    func faults() async throws -> Int {
        let image = offset == 0 ? path : "\(path)?offset=\(offset)"
        return Int(try await run("e2fsck", ["-f", "-n", image]).status)
    }
}

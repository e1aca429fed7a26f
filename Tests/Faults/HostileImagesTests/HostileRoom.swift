// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport

/// The host that hostile images must not touch: a secret file, a pipe that nobody writes into, a
/// port that nobody may connect to, and a neighbour beside each image.
final class HostileRoom: Sendable {
    /// Shared by all images of the suite.
    static let shared = Task { try await HostileRoom() }

    let folder: TemporaryDirectory
    /// What no output may contain.
    let token = "host-token-\(UUID().uuidString)"
    let listener: LoopbackListener
    let images: DiskImages

    var secret: String { folder.file("host/secret") }
    var pipe: String { folder.file("host/pipe") }

    /// A whole image of the host's, so that one which names it works.
    private static let secretBytes = 1 << 20
    /// The content of the secret file and of the neighbours.
    private let secretText: Data

    init() async throws {
        folder = try TemporaryDirectory()
        let text = String(repeating: "\(token)\n", count: Self.secretBytes / token.utf8.count)
        secretText = Data(text.utf8).prefix(Self.secretBytes)
        listener = try LoopbackListener()
        images = try DiskImages()
        try folder.write(secretText, to: "host/secret")
        guard mkfifo(pipe, 0o666) == 0 else { throw POSIXError(.EIO) }
        try await settle("host/secret")
        // Nothing but the sandbox shall be in the way.
        for path in [folder.path, folder.file("host")] { try open(path) }
    }

    /// Makes an image in a folder of its own, beside a neighbour.
    ///
    /// - Returns: the image's path.
    func place(_ image: HostileImage) async throws -> String {
        let directory = "images/\(image.name)"
        try folder.write(secretText, to: "\(directory)/neighbour.img")
        let path = folder.file("\(directory)/image")
        try await image.make(self, path)
        for file in [path, folder.file(directory), folder.file("images")] { try open(file) }
        try await settle("\(directory)/neighbour.img")
        return path
    }

    /// Gives a file a last access so long ago that another one shows, also with `relatime`.
    private func settle(_ name: String) async throws {
        try open(folder.file(name), 0o644)
        _ = try await run("touch", ["-a", "-d", "@1", folder.file(name)])
    }

    private func open(_ path: String, _ mode: Int = 0o755) throws {
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    }

    /// What has been read, written, made or connected to since the image was placed.
    func disturbances(by image: HostileImage) -> [String] {
        var found: [String] = []
        let directory = "images/\(image.name)"
        for (folder, expected) in [
            (directory, ["image", "neighbour.img"]), ("host", ["pipe", "secret"]),
        ] {
            let path = self.folder.file(folder)
            let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
            if names.sorted() != expected { found.append("\(folder) holds \(names)") }
        }
        for name in ["host/secret", "\(directory)/neighbour.img"] {
            var status = stat()
            stat(folder.file(name), &status)
            if status.st_atim.tv_sec != 1 { found.append("\(name) was read") }
            if status.st_size != Self.secretBytes || content(of: name) != secretText {
                found.append("\(name) was changed")
            }
        }
        if listener.connections() > 0 { found.append("something connected") }
        return found
    }

    /// Without leaving a trace: of Linux' O_NOATIME.
    private func content(of name: String) -> Data {
        let descriptor = Glibc.open(folder.file(name), O_RDONLY | 0o1000000)
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        return (try? handle.readToEnd()) ?? Data()
    }
}

/// So many at a time, however many tests run.
actor Gate {
    static let shared = Gate(places: 3)
    private var places: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(places: Int) { self.places = places }

    func enter() async {
        if places > 0 {
            places -= 1
        } else {
            await withCheckedContinuation { waiting.append($0) }
        }
    }

    func leave() {
        if waiting.isEmpty { places += 1 } else { waiting.removeFirst().resume() }
    }
}

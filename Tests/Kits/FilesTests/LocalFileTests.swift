// SPDX-License-Identifier: Apache-2.0
import Files
import Foundation
import TestSupport
import Testing

@Suite struct LocalFileTests {
    private struct Failure: FileFailure, Equatable {
        var operation: String
        var path: String
        var code: Int32
    }

    private typealias LocalFile = Files.LocalFile<Failure>
    private typealias FileLock = Files.FileLock<Failure>

    @Test func aReplacedFileHasItsNewBytesAndNothingIsLeft() throws {
        let folder = try TemporaryDirectory(inMemory: true)
        let path = folder.file("state")
        for bytes in [Array("first".utf8), [UInt8](repeating: 7, count: 100_000), []] {
            try LocalFile.replace(path, with: bytes)
            let read = try LocalFile.withDescriptor(path, O_RDONLY) { file throws(Failure) in
                try LocalFile.read(file, bytesMax: 1 << 20, path: path)
            }
            #expect(read == bytes)
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["state"])
    }

    @Test func readingStopsAtItsLimit() throws {
        let folder = try TemporaryDirectory(inMemory: true)
        let path = try folder.write([UInt8](repeating: 1, count: 300_000), to: "file")
        for limit in [0, 1, 1 << 16, 299_999, 300_000, 300_001] {
            let read = try LocalFile.withDescriptor(path, O_RDONLY) { file throws(Failure) in
                try LocalFile.read(file, bytesMax: limit, path: path)
            }
            #expect(read.count == min(limit, 300_000))
        }
    }

    @Test func aPlantedLinkIsNotFollowed() throws {
        let folder = try TemporaryDirectory(inMemory: true)
        let victim = try folder.write("victim", to: "victim")
        let link = folder.file("link")
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: victim)
        let expected = Failure(operation: "opening", path: link, code: ELOOP)
        #expect(throws: expected) { try LocalFile.write([1], to: link) }
        #expect(throws: expected) { try FileLock(link) }
        #expect(try String(contentsOfFile: victim, encoding: .utf8) == "victim")
    }

    @Test func directoriesAreMadeWithThoseAbove() throws {
        let folder = try TemporaryDirectory(inMemory: true)
        for _ in 1...2 {
            try LocalFile.makeDirectories(folder.file("a/b/c"), mode: 0o700)
            try LocalFile.synchroniseDirectory(folder.file("a/b"))
        }
        var isDirectory: ObjCBool = false
        #expect(
            FileManager.default.fileExists(
                atPath: folder.file("a/b/c"), isDirectory: &isDirectory))
        #expect(isDirectory.boolValue)
        let file = try folder.write("", to: "file")
        let below = Failure(operation: "creating", path: file + "/x", code: ENOTDIR)
        #expect(throws: below) { try LocalFile.makeDirectories(file + "/x", mode: 0o700) }
    }

    @Test(arguments: [false, true])
    func aLockHasOneOwnerAtATime(isTemporary: Bool) throws {
        let folder = try TemporaryDirectory(inMemory: true)
        let path = folder.file("lock")
        for _ in 1...3 {
            let lock = try FileLock(path, isTemporary: isTemporary)
            #expect(lock != nil)
            #expect(try FileLock(path, isTemporary: isTemporary) == nil)
            withExtendedLifetime(lock) {}
        }
        #expect(FileManager.default.fileExists(atPath: path) == !isTemporary)
    }

    /// Owners that remove the file and others that come meanwhile: never two at once.
    @Test(.timeLimit(.minutes(1))) func temporaryLocksExclude() async throws {
        let folder = try TemporaryDirectory(inMemory: true)
        let (path, inside) = (folder.file("lock"), folder.file("inside"))
        let rounds = try await withThrowingTaskGroup(of: Int.self, returning: Int.self) { tasks in
            for _ in 0..<4 {
                tasks.addTask {
                    var rounds = 0
                    while rounds < 200 {
                        guard let lock = try FileLock(path, isTemporary: true) else {
                            await Task.yield()
                            continue
                        }
                        // Fails when somebody else is inside.
                        let file = try LocalFile.open(inside, O_WRONLY | O_CREAT | O_EXCL)
                        close(file)
                        try LocalFile.remove(inside)
                        withExtendedLifetime(lock) {}
                        rounds += 1
                    }
                    return rounds
                }
            }
            return try await tasks.reduce(0, +)
        }
        #expect(rounds == 800)
    }
}

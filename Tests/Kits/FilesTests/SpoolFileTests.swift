// SPDX-License-Identifier: Apache-2.0
import Files
import Foundation
import TestSupport
import Testing

@Suite struct SpoolFileTests {
    struct Failure: FileFailure, Hashable {
        var operation: String
        var path: String
        var code: Int32
    }

    private let folder: TemporaryDirectory

    init() throws { folder = try TemporaryDirectory() }

    private func take(_ bytes: [UInt8], _ file: SpoolFile<Failure>) {
        bytes.withUnsafeBytes { file.take($0) }
    }

    @Test func whatIsTakenIsThereAndZerosTakeNoRoom() throws {
        let file = try SpoolFile<Failure>(path: folder.file("spool"))
        let zeros = [UInt8](repeating: 0, count: 3 << 20)
        take([1, 2, 3], file)
        take(zeros, file)
        take([4], file)
        take(zeros, file)
        try file.finish()
        let all = [1, 2, 3] + zeros + [4] + zeros
        #expect(file.size == all.count)
        #expect(try Data(contentsOf: URL(filePath: file.path)) == Data(all))
        var facts = stat()
        #expect(stat(file.path, &facts) == 0)
        #expect(facts.st_blocks * 512 < 1 << 20)
        #expect(facts.st_mode & 0o777 == 0o600)
    }

    @Test func itIsGoneWithItsLastReference() throws {
        let path = folder.file("spool")
        do {
            let file = try SpoolFile<Failure>(path: path)
            take([1], file)
            #expect(FileManager.default.fileExists(atPath: path))
        }
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test func anothersFileIsRefusedAndLeft() throws {
        let path = try folder.write([7], to: "spool")
        #expect(throws: Failure(operation: "opening", path: path, code: EEXIST)) {
            try SpoolFile<Failure>(path: path)
        }
        #expect(try Data(contentsOf: URL(filePath: path)) == Data([7]))
    }

    /// The limit on a file's size stands for a full disk; it holds for a whole process.
    @Test func aFullDiskIsToldOnce() async {
        await #expect(processExitsWith: .success) {
            signal(SIGXFSZ, SIG_IGN)
            var limit = rlimit(rlim_cur: 1 << 17, rlim_max: 1 << 17)
            guard setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0 else {
                exit(2)
            }
            let folder = try TemporaryDirectory()
            let file = try SpoolFile<Failure>(path: folder.file("spool"))
            let piece = [UInt8](repeating: 1, count: 1 << 18)
            piece.withUnsafeBytes { file.take($0) }
            let expected = Failure(operation: "writing", path: file.path, code: EFBIG)
            do {
                try file.finish()
                exit(3)
            } catch {
                exit(error as? Failure == expected ? 0 : 4)
            }
        }
    }
}

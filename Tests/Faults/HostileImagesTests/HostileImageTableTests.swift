// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

@Suite(
    "Hostile images: the table, and that what is watched for can happen", .timeLimit(.minutes(5)))
struct HostileImageTableTests {
    @Test("There are many, each with a name of its own")
    func names() {
        #expect(HostileImage.all.count >= 60)
        #expect(Set(HostileImage.all.map(\.name)).count == HostileImage.all.count)
    }

    @Test("The page says what the tests do")
    func page() throws {
        let path = "\(repositoryRoot)/Sources/Kits/ImageFile/Documentation.docc/HostileImages.md"
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
        let rows = lines.map(String.init).filter { $0.hasPrefix("| ") }.dropFirst(2)
        let expected = HostileImage.all.map(\.row)
        #expect(
            Array(rows) == expected,
            "the table should be:\n\(expected.joined(separator: "\n"))")
    }

    /// Else the other tests would pass whatever happens.
    @Test("Without probe and sandbox, qemu-img reads the host's secret")
    func secretIsRead() async throws {
        let room = try await HostileRoom()
        for name in ["qcow2-backing-absolute", "vmdk-flat-absolute", "qcow2-backing-neighbour"] {
            let image = try #require(HostileImage.all.first { $0.name == name })
            let path = try await room.place(image)
            let output = try TemporaryDirectory()
            let (status, text) = try await run(
                "qemu-img", ["convert", "-f", image.format, "-O", "raw", path, output.file("out")])
            #expect(status == 0, "\(text)")
            let bytes = try Data(contentsOf: URL(fileURLWithPath: output.file("out")))
            #expect(bytes.range(of: Data(room.token.utf8)) != nil, "\(name) gives nothing away")
            if Self.recordsAccess(room.folder.path) {
                #expect(room.disturbances(by: image).contains { $0.hasSuffix("was read") })
            }
        }
    }

    @Test("Without probe and sandbox, qemu-img connects")
    func portIsReached() async throws {
        let room = try await HostileRoom()
        let image = try #require(HostileImage.all.first { $0.name == "qcow2-backing-nbd" })
        let path = try await room.place(image)
        let process = try BackgroundProcess("qemu-img", ["check", "-f", "qcow2", path])
        try await eventually(timeout: .seconds(60), "a connection") {
            room.disturbances(by: image).contains("something connected")
        }
        process.kill()
    }

    /// Whether the file system keeps the time of the last access at all.
    private static func recordsAccess(_ path: String) -> Bool {
        // Linux' ST_NOATIME, which Glibc's module leaves out.
        let noAccessTime: UInt = 1024
        var facts = statvfs()
        return statvfs(path, &facts) == 0 && facts.f_flag & noAccessTime == 0
    }
}

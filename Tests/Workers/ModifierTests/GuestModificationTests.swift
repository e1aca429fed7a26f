// SPDX-License-Identifier: Apache-2.0
import BlobStore
import Events
import Foundation
import Pipeline
import Signatures
import TestSupport
import Testing

@testable import ModifierWorker

/// Guests that are really changed: each start of the emulated machine takes half a minute. What
/// the modifier wrote, debugfs, sfdisk and qemu-img read.
@Suite("Modified guests", .serialized, .timeLimit(.minutes(15)))
struct GuestModificationTests {
    private let bench: ModifierBench

    init() throws { bench = try ModifierBench() }

    private static let key =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g"
    private static let hash = "$6$rounds=5000$saltsalt$" + String(repeating: "a", count: 86)

    private func package() async throws -> [UInt8] {
        let path = bench.folder.file("test.apk")
        let (status, output) = try await run(
            "python3",
            [
                "\(repositoryRoot)/Tests/Support/Guests/apk_file.py", path, "imprimatur-test",
                "/usr/share/imprimatur-test", "of the package",
            ])
        guard status == 0 else { throw ToolFailure(output: output) }
        return [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    }

    @Test("A genuine Alpine Linux holds everything that was asked for")
    func alpine() async throws {
        let package = try await package()
        let upload = Modification.Upload(
            path: "/root/test.apk", url: "http://example.org/test.apk",
            sha256: Digest.hex(Digest.sha256(package)), mode: "0600")
        let script = """
            #!/bin/sh
            set -e
            id -u > /etc/ran; pwd >> /etc/ran; echo "$HOME" >> /etc/ran
            echo machine > /etc/machine-id
            echo 'old history' > /root/.bash_history
            """
        let event = try await bench.event(
            try await GuestImage.alpine(), .qcow2,
            [
                .write(.init(path: "/srv/new/$(touch x)", content: "it's \"ä\"\n", mode: "4750")),
                .upload(upload), .install(.init(packages: ["/root/test.apk"])),
                .remove(.init(path: "/root/test.apk")), .remove(.init(path: "/etc/*")),
                .remove(.init(path: "/etc/apk/keys")), .run(.init(script: script)),
                .password(.init(user: "root", locked: true)),
                .password(.init(user: "nobody", hash: Self.hash)),
                .sshKey(.init(user: "root", add: Self.key + " added")),
                .resize(.init(size: 2 << 30)),
                .sysprep(.init(operations: ["machine-id", "bash-history"])),
                .convert(.init(format: .qcow2, compress: true)),
            ], uploads: [package])
        let modified = try bench.modified(
            try await bench.handle(event, try ModifierBench.machine()))
        #expect(modified.format == .qcow2)
        #expect(modified.tools.map(\.name) == ["libguestfs", "qemu-img", "virt-sysprep"])
        #expect(modified.steps.count == 13)
        let guest = Ext4(path: try await bench.raw(modified))
        #expect(try await guest.faults() == 0)
        try await checkFiles(guest)
        try await checkAccounts(guest)
        #expect(try await guest.size() == 2 << 30)
        #expect(try bench.leftovers().isEmpty)
        let again = try await bench.handle(event)
        #expect(try bench.modified(again) == modified)
    }

    private func checkFiles(_ guest: Ext4) async throws {
        #expect(try await guest.text("\"/srv/new/$(touch x)\"") == "it's \"ä\"\n")
        #expect(try await guest.rights("\"/srv/new/$(touch x)\"") == "04750 0 0")
        #expect(try await guest.rights("/srv/new") == "0755 0 0")
        #expect(try await guest.text("/usr/share/imprimatur-test") == "of the package")
        #expect(try await guest.rights("/root/test.apk") == nil)
        #expect(try await guest.rights("/etc/apk/keys") == nil)
        // The path was no pattern.
        #expect(try await guest.rights("/etc/os-release") != nil)
        #expect(try await guest.text("/etc/ran") == "0\n/\n/root\n")
        #expect(try await guest.text("/etc/machine-id") == "")
        #expect(try await guest.rights("/root/.bash_history") == nil)
        let rest = try await guest.text("/tmp")
        #expect(!rest.contains("imprimatur"))
    }

    private func checkAccounts(_ guest: Ext4) async throws {
        let shadow = try await guest.text("/etc/shadow").split(separator: "\n")
        #expect(shadow.contains { $0.hasPrefix("root:!:") })
        #expect(shadow.contains { $0.hasPrefix("nobody:\(Self.hash):") })
        let keys = try await guest.text("/root/.ssh/authorized_keys")
        #expect(keys.hasSuffix("\(Self.key) added\n"))
        #expect(try await guest.rights("/root/.ssh/authorized_keys") == "0600 0 0")
        #expect(try await guest.rights("/root/.ssh") == "0700 0 0")
    }

    @Test("A partition grows with its disk; keys go; owners and modes stay")
    func partition() async throws {
        let image = GuestImage.clean.having(.userAuthorizedKey, .passwordHash)
            .on(.gpt, .ext4, format: .raw)
        let key =
            "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGtnYXJjaGl2ZS10ZXN0LWtleS1ub3QtcmVhbC0wMDE"
        let event = try await bench.event(
            try await image.built(), .raw,
            [
                .sshKey(.init(user: "debian", remove: key + "= whoever")),
                .resize(.init(size: 1 << 30)), .password(.init(user: "operator", locked: true)),
                .sshKey(.init(user: "debian", add: Self.key)),
            ])
        let modified = try bench.modified(
            try await bench.handle(event, try ModifierBench.machine()))
        #expect(modified.format == .raw && modified.blob.size == 1 << 30)
        let path = try await bench.raw(modified)
        let table = try await run("sfdisk", ["--json", path])
        #expect(table.status == 0 && !table.output.contains("PMBR size mismatch"))
        let guest = Ext4(path: path, offset: 1 << 20)
        #expect(try await guest.faults() == 0)
        #expect(try await guest.size() > (1 << 30) - (4 << 20))
        let keys = try await guest.text("/home/debian/.ssh/authorized_keys")
        #expect(keys == "# For the one who made this image\n\n\(Self.key)\n")
        #expect(try await guest.rights("/home/debian/.ssh/authorized_keys") == "0600 1000 1000")
        let shadow = try await guest.text("/etc/shadow").split(separator: "\n")
        #expect(shadow.contains { $0.hasPrefix("operator:!:20400:") })
        #expect(try await guest.rights("/etc/shadow") == "0640 0 42")
    }

    @Test("A script that fails is the request's fault, with its last lines; nothing is kept")
    func failingScript() async throws {
        let event = try await bench.event(
            try await GuestImage.alpine(), .qcow2,
            [
                .remove(.init(path: "/etc/motd")),
                .run(.init(script: "echo to output; echo to errors >&2; exit 3\n")),
                .remove(.init(path: "/etc/passwd")),
            ])
        let blobs = try bench.blobs()
        let rejection = try await bench.handle(event, try ModifierBench.machine()).rejection
        #expect(rejection?.rule == "modification-failed")
        #expect(
            rejection?.message == "modification 2 (run) failed: the script ended with status 3")
        #expect(
            rejection?.evidence == [
                "step": "2", "operation": "run", "output": "to output | to errors",
            ])
        #expect(try bench.leftovers().isEmpty)
        #expect(try bench.blobs() == blobs)
    }

    @Test("An image without a system is rejected")
    func noSystem() async throws {
        let path = try bench.folder.write(Data(repeating: 7, count: 4 << 20), to: "noise")
        let event = try await bench.event(path, .raw, [.remove(.init(path: "/a"))])
        let rejection = try await bench.handle(event, try ModifierBench.machine()).rejection
        #expect(rejection?.rule == "modification-failed")
        #expect(rejection?.message.contains("no operating system found in the image") == true)
    }

    @Test("What takes too long is killed with its machine")
    func timeOut() async throws {
        let event = try await bench.event(
            try await GuestImage.alpine(), .qcow2,
            [.run(.init(script: "while :; do :; done\n"))])
        // Other tests' machines run, too: this one's memory tells it apart.
        let settings = try ModifierBench.machine([
            "modifier.time-max": "12s", "modifier.memory": "411MiB",
        ])
        async let outcome = bench.handle(event, settings)
        try await eventually(timeout: .seconds(30)) { !Self.machines().isEmpty }
        let rejection = try await outcome.rejection
        #expect(rejection?.rule == "modification-failed")
        #expect(rejection?.evidence["limit"] == "time")
        try await eventually { Self.machines().isEmpty }
        #expect(try bench.leftovers().isEmpty)
    }

    /// Emulators with this test's size of memory, by their command lines.
    private static func machines() -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.filter { Int($0) != nil }.filter { name in
            let line = FileManager.default.contents(atPath: "/proc/\(name)/cmdline") ?? Data()
            let text = String(decoding: line, as: UTF8.self)
            return text.contains("qemu-system") && text.contains("\u{0}411\u{0}")
        }
    }
}

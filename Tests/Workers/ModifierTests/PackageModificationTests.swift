// SPDX-License-Identifier: Apache-2.0
import Events
import Foundation
import Signatures
import TestSupport
import Testing

@testable import ModifierWorker

/// A real Debian whose own apt installs and updates, without any network, from a repository that
/// the request uploads. What apt wrote, debugfs reads.
@Suite("Packages of a modified Debian", .timeLimit(.minutes(15)))
struct PackageModificationTests {
    private static let name = "imprimatur-test"
    private static let folder = "/srv/repository"

    private let bench: ModifierBench

    init() throws { bench = try ModifierBench() }

    /// A package with one file, which holds the version.
    private func package(_ version: String) async throws -> [UInt8] {
        let tree = bench.folder.file("tree-\(version)")
        for (path, text) in [
            (
                "DEBIAN/control",
                """
                Package: \(Self.name)
                Version: \(version)
                Architecture: all
                Maintainer: Nobody <nobody@example.org>
                Description: a package of tests

                """
            ), ("usr/share/\(Self.name)", version),
        ] {
            try bench.folder.write(text, to: "tree-\(version)/\(path)")
        }
        let file = bench.folder.file("\(version).deb")
        try await ask("chmod", ["-R", "u=rwX,go=rX", tree])
        try await ask("dpkg-deb", ["--root-owner-group", "--build", tree, file])
        return [UInt8](try Data(contentsOf: URL(fileURLWithPath: file)))
    }

    private func index(_ package: [UInt8], _ version: String, file: String) -> [UInt8] {
        Array(
            """
            Package: \(Self.name)
            Version: \(version)
            Architecture: all
            Maintainer: Nobody <nobody@example.org>
            Filename: ./\(file)
            Size: \(package.count)
            SHA256: \(Digest.hex(Digest.sha256(package)))
            Description: a package of tests

            """.utf8)
    }

    @Test("A package is installed from a file, and updated from a repository")
    func debian() async throws {
        let old = try await package("1.0")
        let new = try await package("2.0")
        let files = [
            ("1.0.deb", old), ("2.0.deb", new), ("Packages", index(new, "2.0", file: "2.0.deb")),
        ]
        let uploads = files.map { name, bytes in
            Modification.upload(
                .init(
                    path: "\(Self.folder)/\(name)", url: "http://example.org/\(name)",
                    sha256: Digest.hex(Digest.sha256(bytes))))
        }
        let event = try await bench.event(
            try await GuestImage.debian.built(), .qcow2,
            uploads + [
                .write(
                    .init(
                        path: "/etc/apt/sources.list",
                        content: "deb [trusted=yes] file:\(Self.folder) ./\n")),
                .install(.init(packages: ["\(Self.folder)/1.0.deb"])),
                .run(.init(script: "cp /usr/share/\(Self.name) /etc/installed-first\n")),
                .update(.init()), .remove(.init(path: Self.folder)),
            ], uploads: files.map { $0.1 })
        let outcome = try await bench.handle(event, try ModifierBench.machine())
        let modified = try bench.modified(outcome)
        let path = try await bench.raw(modified)
        let guest = Ext4(path: path, offset: try await rootOffset(path))
        #expect(try await guest.faults() == 0)
        #expect(try await guest.text("/etc/installed-first") == "1.0")
        #expect(try await guest.text("/usr/share/\(Self.name)") == "2.0")
        let status = try await guest.text("/var/lib/dpkg/status")
        let entry = try #require(
            status.components(separatedBy: "\n\n").first {
                $0.hasPrefix("Package: \(Self.name)\n")
            })
        #expect(entry.contains("\nStatus: install ok installed\n"))
        #expect(entry.contains("\nVersion: 2.0"))
        #expect(try await guest.rights(Self.folder) == nil)
        #expect(try await guest.rights("/usr/sbin/policy-rc.d") == nil)
    }

    @discardableResult
    private func ask(_ program: String, _ arguments: [String]) async throws -> String {
        let (status, output) = try await run(program, arguments)
        guard status == 0 else { throw ToolFailure(output: output) }
        return output
    }

    /// Of the largest partition, in bytes.
    private func rootOffset(_ path: String) async throws -> Int {
        struct Listing: Decodable {
            struct Table: Decodable { var partitions: [Partition] }
            struct Partition: Decodable { var start: Int, size: Int }
            var partitiontable: Table
        }
        let listing = try JSONDecoder().decode(
            Listing.self, from: Data(try await ask("sfdisk", ["--json", path]).utf8))
        let root = try #require(listing.partitiontable.partitions.max { $0.size < $1.size })
        return root.start * 512
    }
}

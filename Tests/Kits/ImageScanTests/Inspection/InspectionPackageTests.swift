// SPDX-License-Identifier: Apache-2.0
import Foundation
import ImageScan
import TestSupport
import Testing

/// Package databases, and whose a setuid file is.
@Suite(.timeLimit(.minutes(10))) struct InspectionPackageTests {
    @Test func apkNamesPackagesAndOwners() async throws {
        var tree = base()
        tree.file(
            "/lib/apk/db/installed",
            """
            C:Q1abc=
            P:busybox-suid
            V:1.37.0-r30
            A:x86_64
            o:busybox
            F:bin
            R:bbsuid
            a:0:0:4111

            P:musl
            V:1.2.5-r21
            A:x86_64
            F:lib


            """)
        tree.file("/bin/bbsuid", "x", mode: 0o4111)
        tree.file("/usr/local/bin/other", "x", mode: 0o2755)
        let facts = try await facts(of: tree)
        #expect(facts.packages?.manager == .apk)
        #expect(
            facts.packages?.installed == [
                GuestFacts.Package(
                    name: "busybox-suid", version: "1.37.0-r30", architecture: "x86_64",
                    source: "busybox"),
                GuestFacts.Package(name: "musl", version: "1.2.5-r21", architecture: "x86_64"),
            ])
        #expect(facts.entries.map { $0.package ?? "-" } == ["busybox-suid", "-"])
    }

    /// SQLite with and without a write-ahead log, Berkeley DB's hash, and ndb.
    @Test(arguments: ["sqlite", "wal", "berkeley", "ndb"])
    func rpmNamesPackagesAndOwners(kind: String) async throws {
        var tree = base()
        let folder = try TemporaryDirectory()
        _ = try PythonTools.run("rpm_database.py", [kind, folder.path])
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
            let content = try Data(contentsOf: URL(filePath: folder.file(name)))
            tree.file("/var/lib/rpm/\(name)", content)
        }
        tree.file("/usr/bin/su", "x", mode: 0o4755)
        let facts = try await facts(of: tree)
        #expect(facts.problems == [])
        #expect(facts.packages?.manager == .rpm && facts.packages?.modified == GuestImage.time)
        // What fills more than a page, too.
        let wanted =
            [
                GuestFacts.Package(
                    name: "util-linux", version: "2.40-1.el10", architecture: "x86_64",
                    source: "util-linux-2.40-1.el10.src.rpm"),
                GuestFacts.Package(
                    name: "vim", version: "2:9.1-3", architecture: "x86_64",
                    source: "vim-9.1-3.src.rpm"),
            ]
        #expect(facts.packages?.installed.sorted { $0.name < $1.name } == wanted)
        #expect(facts.entries.map { $0.package } == ["util-linux"])
    }

    @Test func aBrokenDatabaseIsAProblem() async throws {
        var tree = base()
        tree.file("/var/lib/rpm/Packages", String(repeating: "A", count: 10_000))
        let facts = try await facts(of: tree)
        #expect(facts.packages == nil)
        #expect(facts.problems.count == 1)
        #expect(facts.problems.first?.contains("package database") == true)
    }

    private func base() -> GuestTree {
        var tree = GuestTree()
        tree.directory("/usr/bin")
        tree.file("/etc/os-release", "ID=test\n")
        return tree
    }

    private func facts(of tree: GuestTree) async throws -> GuestFacts {
        let inspection = Inspection(backend: .dissect(python: try DissectTools.interpreter()))
        return try await inspection.facts(
            of: try await GuestImage(tree: tree).built(), format: "qcow2",
            query: InspectionQuery())
    }
}

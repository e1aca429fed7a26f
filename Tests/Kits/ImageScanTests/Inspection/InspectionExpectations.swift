// SPDX-License-Identifier: Apache-2.0
import Foundation
import ImageScan
import TestSupport
import Testing

extension InspectionTests {
    static let query = InspectionQuery(paths: [
        InspectionQuery.Pattern("/etc/os-release", contentBytesMax: 4_096),
        InspectionQuery.Pattern("/etc/shadow", contentBytesMax: 65_536),
        InspectionQuery.Pattern("/home/*/.*", contentBytesMax: 5),
        InspectionQuery.Pattern("/var/**/*.list"),
    ])

    func inspection(
        limits: Inspection.Limits = Inspection.Limits(), clamd: String? = nil
    ) throws -> Inspection {
        Inspection(
            backend: .dissect(python: try DissectTools.interpreter()), limits: limits,
            clamd: clamd)
    }

    func facts(of image: GuestImage, query: InspectionQuery) async throws -> GuestFacts {
        try await inspection().facts(
            of: try await image.built(), format: image.disk.format.name, query: query)
    }

    /// Holds facts against the recipe of ``GuestImage/clean`` with two faults.
    func expectGuest(_ facts: GuestFacts, of image: GuestImage) throws {
        let root = try #require(facts.root)
        #expect(facts.volumes[root].mountPoint == "/")
        let entries = Dictionary(
            facts.entries.map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })
        #expect(entries.count == facts.entries.count)
        for path in ["/etc/shadow", "/usr/lib/os-release", "/usr/bin/report"] {
            let entry = try #require(entries[path], "\(path)")
            let wanted = try #require(image.tree[path])
            #expect(entry.mode == wanted.mode && entry.kind == .file, "\(path)")
            #expect(entry.uid == wanted.uid && entry.gid == wanted.gid, "\(path)")
            #expect(entry.size == wanted.content.count, "\(path)")
            #expect(entry.modified == wanted.modified, "\(path)")
            if path != "/usr/bin/report" {
                #expect(entry.content == wanted.content.base64EncodedString(), "\(path)")
                #expect(entry.isTruncated == false)
            }
        }
        #expect(entries["/etc/os-release"]?.kind == .link)
        #expect(entries["/etc/os-release"]?.target == "../usr/lib/os-release")
        let profile = try #require(entries["/home/debian/.profile"])
        #expect(profile.content == Data("# Exe".utf8).base64EncodedString())
        #expect(profile.isTruncated == true && profile.uid == 1000)
        let setuid = facts.entries.filter { $0.kind == .file && $0.mode & 0o6000 != 0 }
        #expect(
            setuid.map { "\($0.path) \($0.package ?? "-")" } == [
                "/usr/bin/chage passwd", "/usr/bin/mount mount", "/usr/bin/passwd passwd",
                "/usr/bin/su util-linux", "/usr/local/bin/become -",
            ])
        #expect(entries["/var/lib/dpkg/info/nano.list"]?.content == nil)
        let packages = try #require(facts.packages)
        #expect(packages.manager == .dpkg && packages.installed.count == 10)
        #expect(packages.modified == GuestImage.time)
        #expect(
            packages.installed.first { $0.name == "bash" }
                == GuestFacts.Package(
                    name: "bash", version: "5.2.37-2+b5", architecture: "amd64",
                    source: "bash (5.2.37-2)"))
    }
}

// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

/// `ops/svn-hooks/pre-commit` with `scan = yes`: a real repository, marketplace and mirror, real
/// signatures and images.
@Suite("The Subversion hook's security check", .timeLimit(.minutes(10)))
struct ScanHookTests {
    private let desk: MetadataDesk
    private let scanDesk: ScanDesk
    private let repository: SubversionRepository
    private let market: HTTPServer
    private let mirror: HTTPServer

    init() async throws {
        desk = try MetadataDesk()
        scanDesk = try ScanDesk()
        repository = try await SubversionRepository()
        market = try await HTTPServer()
        mirror = try await HTTPServer()
        try configure()
    }

    private func configure(_ lines: String..., hosts: String = "127.0.0.1") throws {
        try repository.installListHook(
            configuration: """
                lists = image_list.txt
                marketplace = \(market.url(""))
                imprimatur = \(try Workbench.program())
                scan = yes
                scan-hosts = \(hosts)
                scan-config = \(try scanDesk.timelessConfiguration())

                """ + lines.joined(separator: "\n") + "\n")
    }

    /// Makes, signs and publishes the document of an image that the mirror serves as `name`.
    private func publish(
        _ image: GuestImage, as name: String = "image.qcow2", location: String? = nil,
        comment: String = ""
    ) async throws -> (identifier: String, entry: String) {
        let path = desk.folder.file("image.qcow2")
        try await image.write(to: path)
        try await image.write(to: mirror.root.file("image.qcow2"))
        var built = try await desk.metadata([
            "build", "--os", "debian", "--os-version", "13", "--os-arch", "x86_64", "--quiet",
            "--format", "qcow2", "--location", location ?? mirror.url(name), "--comment", comment,
            "image.qcow2",
        ])
        #expect(built.status == 0, "\(built.output)")
        let document = "debian-13-x86_64-base-.xml"
        built = try await desk.metadata(
            ["sign"] + MetadataDesk.key(try await MetadataDesk.endorser()) + [document])
        #expect(built.status == 0, "\(built.output)")
        let text = try desk.text(document)
        let found = try #require(text.firstMatch(of: /<dcterms:identifier>([^<]*)</)).output.1
        let place = "metadata/\(found)/endorser@example.org/now"
        try market.root.write(text, to: place)
        return (String(found), "# location: \(market.url(place))\n\(found)\n")
    }

    /// What `svn commit` says; nil when it goes through.
    private func commit(_ published: (identifier: String, entry: String)) async throws -> String? {
        let list = String(
            decoding: try await repository.content(of: "image_list.txt") ?? [], as: UTF8.self)
        let listed = list.lines.last ?? "any other"
        let log = try await repository.content(of: "image_list.changelog") ?? []
        let result = try await repository.commit([
            "image_list.txt": published.entry,
            "image_list.changelog": String(decoding: log, as: UTF8.self)
                + "# ada: \(published.identifier) is all there is now, without \(listed)\n",
        ])
        return result.status == 0 ? nil : result.output
    }

    private func expect(
        _ said: String?, _ text: String, _ location: SourceLocation = #_sourceLocation
    ) {
        #expect(said?.contains(text) == true, "\(said ?? "committed")", sourceLocation: location)
    }

    @Test("A clean image passes, compressed too")
    func clean() async throws {
        #expect(try await commit(try await publish(.clean)) == nil)
        #expect(try mirror.requests("image.qcow2").count == 1)
        let other = try await publish(.clean.on(.mbr), as: "image.qcow2.gz")
        let packed = try await run("gzip", ["-1", mirror.root.file("image.qcow2")])
        #expect(packed.status == 0, "\(packed.output)")
        let said = try await commit(other)
        #expect(said == nil, "\(said ?? "")")
    }

    @Test("A faulty one is refused, with the check's name; waivers count where both agree")
    func faulty() async throws {
        let image = GuestImage.clean.having(.swapPartition)
        expect(try await commit(try await publish(image)), "rule security-check: ")
        try configure("scan-waive = swap")
        let bare = try await commit(try await publish(image))
        expect(bare, "1 check fails: swap (medium)")
        let waived = try await publish(
            image, comment: "Waived security check swap: the batch system needs it")
        #expect(try await commit(waived) == nil)
        try configure()
        let again = try await publish(
            image.on(.mbr), comment: "Waived security check swap: the batch system needs it")
        expect(try await commit(again), "rule security-check: ")
    }

    @Test("What the mirror serves has to be the document's image")
    func otherImage() async throws {
        let published = try await publish(.clean)
        try await GuestImage.clean.having(.machineId).write(to: mirror.root.file("image.qcow2"))
        expect(try await commit(published), "rule other-image: ")
    }

    @Test("Trouble on the way is temporary; a place that is not allowed, or empty, is not")
    func places() async throws {
        let published = try await publish(.clean)
        try mirror.program("image.qcow2", .status(503), .truncate(1000), .plain)
        for _ in 0..<2 { expect(try await commit(published), "[temporary]") }
        #expect(try await commit(published) == nil)
        let gone = try await publish(.clean.on(.mbr), as: "gone.qcow2")
        expect(try await commit(gone), "rule image-missing: ")
        let other = try await HTTPServer()
        try mirror.program("led.qcow2", .redirect(other.url("x", host: "localhost")))
        let led = try await publish(.clean.on(.mbr), as: "led.qcow2")
        expect(try await commit(led), "rule image-location: ")
        #expect(try other.requests().isEmpty)
        for place in [
            "http://localhost:\(mirror.port)/image.qcow2", "file:///etc/passwd",
            "http://127.0.0.1@localhost/image.qcow2", "ftp://127.0.0.1/image.qcow2",
        ] {
            let elsewhere = try await publish(.clean.on(.mbr), location: place)
            expect(try await commit(elsewhere), "rule image-location: ")
        }
        try configure("scan-bytes-max = 1000")
        expect(try await commit(try await publish(.clean.on(.mbr))), "rule too-large: ")
    }

    @Test("A configuration that makes no sense decides nothing, nor does a missing one")
    func wrong() async throws {
        let published = try await publish(.clean)
        for (line, reason) in [
            ("scan = maybe", "must be yes or no"), ("scan-schemes = file", "http and https"),
            ("scan-hosts =", "needs its 'scan-hosts'"), ("scan-bytes-max = x", "are numbers"),
            ("scan-config = /nonexistent.yaml", "imprimatur scan ended with 78"),
        ] {
            try configure(line)
            let said = try await commit(published)
            expect(said, "[temporary]")
            expect(said, reason)
        }
    }
}

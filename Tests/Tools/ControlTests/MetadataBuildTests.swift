// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

@Suite("imprimatur metadata build", .timeLimit(.minutes(2)))
struct MetadataBuildTests {
    private let desk: MetadataDesk

    init() throws { desk = try MetadataDesk() }

    @Test("A compressed image is described by its uncompressed bytes")
    func compressed() async throws {
        try desk.folder.write(MetadataDesk.image, to: "disk.img")
        let gzip = try await run("gzip", ["--keep", "disk.img"], directory: desk.folder.path)
        #expect(gzip.status == 0)
        for (image, document) in [("disk.img", "plain.xml"), ("disk.img.gz", "gz.xml")] {
            let result = try await desk.metadata([
                "build", "--created", "2026-03-02T09:30:00Z", "--location", "http://example.org/d",
                "--output", document, image,
            ])
            #expect(result.status == 0 && result.output == "", "\(result.output)")
        }
        let compression = "<dcterms:compression>gz</dcterms:compression>"
        let text = try desk.text("gz.xml")
        #expect(text.contains(compression))
        #expect(text.contains("<dcterms:created>2026-03-02T09:30:00Z</dcterms:created>"))
        // 178 days later.
        #expect(text.contains("<dcterms:valid>2026-08-27T09:30:00Z</dcterms:valid>"))
        let plain = try desk.text("plain.xml")
        #expect(
            text.components(separatedBy: "\n").filter { !$0.contains("dcterms:compression") }
                == plain.components(separatedBy: "\n").filter {
                    !$0.contains("dcterms:compression")
                })
    }

    @Test("Any text is carried as it is")
    func escaping() async throws {
        let title = #"<b>"Grüße" & 日本</b> ]]> 'x'"#
        let document = try await desk.build("--title", title)
        #expect(
            try desk.text(document).contains(
                #"<dcterms:title>&lt;b&gt;"Grüße" &amp; 日本&lt;/b&gt; ]]&gt; 'x'</dcterms:title>"#))
    }

    @Test("Digests that are known are compared, unwanted ones left out")
    func digests() async throws {
        let sha1 = try await digest("sha1sum")
        let document = try await desk.build("--sha1", sha1, "--no-md5", "--no-sha512")
        let text = try desk.text(document)
        #expect(text.contains("SHA-1<") && text.contains("SHA-256<"))
        #expect(!text.contains("MD5<") && !text.contains("SHA-512<"))
        let other = String(repeating: "0", count: 40)
        let wrong = try await desk.metadata(["build", "-qq", "--sha1", other, "disk.img"])
        #expect(wrong.status == 1)
        #expect(wrong.output == "imprimatur: the image's SHA-1 is \(sha1), not \(other)\n")
        #expect(try documents() == [document])
    }

    private func digest(_ tool: String) async throws -> String {
        try desk.folder.write(MetadataDesk.image, to: "disk.img")
        let output = try await run(tool, ["disk.img"], directory: desk.folder.path).output
        return String(output.prefix { $0 != " " })
    }

    @Test("A missing location is a warning, and none with --quiet twice")
    func warning() async throws {
        try desk.folder.write(MetadataDesk.image, to: "disk.img")
        let warned = try await desk.metadata(["build", "disk.img"])
        #expect(warned.status == 0)
        #expect(warned.output.contains("[WARNING] Image physical location (URL) was not provided."))
        // As the old command counted.
        #expect(try await desk.metadata(["build", "-q", "disk.img"]).output == warned.output)
        let quiet = try await desk.metadata(["build", "-q", "-q", "disk.img"])
        #expect(quiet.status == 0 && quiet.output == "")
    }

    @Test(
        "What is wrong ends with 64 and is named",
        arguments: [
            (["absent.img"], "Image does not exist or cannot be read: absent.img"),
            ([], "Missing expected argument '<image>'"),
            (["--disks-bus", "floppy", "disk.img"], "Unknown disks bus type floppy"),
            (["--format", "vmdk", "disk.img"], "Unknown image format vmdk"),
            (["--compression", "gz", "disk.img"], "disk.img is not compressed with gz"),
            (["--compression", "rar", "disk.img"], "--compression must be"),
            (["--valid-days", "0", "disk.img"], "--valid-days must be 1 to 3650"),
            (["--created", "today", "disk.img"], "'today' is not a time"),
        ])
    func wrong(arguments: [String], reason: String) async throws {
        try desk.folder.write(MetadataDesk.image, to: "disk.img")
        let result = try await desk.metadata(["build", "--quiet"] + arguments)
        #expect(result.status == 64, "\(result.output)")
        #expect(result.output.contains(reason), "\(result.output)")
        #expect(try documents() == [])
    }

    private func documents() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: desk.folder.path)
            .filter { $0.hasSuffix(".xml") }
    }
}

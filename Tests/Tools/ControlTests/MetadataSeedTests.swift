// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

/// The procedure by which image managers published with StratusLab's client: the same commands with
/// the program's name changed.
@Suite("The procedure of stratus-*-metadata", .timeLimit(.minutes(2)))
struct MetadataSeedTests {
    @Test("build, edit, sign, validate: the same flags, file names and lines")
    func procedure() async throws {
        let desk = try MetadataDesk()
        try desk.folder.write(MetadataDesk.image, to: "cirros-0.3.4-x86_64-disk.img")
        let built = try await desk.metadata([
            "build", "--author=Vincent Legoll", "--os=cirros", "--os-version=0.3.4",
            "--os-arch=x86_64", "--title=CirrOS v0.3.4 for x86_64",
            "--location=http://download.cirros-cloud.net/0.3.4/cirros-0.3.4-x86_64-disk.img",
            "cirros-0.3.4-x86_64-disk.img",
        ])
        #expect(built.status == 0)
        #expect(built.output == "")
        let document = "cirros-0.3.4-x86_64-base-.xml"
        let text = try desk.text(document)
        for element in [
            "<dcterms:creator>Vincent Legoll</dcterms:creator>",
            "<slterms:os>cirros</slterms:os>", "<slterms:os-version>0.3.4</slterms:os-version>",
            "<slterms:os-arch>x86_64</slterms:os-arch>",
            "<dcterms:title>CirrOS v0.3.4 for x86_64</dcterms:title>",
            "<slreq:bytes>\(MetadataDesk.image.count)</slreq:bytes>",
            "<dcterms:type>base</dcterms:type>", "<dcterms:format>raw</dcterms:format>",
            "<slterms:disks-bus>ide</slterms:disks-bus>",
            "<dcterms:publisher>StratusLab</dcterms:publisher>",
        ] { #expect(text.contains(element), "\(element)") }
        try await expectDigests(in: text, of: "cirros-0.3.4-x86_64-disk.img", desk)

        // The procedure's third step: an editor.
        try desk.folder.write(
            text.replacing(
                /<dcterms:description\/>|<dcterms:description><\/dcterms:description>/,
                with: """
                    <dcterms:description>
                        Cloud testing image:
                        - minimal security (widely known password).
                    </dcterms:description>
                    """), to: document)
        #expect(try desk.text(document).contains("widely known password"))

        let endorser = try await MetadataDesk.endorser()
        let signature = try await desk.metadata(
            [
                "sign", "--p12-cert", endorser.pkcs12Path, "--output",
                "cirros-0.3.4-x86_64-base-.sign.xml", document,
            ], environment: ["IMPRIMATUR_P12_PASSWORD": endorser.password])
        #expect(signature.status == 0)
        #expect(
            signature.output
                == "Metadata file successfully signed: cirros-0.3.4-x86_64-base-.sign.xml\n")
        #expect(try desk.text(document).contains("widely known password"))
        #expect(!desk.exists(document + ".orig"))

        let valid = try await desk.validate("cirros-0.3.4-x86_64-base-.sign.xml")
        #expect(valid.status == 0)
        #expect(valid.output == "Valid: cirros-0.3.4-x86_64-base-.sign.xml\n")
        #expect(try await desk.xmlsec1("cirros-0.3.4-x86_64-base-.sign.xml").status == 0)

        try await expectUpload(of: "cirros-0.3.4-x86_64-base-.sign.xml", desk)
    }

    /// All four digests, as the system's tools compute them.
    private func expectDigests(
        in text: String, of image: String, _ desk: MetadataDesk
    ) async throws {
        for (tool, name) in [
            ("md5sum", "MD5"), ("sha1sum", "SHA-1"), ("sha256sum", "SHA-256"),
            ("sha512sum", "SHA-512"),
        ] {
            let output = try await run(tool, [image], directory: desk.folder.path).output
            let digest = output.prefix { $0 != " " }
            #expect(digest.count >= 32)
            #expect(text.contains("<slreq:algorithm>\(name)</slreq:algorithm>"))
            #expect(text.contains("<slreq:value>\(digest)</slreq:value>"), "\(name)")
        }
    }

    /// The endpoint that people gave ends in `metadata`.
    private func expectUpload(of document: String, _ desk: MetadataDesk) async throws {
        let server = try await HTTPServer()
        try server.program("marketplace%2Fmetadata", .status(201))
        let endpoint = server.url("marketplace/metadata")
        let upload = try await desk.metadata([
            "upload", "--marketplace-endpoint=\(endpoint)", document,
        ])
        #expect(upload.status == 0, "\(upload.output)")
        #expect(upload.output.hasPrefix(endpoint + "/"))
        #expect(upload.output.contains("/endorser@example.org/"))
        #expect(try server.requests("marketplace/metadata").map(\.method) == ["POST"])
    }

    @Test("The signed document takes the input's place, which is kept as .orig")
    func inPlace() async throws {
        let desk = try MetadataDesk()
        let document = try await desk.build()
        let unsigned = try desk.text(document)
        let endorser = try await MetadataDesk.endorser()
        let sign = ["sign"] + MetadataDesk.key(endorser) + [document]
        let result = try await desk.metadata(sign)
        #expect(result.status == 0)
        #expect(result.output == "Metadata file successfully signed: \(document)\n")
        #expect(try desk.text(document + ".orig") == unsigned)
        #expect(!desk.exists(document + ".new"))
        #expect(try await desk.validate(document).status == 0)
        // Once more, and an older .orig makes way, as it did for the old command.
        let signed = try desk.text(document)
        #expect(try await desk.metadata(sign).status == 0)
        #expect(try desk.text(document + ".orig") == signed)
        let files = try FileManager.default.contentsOfDirectory(atPath: desk.folder.path)
        #expect(files.sorted() == [document, document + ".orig", "disk.img"].sorted())
    }

    @Test("Nothing is lost when the original cannot be kept")
    func inPlaceFailure() async throws {
        let desk = try MetadataDesk()
        let document = try await desk.build()
        let unsigned = try desk.text(document)
        // A directory in the way cannot be replaced.
        try desk.folder.write("", to: document + ".orig/file")
        let endorser = try await MetadataDesk.endorser()
        let result = try await desk.metadata(["sign"] + MetadataDesk.key(endorser) + [document])
        #expect(result.status == 2, "\(result.output)")
        #expect(result.output.contains("\(document) cannot be replaced: "), "\(result.output)")
        #expect(try desk.text(document) == unsigned)
        #expect(!desk.exists(document + ".new") && !desk.exists(document + ".orig.new"))
    }
}

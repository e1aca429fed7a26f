// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

/// Every option of the five `stratus-*-metadata` commands of `stratuslab-client` 14.06.0, as their
/// `--help` lists them, is understood.
@Suite("Options of stratus-*-metadata", .timeLimit(.minutes(2)))
struct MetadataOptionTests {
    private let desk: MetadataDesk

    init() throws { desk = try MetadataDesk() }

    /// What all five have, but for `--help` and `--version`.
    private static let common = ["-v", "--verbose", "-vvv", "-q", "--quiet", "-qqq"].map { [$0] }
    /// What those have that sign or upload.
    private static let user = [
        ["-c", "user.cfg"], ["-cuser.cfg"], ["--config", "user.cfg"], ["--config=user.cfg"],
        ["-S", "other", "-c", "user.cfg"], ["-Sother", "-c", "user.cfg"],
        ["--user-config-section=other", "-c", "user.cfg"],
    ]

    private func writeConfiguration() throws {
        try desk.folder.write(
            "[default]\nendpoint_timeout = 5\n[other]\nname = \"x\"\n", to: "user.cfg")
    }

    @Test("build")
    func build() async throws {
        try desk.folder.write(MetadataDesk.image, to: "disk.img")
        var options = [
            ["--author", "A. N. Author"], ["--type=grid"], ["--kind", "disk"], ["--os", "cirros"],
            ["--os-version", "0.3"], ["--os-arch", "x86_64"], ["--image-version", "1.0"],
            ["--format", "qcow2"], ["--hypervisor", "xen"], ["--location", "http://example.org/d"],
            ["--compression", ""], ["--title", "A title"], ["--tag", "a tag"],
            ["--comment", "- what begins like an option"], ["--comment=--author"],
            ["--disks-bus", "virtio"], ["--no-md5"], ["--no-sha256"], ["--no-sha512"],
            ["--md5", ""], ["--location", ""],
        ]
        for (tool, option) in [
            ("md5sum", "--md5"), ("sha1sum", "--sha1"), ("sha256sum", "--sha256"),
            ("sha512sum", "--sha512"),
        ] {
            let output = try await run(tool, ["disk.img"], directory: desk.folder.path).output
            options.append([option, String(output.prefix { $0 != " " }).uppercased()])
        }
        for option in options + Self.common {
            let result = try await desk.metadata(["build"] + option + ["disk.img"])
            #expect(result.status == 0, "\(option): \(result.output)")
        }
        let title = try await desk.metadata(["build", "--title", "--os", "disk.img"])
        #expect(title.status == 0)
        #expect(try desk.text("---base-.xml").contains("<dcterms:title>--os</dcterms:title>"))
    }

    @Test("sign")
    func sign() async throws {
        let document = try await desk.build()
        try writeConfiguration()
        let endorser = try await MetadataDesk.endorser()
        let password = ["STRATUSLAB_P12_PASSWORD": endorser.password]
        let options = [
            ["--output", "out.xml"], ["--output=out.xml"], ["--email", "ada@example.org"],
        ]
        for option in options + Self.user + Self.common {
            let result = try await desk.metadata(
                ["sign", "--p12-cert", endorser.pkcs12Path] + option + [document],
                environment: password)
            #expect(result.status == 0, "\(option): \(result.output)")
        }
    }

    @Test("validate")
    func validate() async throws {
        let document = try await desk.signed()
        for option in Self.common {
            let result = try await desk.validate(option[0], document)
            #expect(result.status == 0, "\(option): \(result.output)")
        }
    }

    @Test("upload")
    func upload() async throws {
        let document = try await desk.signed()
        try writeConfiguration()
        let server = try await HTTPServer()
        let options = Self.user + Self.common
        try server.program("metadata", .status(201))
        for option in options {
            let result = try await desk.metadata(
                ["upload", "--marketplace-endpoint", server.url("")] + option + [document])
            #expect(result.status == 0, "\(option): \(result.output)")
        }
    }

    @Test("deprecate")
    func deprecate() async throws {
        let document = try await desk.signed()
        try writeConfiguration()
        let endorser = try await MetadataDesk.endorser()
        let options = [
            ["--marketplace-endpoint=http://127.0.0.1:1"], ["--email", "endorser@example.org"],
            ["--reason", "- too old"],
        ]
        for option in options + Self.user + Self.common {
            let result = try await desk.metadata(
                ["deprecate", "--file", document, "--output", "out.xml"]
                    + MetadataDesk.key(endorser) + option)
            #expect(result.status == 0, "\(option): \(result.output)")
        }
        // --created is about an entry of the marketplace: nobody answers here.
        let created = try await desk.metadata(
            [
                "deprecate", "--created", "2026-01-01T00:00:00Z", "--marketplace-endpoint",
                "http://127.0.0.1:1", String(repeating: "A", count: 27),
            ] + MetadataDesk.key(endorser))
        #expect(created.status == 2 && created.output.contains("Failed to download"))
    }

    @Test(
        "--version and --help, and passwords in the arguments, which are refused",
        arguments: ["build", "sign", "validate", "upload", "deprecate"])
    func common(_ command: String) async throws {
        let version = try await desk.metadata([command, "--version"])
        #expect(version.status == 0 && version.output.hasPrefix("imprimatur "))
        for option in ["-h", "--help"] {
            let help = try await desk.metadata([command, option])
            #expect(help.status == 0 && help.output.contains("USAGE: imprimatur metadata"))
        }
        let refused: [String] =
            switch command {
            case "sign": ["--p12-password"]
            case "upload": ["--password", "-p"]
            case "deprecate": ["--p12-password", "--password", "-p"]
            default: []
            }
        for option in refused {
            let result = try await desk.metadata([command, option, "s3cret", "file"])
            #expect(result.status == 64, "\(result.output)")
            #expect(result.output.contains("a password on the command line can be read by others"))
            #expect(!result.output.contains("s3cret"))
        }
    }

    @Test("Without an argument each says what is missing")
    func missing() async throws {
        for command in ["build", "sign", "validate", "upload", "deprecate"] {
            let result = try await desk.metadata([command])
            #expect(result.status == 64, "\(result.output)")
        }
    }
}

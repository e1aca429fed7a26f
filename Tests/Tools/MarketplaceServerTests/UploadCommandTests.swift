// SPDX-License-Identifier: Apache-2.0
import Foundation
import StratusLab
import TestSupport
import Testing

/// `imprimatur metadata upload` as a process, against the real marketplace.
@Suite(.timeLimit(.minutes(2)))
struct UploadCommandTests {
    private let folder: TemporaryDirectory

    init() throws { folder = try TemporaryDirectory() }

    private func upload(
        _ arguments: [String], _ environment: [String: String] = [:]
    ) async throws -> (status: Int32, output: String) {
        try await run(
            try builtProduct("imprimatur", "Control"), ["metadata", "upload"] + arguments,
            environment: environment)
    }

    @Test func itPrintsTheEntrysURL() async throws {
        let server = try await MarketplaceServer()
        let sample = try await Samples.document()
        let file = try folder.write(sample.bytes, to: "signed.xml")
        let endpoint = String(server.url.dropLast())
        let line =
            "\(endpoint)/metadata/\(sample.entry.identifier)/ada@example.org/"
            + "2026-01-01T00:00:00Z\n"
        let given = try await upload(["--marketplace-endpoint=\(endpoint)", file])
        #expect(given.status == 0)
        #expect(given.output == line)
        let fromEnvironment = try await upload(
            [file], ["STRATUSLAB_MARKETPLACE_ENDPOINT": endpoint])
        #expect(fromEnvironment.output == line)
        let found = try await Curl.get(
            line.trimmingCharacters(in: .newlines), accept: "application/xml")
        #expect(found.body == sample.bytes)
    }

    @Test func failuresSayWhy() async throws {
        let server = try await MarketplaceServer()
        let old = try await Samples.document(created: "2026-01-01T00:00:00Z")
        let new = try await Samples.document(created: "2026-01-02T00:00:00Z")
        _ = try await Curl.post(server.url + "metadata", new.bytes)
        let endpoint = "--marketplace-endpoint=\(server.url)"
        let refused = try await upload([endpoint, try folder.write(old.bytes, to: "old.xml")])
        #expect(refused.status == 1)
        #expect(
            refused.output
                == "imprimatur: Failed to upload: invalid metadata: older than latest entry\n")

        let unsigned = try MetadataDocument.build(try Samples.fields()).bytes
        let notSigned = try await upload(
            [endpoint, try folder.write(unsigned, to: "unsigned.xml")])
        #expect(notSigned.status == 1 && notSigned.output.contains("is not signed"))
        let file = try folder.write(new.bytes, to: "new.xml")
        #expect(try await upload([endpoint, folder.file("absent.xml")]).status == 64)
        #expect(try await upload([file], ["STRATUSLAB_MARKETPLACE_ENDPOINT": ""]).status == 64)
        #expect(try await upload([endpoint, "-u", "ada", file]).status == 64)
        let nobody = try await upload(["--marketplace-endpoint=http://127.0.0.1:1", file])
        #expect(nobody.status == 2 && nobody.output.contains("Failed to upload: no answer"))
    }

    @Test func aPasswordComesFromAFile() async throws {
        let server = try await HTTPServer()
        try server.program("metadata", .status(202))
        let sample = try await Samples.document()
        let result = try await upload([
            "--marketplace-endpoint", server.url(""), "-u", "ada", "--password-file",
            try folder.write("secret\n", to: "password"),
            try folder.write(sample.bytes, to: "signed.xml"),
        ])
        #expect(result.status == 0)
        #expect(result.output.contains("has to confirm the upload"))
        #expect(
            try server.requests("metadata").first?.headers["authorization"]
                == "Basic YWRhOnNlY3JldA==")
    }
}

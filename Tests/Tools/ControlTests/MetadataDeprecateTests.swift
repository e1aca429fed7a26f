// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

/// `imprimatur metadata deprecate` against the real marketplace.
@Suite("imprimatur metadata deprecate", .timeLimit(.minutes(3)))
struct MetadataDeprecateTests {
    private let desk: MetadataDesk

    init() throws { desk = try MetadataDesk() }

    /// The document is published; its image's identifier.
    private func publish(_ document: String, _ server: MarketplaceServer) async throws -> String {
        let upload = try await desk.metadata([
            "upload", "--marketplace-endpoint", server.url, document,
        ])
        guard upload.status == 0 else { throw NeverHappened(description: upload.output) }
        return upload.output.split(separator: "/").map(String.init).dropLast(2).last ?? ""
    }

    private func deprecate(
        _ server: MarketplaceServer, _ endorser: TestCertificates.Issued, _ arguments: [String]
    ) async throws -> (status: Int32, output: String) {
        try await desk.metadata(
            ["deprecate", "--marketplace-endpoint", server.url] + MetadataDesk.key(endorser)
                + arguments)
    }

    private func fetch(_ url: String) async throws -> (status: Int32, output: String) {
        try await run("curl", ["-s", "-f", "-H", "Accept: application/xml", url])
    }

    @Test("The newest entry is signed anew with the reason, and published")
    func newest() async throws {
        let server = try await MarketplaceServer()
        let endorser = try await MetadataDesk.endorser()
        let first = try await publish(
            try await desk.signed("--created", "2026-01-01T00:00:00Z"), server)
        let second = try await publish(
            try await desk.signed("--created", "2026-02-01T00:00:00Z"), server)
        #expect(first == second)
        let result = try await deprecate(
            server, endorser,
            ["--email", "endorser@example.org", "--reason", "CVE-2026-1 & <worse>", first])
        #expect(result.status == 0, "\(result.output)")
        let url = result.output.trimmingCharacters(in: .newlines)
        #expect(url.hasPrefix("\(server.url)metadata/\(first)/endorser@example.org/2026-"))
        let published = try await fetch(url)
        #expect(
            published.output.contains(
                "<slterms:deprecated>CVE-2026-1 &amp; &lt;worse&gt;</slterms:deprecated>"))
        #expect(published.output.contains("<slterms:os>cirros</slterms:os>"))
        try desk.folder.write(published.output, to: "deprecated.xml")
        let valid = try await desk.validate("deprecated.xml")
        #expect(valid.status == 0)
        #expect(valid.output.contains("  warning: slterms:deprecated: 'CVE-2026-1"))
        // It is no longer among the valid ones.
        let listing = "\(server.url)metadata/\(first)/endorser@example.org"
        #expect(try await fetch(listing).status != 0)
        #expect(try await fetch(listing + "?status=deprecated").status == 0)
        let again = try await deprecate(server, endorser, [first])
        #expect(again.status == 1)
        #expect(again.output.contains("the image is deprecated already: CVE-2026-1"))
    }

    @Test("An expired entry, and one named by its date; the reason has a default")
    func chosen() async throws {
        let server = try await MarketplaceServer()
        let endorser = try await MetadataDesk.endorser()
        let name = try await desk.build("--created", "2020-01-01T00:00:00Z")
        let signed = try await desk.metadata(
            ["sign", "--created", "2020-01-02T00:00:00Z"] + MetadataDesk.key(endorser) + [name])
        #expect(signed.status == 0)
        let identifier = try await publish(name, server)
        let wrong = try await deprecate(
            server, endorser, ["--created", "2020-01-03T00:00:00Z", identifier])
        #expect(wrong.status == 1)
        #expect(
            wrong.output.contains(
                "the marketplace has no entry for \(identifier) by endorser@example.org"))
        let newest = try await deprecate(
            server, endorser, ["--output", "newest.xml", identifier])
        #expect(newest.status == 0, "\(newest.output)")
        #expect(newest.output == "Metadata file successfully signed: newest.xml\n")
        let named = try await deprecate(
            server, endorser, ["-v", "--created", "2020-01-02T00:00:00Z", identifier])
        #expect(named.status == 0, "\(named.output)")
        #expect(named.output.contains("Deprecating \(server.url)metadata/\(identifier)/"))
        let text = try desk.text("newest.xml")
        #expect(text.contains(">This image has been deprecated</slterms:deprecated>"))
    }

    @Test("Nobody deprecates what somebody else endorsed")
    func foreign() async throws {
        let server = try await MarketplaceServer()
        let identifier = try await publish(try await desk.signed(), server)
        let authority = try await MetadataDesk.authority.value
        let other = try await authority.endorser("/CN=Other")
        let taken = try await deprecate(server, other, [identifier])
        #expect(taken.status == 1)
        #expect(taken.output.contains("only its endorser can deprecate the document"))
        let unknown = try await authority.endorser("/CN=Other", email: "other@example.org")
        let none = try await deprecate(server, unknown, [identifier])
        #expect(none.status == 1 && none.output.contains("has no entry for"))
        let elsewhere = try await deprecate(
            server, unknown, ["--email", "endorser@example.org", identifier])
        #expect(elsewhere.status == 1)
        #expect(elsewhere.output.contains("only its endorser can deprecate the document"))
    }

    @Test("A renewed certificate needs an authority that vouches for the former one")
    func renewed() async throws {
        let document = try await desk.signed()
        let authority = try await MetadataDesk.authority.value
        let renewed = try await authority.endorser()
        let deprecate =
            ["deprecate", "--file", document, "--output", "out.xml"] + MetadataDesk.key(renewed)
        let refused = try await desk.metadata(deprecate)
        #expect(refused.status == 1)
        #expect(refused.output.contains("another certificate of the same name signed"))
        let other = try await TestCertificates()
        let foreign = try await desk.metadata(deprecate + ["--ca", other.authorityPath])
        #expect(foreign.status == 1)
        #expect(foreign.output.contains("the document's endorser is not trusted"))
        let trusted = try await desk.metadata(deprecate + ["--ca", authority.authorityPath])
        #expect(trusted.status == 0, "\(trusted.output)")
    }

    @Test("Without a network: a file in, a file out, and nothing that was tampered with")
    func offline() async throws {
        let document = try await desk.signed()
        let endorser = try await MetadataDesk.endorser()
        let deprecate = ["deprecate", "--output", "out.xml"] + MetadataDesk.key(endorser)
        let result = try await desk.metadata(
            deprecate + ["--file", document, "--reason", "Old\u{2026} ünd <gone>"])
        #expect(result.status == 0, "\(result.output)")
        #expect(try desk.text("out.xml").contains(">Old\u{2026} ünd &lt;gone&gt;<"))
        #expect(try await desk.validate("out.xml").status == 0)
        #expect(try await desk.xmlsec1("out.xml").status == 0)
        let text = try desk.text(document)
        try desk.folder.write(text.replacing("cirros", with: "cirrus"), to: "forged.xml")
        for (arguments, status, reason) in [
            (["--file", "forged.xml"], 1, "the document to deprecate is invalid:"),
            (["--file", document + ".orig"], 1, "no signature"),
            (["--file", "absent.xml"], 64, "absent.xml"),
            (["--file", document, "--reason", ""], 64, "--reason must not be empty"),
            (["--file", document, "--reason", "\u{1}"], 64, "--reason: "),
            (["--file", document, "--created", "now"], 64, "exclude each other"),
            (["--file", document, String(repeating: "A", count: 27)], 1, "the document describes"),
            ([], 64, "Please specify an image ID"),
            (["../etc"], 64, "an image ID has 27 characters"),
            ([String(repeating: "A", count: 27)], 64, "name the marketplace"),
        ] as [([String], Int32, String)] {
            try? FileManager.default.removeItem(atPath: desk.folder.file("out.xml"))
            let result = try await desk.metadata(deprecate + arguments)
            #expect(result.status == status, "\(arguments): \(result.output)")
            #expect(result.output.contains(reason), "\(arguments): \(result.output)")
            #expect(!desk.exists("out.xml"))
        }
    }
}

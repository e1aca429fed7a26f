// SPDX-License-Identifier: Apache-2.0
import Events
import Foundation
import Signatures
import StratusLab
import TestSupport
import Testing

/// POST, as the protocol's table has it, against the real process.
@Suite(.timeLimit(.minutes(3)))
struct UploadTests {
    @Test(arguments: ["metadata", "metadata/", "metadata/a", "metadata/a/b/"])
    func aSignedDocumentIsPublishedByteForByte(path: String) async throws {
        let server = try await MarketplaceServer()
        let sample = try await Samples.document()
        let answer = try await Curl.post(server.url + path, sample.bytes)
        #expect(answer.status == 201)
        #expect(answer.text == "metadata entry created")
        #expect(answer.headers["location"] == server.url + sample.entry.path)

        let found = try await Curl.get(
            server.url + sample.entry.path, accept: "application/rdf+xml")
        #expect(found.status == 200)
        #expect(found.body == sample.bytes)
        #expect(found.headers["content-type"] == "application/rdf+xml")
        #expect(
            found.headers["content-disposition"]
                == "attachment; filename=\"\(sample.entry.identifier).xml\"")
    }

    @Test(arguments: ["application/xml", "application/rdf+xml; charset=utf-8", "text/xml"])
    func typesOfXMLAreTaken(type: String) async throws {
        let server = try await MarketplaceServer()
        let sample = try await Samples.document(profile: .modern)
        #expect(
            try await Curl.post(server.url + "metadata", sample.bytes, type: type).status == 201)
    }

    @Test func aFormsFirstFileIsTaken() async throws {
        let server = try await MarketplaceServer()
        let sample = try await Samples.document()
        let folder = try TemporaryDirectory()
        let file = try folder.write(sample.bytes, to: "x.xml")
        let answer = try await Curl.send(
            server.url + "metadata", ["-F", "comment=none", "-F", "file=@\(file)"])
        #expect(answer.status == 201)
        #expect(
            try await Curl.get(server.url + sample.entry.path, accept: "application/xml").body
                == sample.bytes)
    }

    @Test func refusalsHaveTheOriginalsTexts() async throws {
        let server = try await MarketplaceServer()
        let url = server.url + "metadata"
        let unsigned = try MetadataDocument.build(try Samples.fields()).bytes
        let sample = try await Samples.document()
        let text = String(decoding: sample.bytes, as: UTF8.self)
        let forged = Array(text.replacingOccurrences(of: "tiny", with: "evil").utf8)

        let noSignature = try await Curl.post(url, unsigned)
        #expect(noSignature.status == 400)
        #expect(
            noSignature.text == "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"no\"?>"
                + "<error>invalid metadata: no signature</error>")
        let invalid = try await Curl.post(url, forged)
        #expect(invalid.status == 400)
        #expect(invalid.text.contains("<error>invalid metadata: "))
        let nothing = try await Curl.post(url, [])
        #expect(nothing.status == 400 && nothing.text.contains("post with null entity"))
        let noFile = try await Curl.send(url, ["-F", "a=b", "-H", "Accept: application/xml"])
        #expect(noFile.status == 400 && noFile.text.contains("no valid file uploaded"))
        let noXML = try await Curl.post(url, Array("hello".utf8))
        #expect(noXML.status == 400 && noXML.text.contains("unable to parse metadata: "))
        #expect(try await Curl.post(url, sample.bytes, type: "text/plain").status == 415)
        #expect(try await Curl.get(url + "?status=all", accept: "text/html").text.contains("No im"))
    }

    @Test func onlyStrictlyOlderIsRefused() async throws {
        let server = try await MarketplaceServer()
        let url = server.url + "metadata"
        let old = try await Samples.document(created: "2026-01-01T00:00:00Z")
        let new = try await Samples.document(created: "2026-01-01T00:00:01Z")
        let other = try await Samples.document("other", created: "2025-01-01T00:00:00Z")
        let stranger = try await Samples.document(
            created: "2025-01-01T00:00:00Z", by: Samples.bob)
        let changed = try await Samples.document(created: "2026-01-01T00:00:01Z") {
            $0.title = "Another"
        }
        #expect(try await Curl.post(url, new.bytes).status == 201)
        #expect(try await Curl.post(url, new.bytes).status == 201)
        let refused = try await Curl.post(url, old.bytes)
        #expect(refused.status == 400)
        #expect(refused.text.contains("<error>invalid metadata: older than latest entry</error>"))
        // Another image, or another endorser, has a history of its own.
        #expect(try await Curl.post(url, other.bytes).status == 201)
        #expect(try await Curl.post(url, stranger.bytes).status == 201)
        // What is published does not change under its readers.
        #expect(try await Curl.post(url, changed.bytes).status == 400)
        #expect(
            try await Curl.get(server.url + new.entry.path, accept: "application/xml").body
                == new.bytes)
    }

    @Test func errorsFollowAccept() async throws {
        let server = try await MarketplaceServer()
        let unsigned = try MetadataDocument.build(try Samples.fields()).bytes
        let json = try await Curl.post(
            server.url + "metadata", unsigned, accept: "application/json")
        #expect(json.text == "{\"400\" : \"invalid metadata: no signature\"}")
        #expect(json.headers["content-type"] == "application/json")
        let html = try await Curl.post(server.url + "metadata", unsigned, accept: "text/html")
        #expect(html.headers["content-type"] == "text/html; charset=utf-8")
        #expect(html.text.contains("<p>invalid metadata: no signature</p>"))
        let none = try await Curl.get(server.url + "metadata/none", accept: "application/xml")
        #expect(none.status == 404)
        #expect(none.text.contains("<error>no metadata matching query found</error>"))
        let entry = try await Curl.get(
            server.url + "metadata/a/b@c/2026-01-01T00:00:00Z", accept: "application/xml")
        #expect(entry.status == 404)
        #expect(entry.text.contains("<error>metadata entry not found.\n</error>"))
    }

    @Test func aReplicaRefusesUploads() async throws {
        let server = try await MarketplaceServer(["--read-only"])
        let sample = try await Samples.document()
        let answer = try await Curl.post(server.url + "metadata", sample.bytes)
        #expect(answer.status == 403)
        #expect(answer.text.contains("<error>read-only repository</error>"))
        #expect(try await Curl.get(server.url + "metadata").status == 200)
    }

    @Test func theAllowListDecides() async throws {
        let folder = try TemporaryDirectory()
        let identity = try await Samples.ada.value
        let rules = [
            "sha256:" + identity.certificate.sha256.uppercased(), "Ada@example.org",
            identity.certificate.subject,
        ]
        let ada = try await Samples.document()
        let bob = try await Samples.document(by: Samples.bob)
        for rule in rules {
            let file = try folder.write("# friends\n\n  \(rule)  \n", to: "allow")
            let server = try await MarketplaceServer(["--endorser-allow", file])
            #expect(try await Curl.post(server.url + "metadata", ada.bytes).status == 201)
            let refused = try await Curl.post(server.url + "metadata", bob.bytes)
            #expect(refused.status == 400)
            #expect(refused.text.contains("invalid metadata: endorser not allowed"))
        }
    }

    @Test func tooManyUploadsAreAskedToWait() async throws {
        let server = try await MarketplaceServer(["--upload-rate-max", "1"])
        let sample = try await Samples.document()
        var statuses: [Int] = []
        // Two minutes may meet during the test: of four at most two are admitted.
        for _ in 0..<4 {
            let answer = try await Curl.post(server.url + "metadata", sample.bytes)
            statuses.append(answer.status)
            if answer.status == 429 { #expect(answer.headers["retry-after"] != nil) }
        }
        #expect(statuses.first == 201)
        #expect(statuses.count { $0 == 429 } >= 2)
    }

    @Test func theLocationNamesTheCallersURL() async throws {
        let server = try await MarketplaceServer()
        let sample = try await Samples.document()
        let proxied = try await Curl.post(
            server.url + "metadata", sample.bytes,
            ["-H", "Host: market.example.org", "-H", "X-Forwarded-Proto: https"])
        #expect(
            proxied.headers["location"] == "https://market.example.org/" + sample.entry.path)
        let forged = try await Curl.post(
            server.url + "metadata", sample.bytes, ["-H", "Host: a/\"><script>"])
        // Refused by the HTTP library, or answered with the server's own address.
        #expect(forged.status == 400 || forged.headers["location"]?.contains("script") == false)
        let fixed = try await MarketplaceServer(["--public-url", "https://market.example.org"])
        let answer = try await Curl.post(fixed.url + "metadata", sample.bytes)
        #expect(answer.headers["location"] == "https://market.example.org/" + sample.entry.path)
    }
}

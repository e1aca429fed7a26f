// SPDX-License-Identifier: Apache-2.0
import Foundation
import StratusLab
import TestSupport
import Testing

/// Bodies and requests made to do harm; after each the server still works.
@Suite(.timeLimit(.minutes(3)))
struct HostileInputTests {
    @Test func bodiesThatAreNotMetadataAreRefused() async throws {
        let server = try await MarketplaceServer()
        let sample = try await Samples.document()
        let text = String(decoding: sample.bytes, as: UTF8.self)
        let bomb = """
            <?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "xxxxxxxxxx"><!ENTITY y "&x;&x;&x;&x;">
            <!ENTITY z "&y;&y;&y;&y;">]><a>&z;</a>
            """
        let external = """
            <?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>
            """
        let deep = String(repeating: "<a>", count: 50_000)
        let latin = text.replacingOccurrences(of: "UTF-8", with: "ISO-8859-1")
        let bodies: [(String, [UInt8])] = [
            ("bomb", Array(bomb.utf8)), ("external", Array(external.utf8)),
            ("deep", Array(deep.utf8)), ("latin", Array(latin.utf8)),
            ("utf-16", Array(try #require(text.data(using: .utf16LittleEndian)))),
            ("zeros", [UInt8](repeating: 0, count: 100_000)),
            ("random", (0..<50_000).map { _ in UInt8.random(in: 0...255) }),
            ("truncated", Array(sample.bytes.dropLast(40))),
            ("two roots", sample.bytes + sample.bytes),
            ("wrapped", Array("<metadata>".utf8) + sample.bytes.dropFirst(39)),
            ("long text", Array("<a>\(String(repeating: "b", count: 900_000))</a>".utf8)),
        ]
        for (name, body) in bodies {
            let answer = try await Curl.post(server.url + "metadata", body)
            #expect(answer.status == 400, "\(name): \(answer.text.prefix(300))")
            #expect(!answer.text.contains("root:"), "\(name)")
        }
        #expect(try await Curl.post(server.url + "metadata", sample.bytes).status == 201)
    }

    @Test(arguments: [["-H", "Transfer-Encoding: chunked"], []])
    func hugeBodiesAreCutOff(arguments: [String]) async throws {
        let server = try await MarketplaceServer()
        let answer = try await Curl.post(
            server.url + "metadata", [UInt8](repeating: 0x20, count: 4 << 20), arguments)
        #expect(answer.status == 413)
        #expect(try await Curl.get(server.url + "health").status == 200)
    }

    @Test func brokenFormsAreRefused() async throws {
        let server = try await MarketplaceServer()
        let head = "Content-Disposition: form-data; name=\"f\"; filename=\"x\"\r\n\r\n"
        let bodies = [
            "", "--x", "--x\r\n", "--x--", "--x\r\n\(head)", "--x\r\n\(head)abc\r\n--y--",
            "--x\r\nContent-Disposition: form-data; name=\"f\"\r\n\r\nabc\r\n--x--",
            String(repeating: "--x\r\n", count: 50_000),
            "--x\r\n" + String(repeating: "A: b\r\n", count: 20_000) + "\r\nabc\r\n--x--",
        ]
        for type in ["multipart/form-data; boundary=x", "multipart/form-data"] {
            for body in bodies {
                let answer = try await Curl.post(
                    server.url + "metadata", Array(body.utf8), type: type)
                #expect(answer.status == 400, "\(body.prefix(40))")
                #expect(answer.text.contains("no valid file uploaded"))
            }
        }
    }

    @Test func oddPathsAndQueriesAreAnswered() async throws {
        let server = try await MarketplaceServer()
        for path in [
            "%ff", "%", "%2", "metadata/%00", "metadata/%2e%2e/%2e%2e/x",
            "metadata?iDisplayStart=-1&iDisplayLength=99999999999999999999",
            "metadata?iDisplayStart=0&iDisplayLength=1&iSortCol_0=99&sSortDir_0=;--",
            "metadata?&&&=&=%ff&a", "metadata?media=exe", "metadata/\u{20ac}/b",
            "metadata?sSearch=" + String(repeating: "a+", count: 2000),
            "endorsers/a'b@c?range=-1", "action/x/y/z",
        ] {
            let answer = try await Curl.send(server.url + path, ["--path-as-is"])
            #expect([200, 400, 404].contains(answer.status), "\(path): \(answer.status)")
        }
        #expect(server.count(" error ") == 0)
    }

    @Test func documentsCannotForgeLogLines() async throws {
        let server = try await MarketplaceServer()
        let body = "<a\n2026-01-01 info x: upload created/>"
        _ = try await Curl.post(server.url + "metadata", Array(body.utf8))
        _ = try await Curl.get(server.url + "metadata%0aupload%20created")
        #expect(
            !server.log.split(separator: "\n").contains { $0.hasPrefix("2026-01-01 info x") })
        #expect(server.count("upload refused") == 1)
    }
}

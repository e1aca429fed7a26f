// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing
import Transfer

@Suite("Small HTTP requests", .serialized, .timeLimit(.minutes(1)))
struct HTTPClientTests {
    /// What "/echo" answers.
    private struct Echo: Decodable {
        var method: String
        var headers: [String: String]
        var body: Data
    }

    private func client(
        redirectsMax: Int = 0, responseBytesMax: Int = 1 << 20, _ credentials: Credentials? = nil
    ) -> HTTPClient {
        HTTPClient(
            policy: TransferPolicy(
                schemes: [.http], allowsPrivateAddresses: true, redirectsMax: redirectsMax),
            responseBytesMax: responseBytesMax, credentials: credentials)
    }

    @Test(
        "Method, header fields and body reach the server",
        arguments: [
            (HTTPRequest.Method.get, 0), (.post, 0), (.post, 5_000_000), (.put, 10), (.patch, 10),
            (.delete, 0),
        ])
    func echo(method: HTTPRequest.Method, count: Int) async throws {
        let server = try await HTTPServer()
        let body = sampleBytes(count)
        let response = try await client(responseBytesMax: 16 << 20).send(
            HTTPRequest(
                method, server.url("echo"),
                headers: ["Content-Type": "application/xml", "X-Empty": ""], body: Array(body)))
        #expect(response.status == 200)
        #expect(response[header: "Content-Type"] == "application/json")
        let echo = try JSONDecoder().decode(Echo.self, from: Data(response.body))
        #expect(echo.method == method.rawValue)
        #expect(echo.headers["content-type"] == "application/xml")
        #expect(echo.headers["x-empty"] == "")
        #expect(echo.headers["expect"] == nil)
        #expect(echo.body == body)
    }

    @Test("HEAD brings the header fields alone")
    func head() async throws {
        let server = try await HTTPServer()
        try server.root.write("0123456789", to: "x")
        let response = try await client().send(HTTPRequest(.head, server.url("x")))
        #expect(response.status == 200)
        #expect(response[header: "content-length"] == "10")
        #expect(response.body.isEmpty)
    }

    @Test("Every status is a response, not an error")
    func statuses() async throws {
        let server = try await HTTPServer()
        for status in [201, 202, 302, 400, 403, 404, 500, 503] {
            try server.program("x", .status(status, ["Location": "/there", "Retry-After": "7"]))
            let response = try await client().send(HTTPRequest(.post, server.url("x")))
            #expect(response.status == status)
            #expect(response[header: "location"] == "/there")
            #expect(response.retryAfter == .seconds(7))
            #expect(String(decoding: response.body, as: UTF8.self) == "so it is told\n")
        }
    }

    @Test("Redirects are followed when allowed, without the caller's header fields and password")
    func redirect() async throws {
        let server = try await HTTPServer()
        let other = try await HTTPServer()
        try server.program("go", .redirect(other.url("echo")))
        let credentials = try Credentials(user: "ada", password: "secret")
        let response = try await client(redirectsMax: 1, credentials).send(
            HTTPRequest(.get, server.url("go"), headers: ["X-Token": "secret"]))
        #expect(response.url == other.url("echo"))
        let first = try #require(try server.requests().first)
        #expect(first.headers["authorization"] == "Basic YWRhOnNlY3JldA==")
        #expect(first.headers["x-token"] == "secret")
        let second = try #require(try other.requests().first)
        #expect(second.headers["authorization"] == nil)
        #expect(second.headers["x-token"] == nil)
        await #expect(throws: TransferError.tooManyRedirects(max: 1)) {
            try server.program("loop", .redirect("loop"))
            _ = try await client(redirectsMax: 1).send(HTTPRequest(.get, server.url("loop")))
        }
    }

    @Test("A response beyond the limit is an error")
    func tooLarge() async throws {
        let server = try await HTTPServer()
        try server.program("x", .with { $0.endless = 1 << 40 })
        await #expect(throws: TransferError.tooLarge(bytesMax: 1_000)) {
            try await client(responseBytesMax: 1_000).send(HTTPRequest(.get, server.url("x")))
        }
    }

    @Test("Header fields cannot be smuggled in")
    func injection() async throws {
        for headers in [
            ["X": "a\r\nY: b"], ["X\r\nY": "b"], ["": "b"], ["X Y": "b"], ["X": "a\u{0}"],
        ] {
            let error = await #expect(throws: TransferError.self) {
                try await client().send(
                    HTTPRequest(.get, "http://127.0.0.1:1/", headers: headers))
            }
            guard case .invalidRequest = error else {
                Issue.record("\(headers): \(String(describing: error))")
                continue
            }
        }
    }

    @Test("Private addresses are refused unless allowed")
    func privateAddress() async throws {
        let server = try await HTTPServer()
        await #expect(throws: TransferError.forbiddenAddress(host: "localhost")) {
            try await HTTPClient(policy: TransferPolicy()).send(
                HTTPRequest(.get, server.url("echo", host: "localhost")))
        }
    }

    @Test("A cancelled task's request ends although the server is silent")
    func cancelled() async throws {
        let server = try await HTTPServer()
        try server.root.write("0123456789", to: "x")
        try server.program("x", .with { $0.stall = 5 })
        let task = Task { try await client().send(HTTPRequest(.get, server.url("x"))) }
        task.cancel()
        await #expect(throws: TransferError.cancelled) { try await task.value }
    }

    @Test("A password is in no description")
    func hidden() throws {
        let credentials = try Credentials(user: "ada", password: "secret")
        var dumped = ""
        dump(credentials, to: &dumped)
        for text in ["\(credentials)", String(reflecting: credentials), dumped] {
            #expect(!text.contains("secret") && !text.contains("ada"))
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

@testable import Transfer

@Suite("Where a download may go", .serialized, .timeLimit(.minutes(2)))
struct DownloadPolicyTests {
    private func failure(
        _ url: String, _ change: (inout TransferPolicy) -> Void
    ) async throws -> TransferError? {
        let folder = try TemporaryDirectory()
        var download = DownloadFixture.download()
        download.reconnectsMax = 0
        change(&download.policy)
        do {
            _ = try await download.run(
                url, into: folder.file("x"), observer: RecordingObserver())
            return nil
        } catch {
            return error
        }
    }

    @Test("Loopback is refused by address, by name, and in every spelling of the address")
    func loopback() async throws {
        let server = try await HTTPServer()
        try server.root.write("x", to: "x")
        for host in ["127.0.0.1", "localhost", "0x7f.1", "2130706433", "[::ffff:127.0.0.1]"] {
            let error = try await failure(server.url("x", host: host)) {
                $0.allowsPrivateAddresses = false
            }
            guard case .forbiddenAddress = error else {
                Issue.record("\(host): \(String(describing: error))")
                continue
            }
            #expect(error?.isTransient == false)
        }
        #expect(try server.requests().isEmpty)
    }

    @Test("A redirect to loopback is refused although the first address was allowed")
    func redirectScheme() async throws {
        let server = try await HTTPServer()
        try server.root.write("x", to: "x")
        for target in ["file:///etc/passwd", "ftp://127.0.0.1/x", "gopher://127.0.0.1:70/x"] {
            try server.program("go", .redirect(target))
            let error = try await failure(server.url("go")) { _ in }
            #expect(error?.isTransient == false, "\(target)")
            switch error {
            case .forbiddenRedirect, .forbiddenScheme: break
            default: Issue.record("\(target): \(String(describing: error))")
            }
        }
    }

    @Test("Redirects keep to the list of hosts, and credentials in them are refused")
    func redirectHost() async throws {
        let server = try await HTTPServer()
        try server.root.write("x", to: "x")
        try server.program("go", .redirect(server.url("x", host: "localhost")))
        let error = try await failure(server.url("go")) { $0.hosts = ["127.0.0.1"] }
        #expect(error == .forbiddenHost("localhost"))
        let allowed = try await failure(server.url("go")) { $0.hosts = ["127.0.0.1", "localhost"] }
        #expect(allowed == nil)
        try server.program("go", .redirect("http://user:secret@127.0.0.1:\(server.port)/x"))
        #expect(try await failure(server.url("go")) { _ in } == .credentialsInURL)
    }

    @Test("A redirect loop ends at the limit; no redirect is followed when none is allowed")
    func redirectLoop() async throws {
        let server = try await HTTPServer()
        try server.program("a", .redirect(server.url("b")))
        try server.program("b", .redirect("a"))
        #expect(try await failure(server.url("a")) { _ in } == .tooManyRedirects(max: 3))
        #expect(try server.requests().count == 4)
        let none = try await failure(server.url("a")) { $0.redirectsMax = 0 }
        #expect(none == .tooManyRedirects(max: 0))
    }

    @Test("A redirect from https to http is not followed")
    func downgrade() async throws {
        let certificate = try await TestCertificates().server()
        let secure = try await HTTPServer(tls: certificate)
        let plain = try await HTTPServer()
        try plain.root.write("x", to: "x")
        try secure.program("go", .redirect(plain.url("x")))
        let error = try await failure(secure.url("go")) {
            $0.schemes = [.http, .https]
            $0.caFile = certificate.authorityPath
        }
        #expect(error == .forbiddenRedirect(reason: "it leads from https to http"))
    }

    @Test("TLS peers are verified: an unknown authority fails, a configured one works")
    func verification() async throws {
        let certificate = try await TestCertificates().server()
        let server = try await HTTPServer(tls: certificate)
        try server.root.write("x", to: "x")
        let unknown = try await failure(server.url("x")) { $0.schemes = [.https] }
        guard case .curl(60, _) = unknown else {
            Issue.record("\(String(describing: unknown))")
            return
        }
        let known = try await failure(server.url("x")) {
            $0.schemes = [.https]
            $0.caFile = certificate.authorityPath
        }
        #expect(known == nil)
    }

    @Test("A proxy of the environment is ignored, a configured one is used")
    func proxy() async throws {
        let server = try await HTTPServer()
        let proxy = try await HTTPServer()
        try server.root.write("x", to: "x")
        try proxy.root.write("x", to: "x")
        setenv("http_proxy", proxy.url(""), 1)
        defer { unsetenv("http_proxy") }
        #expect(try await failure(server.url("x")) { _ in } == nil)
        #expect(try proxy.requests().isEmpty)
        #expect(try await failure(server.url("x")) { $0.proxy = proxy.url("") } == nil)
        #expect(try proxy.requests().map(\.target) == [server.url("x")])
    }

    @Test(
        "URLs that are refused without a connection",
        arguments: [
            ("http://user:password@example.org/", TransferError.credentialsInURL),
            ("http://user@example.org/", .credentialsInURL),
            ("gopher://example.org/", .forbiddenScheme("gopher")),
            ("https://example.org/", .forbiddenScheme("https")),
            ("file:///etc/passwd", .forbiddenScheme("file")),
        ])
    func refused(url: String, error: TransferError) async throws {
        #expect(try await failure(url) { _ in } == error)
    }

    @Test(
        "Texts that are no URLs",
        arguments: [
            "", "example.org/x", "http://", "http://exa mple.org/",
            "http://example.org/\r\nHost: x",
            "http://example.org\\@evil.org/", "http://ex\u{e4}mple.org/",
            "http://example.org:99999/",
            "http://example.org/" + String(repeating: "x", count: 2_048),
        ])
    func malformed(url: String) async throws {
        let error = try await failure(url) { _ in }
        guard case .invalidURL = error else {
            Issue.record("\(url): \(String(describing: error))")
            return
        }
    }

    @Test("A wildcard allows names below, and only those")
    func wildcard() throws {
        var policy = TransferPolicy(schemes: [.http])
        policy.hosts = ["*.example.org", "one.example.net"]
        for host in ["a.example.org", "a.b.EXAMPLE.org", "a.example.org.", "one.example.net"] {
            try TransferURL("http://\(host)/").check(policy)
        }
        for host in ["example.org", "badexample.org", "two.example.net", "one.example.net.evil"] {
            #expect(throws: TransferError.self) {
                try TransferURL("http://\(host)/").check(policy)
            }
        }
    }
}

@Suite("Addresses on the public Internet")
struct AddressRulesTests {
    @Test(
        "IPv4",
        arguments: [
            ([8, 8, 8, 8], true), ([172, 15, 255, 255], true), ([172, 32, 0, 0], true),
            ([100, 63, 255, 255], true), ([100, 128, 0, 0], true), ([223, 255, 255, 255], true),
            ([0, 0, 0, 0], false), ([10, 1, 2, 3], false), ([100, 64, 0, 1], false),
            ([127, 0, 0, 1], false), ([127, 255, 255, 255], false), ([169, 254, 169, 254], false),
            ([172, 16, 0, 1], false), ([172, 31, 255, 255], false), ([192, 168, 1, 1], false),
            ([192, 0, 0, 8], false), ([198, 19, 0, 1], false), ([224, 0, 0, 1], false),
            ([240, 0, 0, 1], false), ([255, 255, 255, 255], false),
        ] as [([UInt8], Bool)])
    func ipv4(address: [UInt8], isPublic: Bool) {
        #expect(AddressRules.isPublic(ipv4: address) == isPublic)
    }

    @Test(
        "IPv6",
        arguments: [
            ("2606:4700::1111", true), ("2001:4860:4860::8888", true), ("::ffff:8.8.8.8", true),
            ("64:ff9b::808:808", true), ("::", false), ("::1", false), ("::ffff:127.0.0.1", false),
            ("::ffff:10.0.0.1", false), ("::127.0.0.1", false), ("64:ff9b::7f00:1", false),
            ("fe80::1", false), ("fec0::1", false), ("fc00::1", false), ("fd12::1", false),
            ("ff02::1", false), ("2001:db8::1", false), ("2001::1", false),
            ("2002:7f00:1::", false),
            ("64:ff9b:1::1", false),
        ])
    func ipv6(text: String, isPublic: Bool) throws {
        var address = in6_addr()
        try #require(inet_pton(AF_INET6, text, &address) == 1)
        let bytes = withUnsafeBytes(of: &address) { Array($0) }
        #expect(AddressRules.isPublic(ipv6: bytes) == isPublic)
    }
}

// SPDX-License-Identifier: Apache-2.0
import Foundation
import Signatures
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(3))) struct TrustAnchorsTests {
    /// A root, an authority below it, an endorser certified by that.
    private struct Chain: Sendable {
        let root: TestAuthority
        let middle: TestAuthority
        let endorser: String
        let certificate: Certificate

        init() async throws {
            root = try await TestAuthority("Root")
            middle = try await TestAuthority("Middle", by: root)
            endorser = try await middle.issue("/O=Example/CN=Endorser")
            certificate = try TrustAnchorsTests.certificate(endorser)
        }
    }

    private static let chain = Task { try await Chain() }
    private var now: Int64 { Int64(Date().timeIntervalSince1970) }

    private static func certificate(_ path: String) throws -> Certificate {
        try #require(try Certificate.read(pemPath: path).first)
    }

    private func cause(
        _ anchors: TrustAnchors, _ certificate: Certificate, at seconds: Int64? = nil
    ) -> UntrustedReason.Cause? {
        switch anchors.judge(certificate, at: seconds ?? now) {
        case .trusted: nil
        case .untrusted(let reason): reason.cause
        }
    }

    @Test func followsTheChain() async throws {
        let chain = try await Self.chain.value
        let anchors = try TrustAnchors(paths: [
            chain.root.certificatePath, chain.middle.certificatePath,
        ])
        #expect(!anchors.checksRevocation)
        guard case .trusted(let found) = anchors.judge(chain.certificate, at: now) else {
            Issue.record("not trusted")
            return
        }
        #expect(
            found.map(\.subject) == [
                "CN=Endorser,O=Example", "CN=Middle,DC=example,DC=org",
                "CN=Root,DC=example,DC=org",
            ])
        #expect(found.first == chain.certificate)
    }

    @Test func tellsTimeAndIssuer() async throws {
        let chain = try await Self.chain.value
        let all = try TrustAnchors(paths: [
            chain.root.certificatePath, chain.middle.certificatePath,
        ])
        let (start, end) = (chain.certificate.notBefore, chain.certificate.notAfter)
        #expect(cause(all, chain.certificate, at: end - 1) == nil)
        #expect(cause(all, chain.certificate, at: end + 60) == .expired)
        #expect(cause(all, chain.certificate, at: start - 3600) == .notYetValid)
        for path in [chain.root.certificatePath, chain.middle.certificatePath] {
            let part = try TrustAnchors(paths: [path])
            #expect(cause(part, chain.certificate) == .unknownIssuer, "only \(path)")
        }
        let other = try await TestAuthority("Root")
        let namesake = try TrustAnchors(paths: [
            other.certificatePath, chain.middle.certificatePath,
        ])
        #expect(cause(namesake, chain.certificate) != nil)
        guard case .untrusted(let reason) = all.judge(chain.certificate, at: end + 60) else {
            return
        }
        #expect("\(reason)" == "certificate has expired: CN=Endorser,O=Example")
    }

    /// An authority of the same name, with another key: it did not sign.
    @Test func checksSignatures() async throws {
        let chain = try await Self.chain.value
        let namesake = try await TestAuthority("Middle", by: chain.root)
        let anchors = try TrustAnchors(paths: [
            chain.root.certificatePath, namesake.certificatePath,
        ])
        let found = cause(anchors, chain.certificate)
        #expect(found == .badSignature || found == .unknownIssuer)
        var der = chain.certificate.der
        der[der.count - 1] ^= 1
        let all = try TrustAnchors(paths: [
            chain.root.certificatePath, chain.middle.certificatePath,
        ])
        #expect(cause(all, try Certificate(der: der)) == .badSignature)
    }

    @Test func revocationListsAreRequiredOfAll() async throws {
        let chain = try await Self.chain.value
        let paths = [chain.root.certificatePath, chain.middle.certificatePath]
        let rootList = try await chain.root.revocationList()
        let empty = try await chain.middle.revocationList(isDER: true)
        let whole = try TrustAnchors(paths: paths, crlPaths: [rootList, empty])
        #expect(whole.checksRevocation)
        #expect(cause(whole, chain.certificate) == nil)
        #expect(cause(whole, chain.certificate, at: now + 90_000) == .revocationListExpired)
        #expect(cause(whole, chain.certificate, at: now - 200) != nil)
        let half = try TrustAnchors(paths: paths, crlPaths: [empty])
        #expect(cause(half, chain.certificate) == .noRevocationList)

        let revoking = try await chain.middle.revocationList(revoking: [chain.endorser])
        let anchors = try TrustAnchors(paths: paths, crlPaths: [rootList, revoking])
        #expect(cause(anchors, chain.certificate) == .revoked)
        let revokingMiddle = try await chain.root.revocationList(
            revoking: [chain.middle.certificatePath])
        let above = try TrustAnchors(paths: paths, crlPaths: [revokingMiddle, empty])
        guard case .untrusted(let reason) = above.judge(chain.certificate, at: now) else {
            Issue.record("a revoked authority is trusted")
            return
        }
        #expect(reason.cause == .revoked && reason.subject == "CN=Middle,DC=example,DC=org")
    }

    /// A list by an authority of the same name, with another key.
    @Test func checksSignaturesOfRevocationLists() async throws {
        let chain = try await Self.chain.value
        let namesake = try await TestAuthority("Middle", by: chain.root)
        let anchors = try TrustAnchors(
            paths: [chain.root.certificatePath, chain.middle.certificatePath],
            crlPaths: [
                try await chain.root.revocationList(), try await namesake.revocationList(),
            ])
        let found = cause(anchors, chain.certificate)
        #expect(found == .invalidRevocationList || found == .noRevocationList)
    }

    @Test func checksWhatAuthoritiesMayDo() async throws {
        let root = try await TestAuthority(
            "Root",
            extensions: [
                "basicConstraints=critical,CA:TRUE,pathlen:0",
                "keyUsage=critical,keyCertSign,cRLSign",
            ])
        let direct = try Self.certificate(try await root.issue("/CN=direct"))
        let below = try await TestAuthority("Below", by: root)
        let anchors = try TrustAnchors(paths: [root.certificatePath, below.certificatePath])
        #expect(cause(anchors, direct) == nil)
        #expect(
            cause(anchors, try Self.certificate(try await below.issue("/CN=x"))) == .notAnAuthority)

        let usual = try await TestAuthority("Usual")
        for extensions in [
            ["basicConstraints=CA:FALSE"],
            ["basicConstraints=critical,CA:TRUE", "keyUsage=critical,digitalSignature"],
        ] {
            let nobody = try await TestAuthority("Nobody", by: usual, extensions: extensions)
            let made = try Self.certificate(try await nobody.issue("/CN=x"))
            let anchors = try TrustAnchors(paths: [usual.certificatePath, nobody.certificatePath])
            let found = cause(anchors, made)
            #expect(found == .notAnAuthority || found == .unknownIssuer, "\(extensions)")
        }
    }

    @Test func checksWhatTheEndorserMayDo() async throws {
        let root = try await TestAuthority("Root")
        let anchors = try TrustAnchors(paths: [root.certificatePath])
        func judged(_ extensions: [String], _ digest: String = "sha256", bits: Int = 2048)
            async throws -> UntrustedReason.Cause?
        {
            cause(
                anchors,
                try Self.certificate(
                    try await root.issue(
                        "/CN=x", extensions: extensions, digest: digest, bits: bits)))
        }
        #expect(try await judged(["keyUsage=critical,digitalSignature"]) == nil)
        #expect(try await judged(["keyUsage=nonRepudiation"]) == nil)
        #expect(try await judged(["keyUsage=keyEncipherment"]) == .notForSigning)
        #expect(try await judged(["extendedKeyUsage=clientAuth"]) == nil)
        #expect(try await judged(["1.2.3.4=critical,ASN1:NULL"]) == .other)
        #expect(
            try await judged(["proxyCertInfo=critical,language:id-ppl-anyLanguage"])
                == .notForSigning)
        #expect(try await judged(["basicConstraints=CA:FALSE"], "sha1") == .weakAlgorithm)
        #expect(try await judged(["basicConstraints=CA:FALSE"], bits: 512) == .weakAlgorithm)
    }

    @Test func anEndorsersOwnCertificateMayBeTheAnchor() async throws {
        let own = try await TestAuthority("Own", extensions: ["basicConstraints=CA:FALSE"])
        let certificate = try Self.certificate(own.certificatePath)
        #expect(cause(try TrustAnchors(paths: [own.certificatePath]), certificate) == nil)
        let chain = try await Self.chain.value
        let others = try TrustAnchors(paths: [chain.root.certificatePath])
        #expect(cause(others, certificate) == .unknownIssuer)
    }

    /// As IGTF lays them out: links by hash, lists, and files of other kinds.
    @Test func readsDirectories() async throws {
        let chain = try await Self.chain.value
        let folder = try TemporaryDirectory()
        func copy(_ path: String, _ name: String) throws {
            try FileManager.default.copyItem(atPath: path, toPath: folder.file(name))
        }
        try copy(chain.root.certificatePath, "Root.pem")
        try copy(chain.middle.certificatePath, "Middle.pem")
        for name in ["Root", "Middle"] {
            try FileManager.default.createSymbolicLink(
                atPath: folder.file("\(name == "Root" ? "5f2d" : "77aa")0001.0"),
                withDestinationPath: "\(name).pem")
            try folder.write("access_id_CA X509 '/CN=x'\n", to: "\(name).signing_policy")
            try folder.write(
                "TO Issuer \"/CN=x\" PERMIT Subject \".*\"\n", to: "\(name).namespaces")
            try folder.write("http://example.org/crl\n", to: "\(name).crl_url")
            try folder.write("alias = x\n", to: "\(name).info")
        }
        let without = try TrustAnchors(paths: [folder.path])
        #expect(!without.checksRevocation && cause(without, chain.certificate) == nil)
        try copy(try await chain.root.revocationList(), "5f2d0001.r0")
        try copy(try await chain.middle.revocationList(isDER: true), "77aa0001.r0")
        let with = try TrustAnchors(paths: [folder.path])
        #expect(with.checksRevocation && cause(with, chain.certificate) == nil)
        let split = try TrustAnchors(
            paths: [chain.root.certificatePath, chain.middle.certificatePath],
            crlPaths: [folder.path])
        #expect(split.checksRevocation && cause(split, chain.certificate) == nil)
        try folder.write("-----BEGIN CERTIFICATE-----\nxx\n", to: "broken.pem")
        #expect(throws: SignaturesError.self) { try TrustAnchors(paths: [folder.path]) }
    }

    @Test func tellsWhatIsNotThere() async throws {
        let chain = try await Self.chain.value
        let folder = try TemporaryDirectory()
        let text = try folder.write("nothing", to: "text")
        func reason(_ paths: [String], _ lists: [String] = []) -> String {
            do {
                _ = try TrustAnchors(paths: paths, crlPaths: lists)
                return "none"
            } catch {
                return "\(error)"
            }
        }
        #expect(reason(["/nonexistent"]).hasSuffix("No such file or directory"))
        #expect(reason([folder.path]) == "cannot read '\(folder.path)': holds no certificate")
        #expect(reason([text]).hasPrefix("cannot read '\(text)': "))
        let root = chain.root.certificatePath
        #expect(
            reason([root], [root])
                == "cannot read '\(root)': holds no certificate revocation list")
        let list = try await chain.root.revocationList()
        #expect(reason([list]) == "cannot read '\(list)': holds no certificate")
    }

    @Test func manyTasksMayAsk() async throws {
        let chain = try await Self.chain.value
        let anchors = try TrustAnchors(
            paths: [chain.root.certificatePath, chain.middle.certificatePath],
            crlPaths: [
                try await chain.root.revocationList(), try await chain.middle.revocationList(),
            ])
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<64 { group.addTask { cause(anchors, chain.certificate) == nil } }
            for await isTrusted in group { #expect(isTrusted) }
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

/// What is verified, scanned and waived on the way to the list, through real processes.
@Suite(.serialized, .timeLimit(.minutes(10))) struct SafetyTests {
    private let source: SourceImages
    private let deployment: Deployment
    private let room: SigningRoom

    init() async throws {
        source = try await SourceImages()
        room = try await SigningRoom("Example Linux (41) <release@example.org>")
        let certificates = try await TestCertificates()
        deployment = try await Deployment(
            endorser: try await certificates.endorser(), marketplacePort: try freePort(),
            verifier: [
                "keyrings: [127.0.0.1=\(room.keyring)]", "require-signature: [127.0.0.1]",
            ])
    }

    /// An image with a checksum file as Fedora publishes it.
    private func signed(
        _ name: String, guest: GuestImage = .clean, sections: String = "",
        locations: [String] = []
    ) async throws -> SourceImages.Image {
        let image = try await source.make(
            name, folder: deployment.folder, guest: guest,
            sections: "requireSignature: true\n" + sections, locations: locations)
        let checksum = """
            # \(image.file): \(image.size) bytes
            SHA256 (\(image.file)) = \(image.sha256)

            """
        let file = try await room.clearsigned(checksum)
        try source.server.root.write(file, to: "\(image.file).SHA256SUMS")
        return image
    }

    @Test func onlyWhatIsSignedIsPublished() async throws {
        try deployment.startAll()
        let image = try await signed("alpha")
        let file = try String(
            contentsOfFile: source.server.root.file("\(image.file).SHA256SUMS"), encoding: .utf8)
        let shape = """
            -----BEGIN PGP SIGNED MESSAGE-----
            Hash: SHA256

            # \(image.file): \(image.size) bytes
            SHA256 (\(image.file)) = \(image.sha256)
            -----BEGIN PGP SIGNATURE-----

            """
        #expect(file.hasPrefix(shape), "as Fedora's and Rocky's: \(file)")
        try await deployment.imprimatur([
            "publish", image.request, "--publication", image.publication, "--wait",
        ])
        let whence = try await provenance(image.publication).text
        #expect(whence.contains("Example Linux (41) <release@example.org>"), "\(whence)")
        #expect(try await deployment.listed().count == 1)

        // The same file, unsigned, and with a digest that nobody signed.
        let other = try await source.make("beta", folder: deployment.folder)
        let refused = try await deployment.imprimatur(
            ["publish", other.request, "--wait"], expecting: 1)
        #expect(refused.contains("verifier") && refused.contains("signature"), "\(refused)")
        let forged = file.replacing(image.sha256, with: other.sha256).replacing(
            image.file, with: other.file)
        try source.server.root.write(forged, to: "\(other.file).SHA256SUMS")
        let bad = try await deployment.imprimatur(
            ["publish", other.request, "--wait"], expecting: 1)
        #expect(bad.contains("verifier") && bad.contains("signature"), "\(bad)")
        #expect(try await deployment.listed().count == 1)
    }

    /// Found, rejected, reported; then published all the same, for a reason that everybody reads.
    @Test func whatTheScannerFindsIsWaivedInPublicOrNotAtAll() async throws {
        try deployment.startAll()
        let guest = GuestImage.clean.having(.rootAuthorizedKey)
        let image = try await signed("gamma", guest: guest)
        let refused = try await deployment.imprimatur(
            ["publish", image.request, "--publication", image.publication, "--wait"],
            expecting: 1)
        #expect(refused.contains("scan-failed") && refused.contains("authorized-keys"))
        #expect(try await deployment.listed().isEmpty)
        let report = try await deployment.imprimatur(
            ["report", image.publication], expecting: 4)
        #expect(report.contains("/root/.ssh/authorized_keys"), "\(report)")

        let reason = "the build farm's key, for <24h> & no longer"
        let waiver = "Waived security check authorized-keys: \(reason)"
        let waived = try await signed(
            "gamma", guest: guest,
            sections: """
                waivers:
                  - check: authorized-keys
                    reason: "\(reason)"
                """)
        try await deployment.imprimatur(["publish", waived.request, "--wait=notified"])
        let documents = try await deployment.documents()
        #expect(documents.count == 1)
        for document in documents.values {
            #expect(try await deployment.validate(document, name: "gamma").hasPrefix("Valid: "))
            let escaped = waiver.replacing("&", with: "&amp;").replacing("<", with: "&lt;")
                .replacing(">", with: "&gt;")
            #expect(document.contains(escaped))
        }
        let changelog = try await deployment.changelog()
        #expect(changelog.contains(" waived=authorized-keys:%20the%20build%20farm's%20key,"))
        #expect(try await deployment.list().contains("# waived: authorized-keys: \(reason)\n"))
        try await eventually { try deployment.mail.mails().count == 1 }
        // Long lines are folded (RFC 2045, section 6.7).
        let mail = try #require(try deployment.mail.mails().first).text.replacing("=\r\n", with: "")
        #expect(mail.contains("    \(waiver)\r\n"), "\(mail)")
        try await checkSite(reason)
    }

    private func checkSite(_ reason: String) async throws {
        let messages = try await deployment.siteMessages()
        let event = try #require(
            try messages.first.map { try JSONSerialization.jsonObject(with: $0) } as? [String: Any])
        let list = (event["data"] as? [String: Any])?["list"] as? [String: Any]
        let added = try #require(list?["added"] as? [[String: Any]])
        let waivers = try #require(added.first?["waivers"] as? [[String: String]])
        #expect(waivers == [["check": "authorized-keys", "reason": reason]])
    }

    /// What is listed, signed and vouched for is the modified image, not the one that was fetched.
    @Test func aModifiedImageIsPublishedByItsOwnDigests() async throws {
        // An emulated machine that shares its processors takes its time.
        let appliance = ["IMPRIMATUR_MODIFIER_APPLIANCE": try DissectTools.appliance()]
        for stage in Deployment.stages {
            try deployment.start(stage, environment: stage == "modifier" ? appliance : [:])
        }
        let place = "https://images.example.org/epsilon.qcow2"
        let image = try await signed(
            "epsilon", guest: .clean.having(.passwordHash, .machineId),
            sections: """
                modifications:
                  - write: {path: /etc/motd, content: "Welcome, whoever you are.\\n"}
                  - password: {user: operator, locked: true}
                  - sysprep: {operations: [machine-id]}
                """, locations: [place])
        try await deployment.imprimatur(
            ["publish", image.request, "--publication", image.publication, "--wait"],
            timeout: .seconds(480))
        let identifier = try #require(try await deployment.listed().first)
        let document = try #require(try await deployment.documents().values.first)
        #expect(document.contains("<slterms:location>\(place)</slterms:location>"))
        #expect(!document.contains(image.sha256))
        let (sha256, provenance) = try await provenance(identifier)
        #expect(sha256 != image.sha256 && document.contains(">\(sha256)<"))
        #expect(provenance.contains(image.sha256), "what it was made of")

        let store = deployment.folder.file("store")
        let blob = try #require(
            try FileManager.default.subpathsOfDirectory(atPath: store).first {
                $0.hasSuffix("/\(sha256)") && !$0.contains("pins/")
            })
        let sums = try await succeed("sha1sum", ["\(store)/\(blob)"])
        #expect(document.contains(">\(sums.prefix(40))<"))
        let raw = deployment.folder.file("epsilon.raw")
        try await succeed("qemu-img", ["convert", "-O", "raw", "\(store)/\(blob)", raw])
        // GPT's first partition begins at 1 MiB.
        let motd = try await succeed(
            "debugfs", ["-R", "cat /etc/motd", "\(raw)?offset=1048576"])
        #expect(motd.contains("Welcome, whoever you are.\n"), "\(motd)")
    }

    /// The image's SHA-256 in its provenance, and that as text.
    private func provenance(_ id: String) async throws -> (sha256: String, text: String) {
        let text = try await deployment.imprimatur([
            "provenance", id, "--keys", deployment.publicKeys,
        ])
        let statement = try #require(
            try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        #expect(statement["predicateType"] as? String == "https://slsa.dev/provenance/v1")
        let subjects = try #require(statement["subject"] as? [[String: Any]])
        let digests = subjects.compactMap { $0["digest"] as? [String: String] }
        return (try #require(digests.compactMap { $0["sha256"] }.first), text)
    }

    /// Who vouches for an image, checked by other keys than the signer's copy.
    @Test func theProvenanceOfAnImageIsAttested() async throws {
        try deployment.startAll()
        let image = try await signed("delta")
        try await deployment.imprimatur([
            "publish", image.request, "--publication", image.publication, "--wait",
        ])
        let identifier = try #require(try await deployment.listed().first)
        for id in [image.publication, identifier] {
            #expect(try await provenance(id).sha256 == image.sha256)
        }
        let strangers = try await AttestationKeyFiles()
        let refused = try await deployment.imprimatur(
            ["provenance", identifier, "--keys", strangers.publicDirectory], expecting: 1)
        #expect(refused.contains("not attested"))
    }
}

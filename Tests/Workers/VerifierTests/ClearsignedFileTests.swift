// SPDX-License-Identifier: Apache-2.0
import Events
import Foundation
import PipelineTesting
import TestSupport
import Testing

@testable import VerifierWorker

@Suite("Clearsigned checksum files", .timeLimit(.minutes(5)))
struct ClearsignedFileTests {
    private let fixture: VerifierFixture
    private let room: KeyRoom

    init() async throws {
        fixture = try VerifierFixture()
        room = try await KeyRoom.shared.value
    }

    private static let sha256 = Fixture.blob(of: Fixture.imageBytes).sha256

    /// As Fedora and Rocky publish them.
    private static let checksum = """
        # \(Fixture.fileName): 65536 bytes
        SHA256 (\(Fixture.fileName)) = \(sha256)
        - a line with a dash
        -----a line with dashes

        """

    /// What tells the entries apart is their lines, whatever the comments say.
    @Test("Fedora's CHECKSUM, to the letter")
    func fedora() async throws {
        let other = "Fedora-Cloud-Base-AmazonEC2-41-1.4.x86_64.raw.xz"
        let digest = String(repeating: "b", count: 64)
        let text = """
            # \(other): 351474204 bytes
            SHA256 (\(other)) = \(digest)
            # \(Fixture.fileName): 65536 bytes
            SHA256 (\(Fixture.fileName)) = \(Self.sha256)

            """
        let signed = try await room.sign(
            Array(text.utf8), .rob, how: "--clearsign", options: ["--digest-algo", "SHA256"])
        let file = String(decoding: signed, as: UTF8.self)
        let head = "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n"
        let signature = "-----BEGIN PGP SIGNATURE-----\n\n"
        #expect(file.hasPrefix(head + text + signature), "\(file)")
        #expect(file.hasSuffix("\n-----END PGP SIGNATURE-----\n"))
        let event = try await fixture.signed(signed, nil, demands: true)
        let keyrings = "\(SignedSample.host)=\(try await room.keys(.rob))"
        let evidence = try await fixture.verified(event, ["verifier.keyrings": keyrings]).evidence
        #expect(evidence.map(\.line) == [7] && evidence.map(\.value) == [Self.sha256])
        #expect(evidence[0].signature?.signer == KeyRoom.Signer.rob.userID)
    }

    private func clearsigned(_ text: String = checksum) async throws -> String {
        String(
            decoding: try await room.sign(Array(text.utf8), .ada, how: "--clearsign"),
            as: UTF8.self)
    }

    private func settings() async throws -> [String: String] {
        ["verifier.keyrings": "\(SignedSample.host)=\(try await room.keys(.ada))"]
    }

    @Test("What is signed counts, by the file's own line numbers")
    func good() async throws {
        let file = try await clearsigned()
        #expect(file.contains("- -----a line"))
        for text in [file, "\n\n" + file + "\n\n"] {
            let event = try await fixture.signed(Array(text.utf8), nil, demands: true)
            let evidence = try await fixture.verified(event, try await settings()).evidence
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
            let line = try #require(lines.firstIndex { $0.hasPrefix("SHA256 (") }) + 1
            #expect(evidence.map(\.line) == [line])
            #expect(evidence[0].signature?.signer == KeyRoom.Signer.ada.userID)
        }
    }

    @Test("Line ends of another system make no difference")
    func carriageReturns() async throws {
        let file = try await clearsigned().replacingOccurrences(of: "\n", with: "\r\n")
        let event = try await fixture.signed(Array(file.utf8), nil, demands: true)
        let evidence = try await fixture.verified(event, try await settings()).evidence
        #expect(evidence.map(\.algorithm) == [.sha256])
    }

    @Test("Text that is not signed never counts, with keys or without")
    func outside() async throws {
        let other = try await clearsigned("# nothing of interest\n")
        let line = "\(Self.sha256)  \(Fixture.fileName)\n"
        let files = [
            line + other, other + line, other + other, "\u{feff}" + other,
            other.replacingOccurrences(of: "Hash: ", with: "X: \(line)Hash: "),
            other.replacingOccurrences(
                of: "Hash: ", with: "NotDashEscaped: You need GnuPG\nHash: "),
            other.replacingOccurrences(of: "# nothing", with: "# \u{0} nothing"),
            other.replacingOccurrences(of: "# nothing", with: "# \u{c} nothing"),
            other.replacingOccurrences(of: "# nothing", with: "-\(line)# nothing"),
            other.replacingOccurrences(
                of: "# nothing", with: String(repeating: "x", count: 30_000) + line),
            String(other.prefix(100)), other.replacingOccurrences(of: "-----END", with: "----END"),
        ]
        for (index, file) in files.enumerated() {
            let event = try await fixture.signed(Array(file.utf8), nil)
            for settings in [[:], try await settings()] {
                let rule = try await fixture.rejection(event, settings).rule
                #expect(rule == "checksum-file-invalid", "file \(index): \(rule)")
            }
        }
        // A line in the header's place is text of the message to some, and a header to others.
        let inHeader = other.replacingOccurrences(of: "\n\n# nothing", with: "\n\(line)\n# nothing")
        let event = try await fixture.signed(Array(inHeader.utf8), nil)
        #expect(try await fixture.rejection(event).rule == "checksum-file-invalid")
    }

    @Test("A changed text is refused, demanded or not")
    func changed() async throws {
        let line = "\(Self.sha256)  \(Fixture.fileName)"
        let other = try await clearsigned("# nothing of interest\n")
        let file = other.replacingOccurrences(of: "# nothing", with: "\(line)\n# nothing")
        let event = try await fixture.signed(Array(file.utf8), nil)
        let rejection = try await fixture.rejection(event, try await settings())
        #expect(rejection.rule == "signature-bad")
        #expect(rejection.message.contains(KeyRoom.Signer.ada.userID))
    }

    @Test("Without a key only what is inside counts, and the signature is noted")
    func unchecked() async throws {
        let file = try await clearsigned()
        let event = try await fixture.signed(Array(file.utf8), nil)
        let evidence = try await fixture.verified(event).evidence
        #expect(evidence.map(\.uncheckedSignature) == [.openpgp])
        let demanded = try await fixture.signed(Array(file.utf8), nil, demands: true)
        #expect(try await fixture.rejection(demanded).rule == "signature-unchecked")
    }

    @Test("A detached signature of a clearsigned file is judged beside its own")
    func both() async throws {
        let file = Array(try await clearsigned().utf8)
        let good = try await room.sign(file, .ada)
        let event = try await fixture.signed(file, good, demands: true)
        _ = try await fixture.verified(event, try await settings())
        let bad = try await fixture.signed(file, try await room.sign(SignedSample.sums, .ada))
        #expect(try await fixture.rejection(bad, try await settings()).rule == "signature-bad")
    }
}

// SPDX-License-Identifier: Apache-2.0
import Events
import Foundation
import Signatures
import TestSupport
import Testing

@testable import Attestation

@Suite("DSSE envelopes", .timeLimit(.minutes(1))) struct EnvelopeTests {
    private let folder: TemporaryDirectory
    private let keys: AttestationKeyFiles

    init() async throws {
        folder = try TemporaryDirectory()
        keys = try await AttestationKeyFiles.shared
    }

    private func privateKey(_ stage: String = "verifier") throws -> Ed25519PrivateKey {
        try Ed25519PrivateKey(pemPath: "\(keys.privateDirectory)/\(stage).key")
    }

    private func publicKeys(_ stage: String = "verifier") throws -> [Ed25519PublicKey] {
        try Ed25519PublicKey.read(pemPath: "\(keys.publicDirectory)/\(stage).pub")
    }

    @Test("Pre-authentication encoding is the protocol's own example") func encoding() {
        let bytes = DSSEEnvelope.preAuthentication(
            type: "http://example.com/HelloWorld", body: Array("hello world".utf8))
        #expect(
            String(decoding: bytes, as: UTF8.self)
                == "DSSEv1 29 http://example.com/HelloWorld 11 hello world")
        #expect(
            DSSEEnvelope.preAuthentication(type: "é", body: []) == Array("DSSEv1 2 é 0 ".utf8))
    }

    @Test("What is signed is found again, by the key's other half only") func roundTrip() throws {
        let body = Array("{}".utf8)
        let envelope = try DSSEEnvelope(signing: body, type: "x/y", with: try privateKey())
        #expect(try envelope.payload(signedByOneOf: try publicKeys()) == body)
        #expect(try envelope.payload(signedByOneOf: try publicKeys("scanner")) == nil)
        #expect(try envelope.payload(signedByOneOf: []) == nil)
        #expect(
            try envelope.payload(
                signedByOneOf: try publicKeys("scanner") + publicKeys()) == body)
        let again = try DSSEEnvelope(signing: body, type: "x/y", with: try privateKey())
        #expect(again == envelope, "Ed25519 has no randomness")
        var other = envelope
        other.payloadType = "x/z"
        #expect(try other.payload(signedByOneOf: try publicKeys()) == nil)
        other = envelope
        other.payload = Data("{ }".utf8).base64EncodedString()
        #expect(try other.payload(signedByOneOf: try publicKeys()) == nil)
        other = envelope
        other.signatures[0].keyid = nil
        #expect(try other.payload(signedByOneOf: try publicKeys()) == body, "only a hint")
    }

    @Test("Malformed envelopes have no payload") func malformed() throws {
        let envelope = try DSSEEnvelope(
            signing: Array("{}".utf8), type: "x/y", with: try privateKey())
        for change: (inout DSSEEnvelope) -> Void in [
            { $0.signatures = [] }, { $0.payload += "*" }, { $0.payload += "\n" },
            { $0.signatures[0].sig = "" }, { $0.signatures[0].sig += "AAAA" },
            { $0.signatures = Array(repeating: $0.signatures[0], count: 9) },
        ] {
            var other = envelope
            change(&other)
            #expect(try other.payload(signedByOneOf: try publicKeys()) == nil)
        }
        var several = envelope
        several.signatures.insert(.init(sig: "AAAA"), at: 0)
        #expect(try several.payload(signedByOneOf: try publicKeys()) != nil)
        let urlSafe = try DSSEEnvelope(
            signing: [0xFB, 0xFF, 0xBF], type: "x/y", with: try privateKey())
        var translated = urlSafe
        #expect(urlSafe.payload == "+/+/")
        translated.payload = "-_-_"
        #expect(try translated.payload(signedByOneOf: try publicKeys()) == [0xFB, 0xFF, 0xBF])
    }

    /// The encoding is put together once more, by another hand and in another language, and the
    /// signature is judged by the command.
    @Test("openssl and Python find the signature good, and the key's identifier right")
    func independent() async throws {
        let envelope = try DSSEEnvelope(
            signing: Array(#"{"a":"ü"}"#.utf8), type: StageStatement.payloadType,
            with: try privateKey())
        let json = try folder.write(
            String(decoding: try JSONEncoder().encode(envelope), as: UTF8.self), to: "envelope")
        let script = """
            import base64, json, sys
            folder, envelope = sys.argv[1], json.load(open(sys.argv[2]))
            kind = envelope["payloadType"].encode()
            body = base64.b64decode(envelope["payload"], validate=True)
            pae = b" ".join([b"DSSEv1", b"%d" % len(kind), kind, b"%d" % len(body), body])
            open(folder + "/message", "wb").write(pae)
            [one] = envelope["signatures"]
            open(folder + "/signature", "wb").write(base64.b64decode(one["sig"], validate=True))
            print(one["keyid"], end="")
            """
        let python = try await run("python3", ["-c", script, folder.path, json])
        try #require(python.status == 0, "\(python.output)")
        let key = "\(keys.publicDirectory)/verifier.pub"
        func judged(by key: String) async throws -> (status: Int32, output: String) {
            try await run(
                "openssl",
                [
                    "pkeyutl", "-verify", "-rawin", "-pubin", "-inkey", key, "-in",
                    folder.file("message"), "-sigfile", folder.file("signature"),
                ])
        }
        let good = try await judged(by: key)
        #expect(good.status == 0, "\(good.output)")
        #expect(try await judged(by: "\(keys.publicDirectory)/scanner.pub").status != 0)
        let der = folder.file("der")
        _ = try await run(
            "openssl", ["pkey", "-pubin", "-in", key, "-outform", "DER", "-out", der])
        let digest = try await run("sha256sum", [der])
        #expect(digest.output.hasPrefix(python.output) && python.output.count == 64)
    }

    // MARK: Key files

    @Test("A private key that everybody may read or write is refused")
    func exposed() throws {
        let path = folder.file("fetcher.key")
        try FileManager.default.copyItem(
            atPath: "\(keys.privateDirectory)/fetcher.key", toPath: path)
        for mode in [0o644, 0o604, 0o602, 0o777] {
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
            #expect(throws: SignaturesError.exposedFile(path: path)) {
                try Ed25519PrivateKey(pemPath: path)
            }
        }
        for mode in [0o600, 0o400, 0o640] {
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
            #expect(throws: Never.self) { try Ed25519PrivateKey(pemPath: path) }
        }
    }

    @Test("Other keys, encrypted ones and other files are refused, without asking anybody")
    func foreign() async throws {
        let plain = "\(keys.privateDirectory)/fetcher.key"
        let files = [
            "rsa": ["genpkey", "-algorithm", "rsa", "-pkeyopt", "rsa_keygen_bits:2048"],
            "ed448": ["genpkey", "-algorithm", "ed448"],
            "encrypted": [
                "pkcs8", "-topk8", "-in", plain, "-passout", "pass:secret",
            ],
            "public": ["pkey", "-in", plain, "-pubout"],
        ]
        for (name, arguments) in files {
            let path = folder.file(name)
            let made = try await run("openssl", arguments + ["-out", path])
            try #require(made.status == 0, "\(made.output)")
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
            #expect(throws: SignaturesError.self) { try Ed25519PrivateKey(pemPath: path) }
            if name != "public" {
                #expect(throws: SignaturesError.self) { try Ed25519PublicKey.read(pemPath: path) }
            }
        }
        for text in ["", "hello", "-----BEGIN PUBLIC KEY-----\n", "-----BEGIN PRIVATE KEY-----\n"] {
            let path = try folder.write(text, to: "text")
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
            #expect(throws: SignaturesError.self) { try Ed25519PrivateKey(pemPath: path) }
            #expect(throws: SignaturesError.self) { try Ed25519PublicKey.read(pemPath: path) }
        }
    }

    @Test("Several public keys in a file; none for two stages; none missing")
    func directory() async throws {
        let own = try await AttestationKeyFiles()
        let path = own.publicDirectory
        let old = try String(contentsOfFile: "\(path)/scanner.pub", encoding: .utf8)
        let retired = try Ed25519PrivateKey(pemPath: "\(own.privateDirectory)/scanner.key")
        try await own.make("scanner")
        let new = try String(contentsOfFile: "\(path)/scanner.pub", encoding: .utf8)
        func set(_ text: String, _ stage: String) throws {
            try text.write(toFile: "\(path)/\(stage).pub", atomically: true, encoding: .utf8)
        }
        try set(new + "# until 2027\n" + old, "scanner")
        let both = try AttestationKeys(directory: path)
        #expect(both[.scanner].count == 2 && both[.scanner].contains(retired.publicKey))
        #expect(both[.uploader] == [])
        try set(old, "verifier")
        #expect(
            throws: AttestationError.sharedKey("\(path)/verifier.pub", "\(path)/scanner.pub")
        ) { try AttestationKeys(directory: path) }
        try FileManager.default.removeItem(atPath: "\(path)/verifier.pub")
        let error = #expect(throws: AttestationError.self) { try AttestationKeys(directory: path) }
        #expect("\(error as Any)".contains("verifier.pub"))
    }
}

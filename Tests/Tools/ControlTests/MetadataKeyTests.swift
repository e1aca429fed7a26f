// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

/// Keys that are no PKCS#12 file.
@Suite("Keys of imprimatur metadata sign", .timeLimit(.minutes(2)))
struct MetadataKeyTests {
    private let desk: MetadataDesk

    init() throws { desk = try MetadataDesk() }

    @Test("A certificate and a key in PEM, the key encrypted or not")
    func pem() async throws {
        let document = try await desk.build()
        let endorser = try await MetadataDesk.endorser()
        let encrypted = desk.folder.file("encrypted.pem")
        let made = try await run(
            "openssl",
            [
                "pkcs8", "-topk8", "-in", endorser.keyPath, "-out", encrypted, "-passout",
                "file:" + endorser.passwordPath,
            ])
        #expect(made.status == 0, "\(made.output)")
        let sign = ["sign", "--output", "out.xml", "--cert", endorser.certificatePath, "--key"]
        let password = ["IMPRIMATUR_KEY_PASSWORD": endorser.password]
        for (arguments, environment) in [
            ([endorser.keyPath], [:]), ([encrypted], password),
            ([encrypted, "--key-password-file", endorser.passwordPath], [:]),
        ] {
            let result = try await desk.metadata(
                sign + arguments + [document], environment: environment)
            #expect(result.status == 0, "\(result.output)")
            #expect(try await desk.validate("out.xml").status == 0)
        }
        let none = try await desk.metadata(sign + [encrypted, document])
        #expect(none.status == 64)
        #expect(none.output.contains("no password: give --key-password-file"))
        let wrong = try await desk.metadata(
            sign + [encrypted, document], environment: ["IMPRIMATUR_KEY_PASSWORD": "gu3ssed"])
        #expect(wrong.status == 1)
        #expect(wrong.output.contains("password") && !wrong.output.contains("gu3ssed"))
    }

    @Test("A key on a token, its certificate there or in a file")
    func token() async throws {
        let document = try await desk.build()
        let endorser = try await MetadataDesk.endorser()
        let token = try await SoftToken(
            in: desk.folder, keys: [("endorser", endorser), ("bare", endorser)],
            withCertificates: ["endorser"])
        let pin = try desk.folder.write(token.pin + "\n", to: "pin")
        let sign = ["sign", "--output", "out.xml", "--pkcs11-uri"]
        let variable = token.environment.merging(["IMPRIMATUR_PIN": token.pin]) { $1 }
        for (arguments, environment) in [
            ([token.uri("endorser"), "--pin-file", pin], token.environment),
            ([token.uri("endorser")], variable),
            ([token.uri("bare"), "--cert", endorser.certificatePath], variable),
        ] {
            let result = try await desk.metadata(
                sign + arguments + [document], environment: environment)
            #expect(result.status == 0, "\(result.output)")
            #expect(try await desk.validate("out.xml").status == 0)
        }
        let wrong = try await desk.metadata(
            sign + [token.uri("endorser"), document],
            environment: token.environment.merging(["IMPRIMATUR_PIN": "9999"]) { $1 })
        #expect(wrong.status == 1)
        #expect(wrong.output.hasPrefix("imprimatur: \(token.uri("endorser")): "))
        #expect(!wrong.output.contains("9999"))
    }

    @Test("Keys that contradict each other are refused")
    func contradictions() async throws {
        let document = try await desk.build()
        let endorser = try await MetadataDesk.endorser()
        let other = try await MetadataDesk.authority.value.endorser("/CN=Other")
        for (arguments, status, reason) in [
            (["--key", endorser.keyPath], 64, "--key needs --cert"),
            (["--cert", endorser.certificatePath], 64, "--cert needs --key or --pkcs11-uri"),
            (
                ["--p12-cert", "a", "--key", "b", "--cert", "c"], 64,
                "give one of --p12-cert, --key and --pkcs11-uri"
            ),
            (["--pkcs11-uri", "pkcs11:token=a?pin-value=1234"], 64, "a PIN on the command line"),
            (["--pkcs11-uri", "pkcs11:token=a"], 64, "no PIN: give --pin-file"),
            (["--cert", "absent", "--key", "absent"], 64, "'absent' cannot be read"),
            (
                ["--cert", other.certificatePath, "--key", endorser.keyPath], 1,
                endorser.keyPath
            ),
        ] as [([String], Int32, String)] {
            let result = try await desk.metadata(["sign"] + arguments + [document])
            #expect(result.status == status, "\(result.output)")
            #expect(result.output.contains(reason), "\(result.output)")
            #expect(!result.output.contains("1234"))
        }
    }
}

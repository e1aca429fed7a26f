// SPDX-License-Identifier: Apache-2.0
import Foundation
import Signatures
import TestSupport
import Testing

/// Key files as they are in the field, some written by Java itself.
@Suite(.timeLimit(.minutes(4))) struct KeyFileTests {
    private static let made = Task {
        let certificates = try await TestCertificates()
        var issued: [TestCertificates.Issued] = []
        for index in 0..<5 {
            issued.append(try await certificates.endorser("/O=Example/CN=Endorser \(index)"))
        }
        return (certificates, issued)
    }

    private func failure(_ source: SigningKeySource) -> SignaturesError? {
        do {
            _ = try SigningIdentity(source)
            return nil
        } catch {
            return error
        }
    }

    private func openssl(_ arguments: [String]) async throws {
        let (status, output) = try await run("openssl", arguments)
        try #require(status == 0, "\(output)")
    }

    /// Aliases of all kinds, some of them twice in one file.
    @Test func takesTheKeyThatTheReferenceTakes() async throws {
        let issued = try await Self.made.value.1
        let folder = try TemporaryDirectory()
        let names = [
            "a", "b", "c", "1", "2", "endorser", "Endorser 2", "MIXED Case", "härter", "日本",
            "key-0",
            "key-1", "key-2", "robot", "my certificate", "", "zz", "0", "Aa", "BB", "\u{1F511}",
        ]
        var stores: [JavaReference.FactsRequest] = []
        var questions: [JavaReference.FactsRequest] = []
        for number in 0..<48 {
            let count = [2, 3, 5, 14][number % 4]
            let entries = (0..<count).map { index in
                let name = names[(number * 5 + index * (1 + number % 3)) % names.count]
                return (
                    source: issued[(number + index) % issued.count],
                    alias: count > 5 ? "\(name)-\(index)" : name
                )
            }
            let path = folder.file("\(number).p12")
            stores.append(.write(path: path, password: "secret \(number)", entries: entries))
            questions.append(.key(pkcs12Path: path, password: "secret \(number)"))
        }
        let answers = try await JavaReference.instance().facts(stores + questions)
        for number in 0..<48 {
            let java = try #require(answers[48 + number])
            let ours = try SigningIdentity(
                .pkcs12(path: folder.file("\(number).p12"), password: "secret \(number)"))
            #expect(ours.certificate.subject == java.subject, "file \(number)")
        }
    }

    @Test func takesTheKeyWithTheAlias() async throws {
        let issued = try await Self.made.value.1
        let folder = try TemporaryDirectory()
        let path = folder.file("several.p12")
        _ = try await JavaReference.instance().facts([
            .write(
                path: path, password: "pw",
                entries: [(issued[0], "first"), (issued[1], "Second"), (issued[2], "third")])
        ])
        for (alias, name) in [("first", "0"), ("SECOND", "1"), ("third", "2")] {
            let identity = try SigningIdentity(.pkcs12(path: path, password: "pw", alias: alias))
            #expect(identity.certificate.subject == "CN=Endorser \(name),O=Example")
        }
        #expect(
            failure(.pkcs12(path: path, password: "pw", alias: "nobody")) == .noSuchAlias("nobody"))
    }

    /// Attributes in every combination that makes Java choose: identifiers, aliases, neither.
    @Test func findsKeyAndCertificateAsJavaDoes() async throws {
        let issued = try await Self.made.value.1
        let folder = try TemporaryDirectory()
        func entry(
            _ index: Int, id: String? = nil, alias: String? = nil, hasKey: Bool = true,
            hasCertificate: Bool = true
        ) -> CraftedPKCS12.Entry {
            CraftedPKCS12.Entry(
                key: hasKey ? issued[index].keyPath : nil,
                certificate: hasCertificate ? issued[index].certificatePath : nil, keyID: id,
                alias: alias)
        }
        let files: [[CraftedPKCS12.Entry]] = [
            [entry(0)], [entry(1, alias: "x")], [entry(2, id: "1")],
            [entry(0, id: "a"), entry(1, id: "b")], [entry(0, id: "a"), entry(1)],
            [entry(0, alias: "x"), entry(1, alias: "y")],
            [
                entry(0, id: "a", alias: "same"), entry(1, id: "b", alias: "SAME"),
                entry(2, id: "c"),
            ],
            [entry(2, id: "c"), entry(0, id: "a", alias: "2"), entry(1, id: "b")],
            [
                entry(3, hasCertificate: false), entry(0, hasKey: false), entry(3, hasKey: false),
                entry(4, id: "a", alias: "last"),
            ],
            [entry(0, id: "same", alias: "x"), entry(1, id: "same", alias: "y")],
            [entry(3, id: "k", hasKey: false), entry(3, id: "k", hasCertificate: false)],
            [
                entry(4, id: "k", alias: "c", hasKey: false), entry(4, id: "k", alias: "K"),
                entry(1),
            ],
        ]
        var questions: [JavaReference.FactsRequest] = []
        for (number, entries) in files.enumerated() {
            let path = folder.file("\(number).p12")
            try await CraftedPKCS12.write(entries, to: path, password: "pw")
            questions.append(.key(pkcs12Path: path, password: "pw"))
        }
        let answers = try await JavaReference.instance().facts(questions)
        #expect(answers.count(where: { $0 != nil }) > files.count / 2)
        for number in files.indices {
            guard let java = answers[number] else { continue }
            let ours = try SigningIdentity(
                .pkcs12(path: folder.file("\(number).p12"), password: "pw"))
            #expect(ours.certificate.subject == java.subject, "file \(number)")
        }
    }

    /// Files of the openssl command, in every way it knows to protect them or not.
    @Test(arguments: [
        ["-keypbe", "NONE", "-certpbe", "NONE"], ["-keypbe", "NONE", "-certpbe", "NONE", "-nomac"],
        ["-nomac"], ["-legacy", "-nomac"], ["-legacy", "-descert"], ["-macalg", "sha512"],
        ["-keypbe", "AES-128-CBC", "-certpbe", "AES-192-CBC", "-macalg", "sha384"],
        ["-legacy", "-keypbe", "PBE-SHA1-RC2-40", "-certpbe", "PBE-SHA1-RC4-128"],
        ["-certfile", "ca"], ["-noiter", "-nomaciter"], ["-CSP", "Some Provider", "-LMK"],
    ])
    func readsFilesOfOpenSSL(_ flags: [String]) async throws {
        let (certificates, all) = try await Self.made.value
        let issued = all[3]
        let folder = try TemporaryDirectory()
        for password in ["top secret", "", "pässwörd", "пароль€"] {
            let path = folder.file("file.p12")
            try await openssl(
                [
                    "pkcs12", "-export", "-inkey", issued.keyPath, "-in", issued.certificatePath,
                    "-out", path, "-passout", "pass:" + password,
                ] + flags.map { $0 == "ca" ? certificates.authorityPath : $0 })
            let identity = try SigningIdentity(.pkcs12(path: path, password: password))
            #expect(identity.certificate.subject == "CN=Endorser 3,O=Example")
            guard flags != ["-keypbe", "NONE", "-certpbe", "NONE", "-nomac"] else { continue }
            #expect(failure(.pkcs12(path: path, password: "wrong")) == .wrongPassword)
        }
    }

    /// Programs turned passwords outside ASCII into bytes in several ways.
    @Test func readsPasswordsHoweverSpelt() async throws {
        let issued = try await Self.made.value.1[4]
        let folder = try TemporaryDirectory()
        let latin = folder.file("latin")
        try Data("p\u{E4}ssw\u{F6}rd".unicodeScalars.map { UInt8($0.value) } + [10]).write(
            to: URL(fileURLWithPath: latin))
        let doubled = try folder.write("p\u{C3}\u{A4}ssw\u{C3}\u{B6}rd\n", to: "doubled")
        for (number, password) in [latin, doubled].enumerated() {
            for flags in [["-legacy"], []] {
                let path = folder.file("\(number).p12")
                try await openssl(
                    [
                        "pkcs12", "-export", "-inkey", issued.keyPath, "-in",
                        issued.certificatePath, "-out", path, "-passout", "file:" + password,
                    ] + flags)
                let identity = try SigningIdentity(.pkcs12(path: path, password: "pässwörd"))
                #expect(identity.certificate.subject == "CN=Endorser 4,O=Example")
                #expect(failure(.pkcs12(path: path, password: "passwörd")) == .wrongPassword)
            }
        }
    }

    @Test func readsFilesOfJavaWithAnEmptyPassword() async throws {
        let issued = try await Self.made.value.1[0]
        let folder = try TemporaryDirectory()
        let path = folder.file("java.p12")
        // Passwords outside ASCII are refused by Java, so none of its files has one.
        let answers = try await JavaReference.instance().facts([
            .write(path: path, password: "", entries: [(issued, "x")]),
            .key(pkcs12Path: path, password: ""),
            .write(path: folder.file("other"), password: "pässwörd", entries: [(issued, "x")]),
            .key(pkcs12Path: folder.file("other"), password: "pässwörd"),
        ])
        let identity = try SigningIdentity(.pkcs12(path: path, password: ""))
        #expect(identity.certificate.subject == answers[1]?.subject)
        #expect(answers[3] == nil)
    }

    @Test(arguments: [2048, 3072, 4096]) func readsPEMPairs(bits: Int) async throws {
        let issued = try await Self.made.value.0.endorser("/CN=pem", bits: bits)
        let folder = try TemporaryDirectory()
        func check(_ path: String, _ password: String? = nil) throws {
            let source = SigningKeySource.pem(
                certificatePath: issued.certificatePath, keyPath: path, password: password)
            #expect(try SigningIdentity(source).certificate.subject == "CN=pem")
            guard password != nil else { return }
            for wrong in [nil, "", "wrong"] {
                let source = SigningKeySource.pem(
                    certificatePath: issued.certificatePath, keyPath: path, password: wrong)
                #expect(failure(source) == .wrongKeyPassword)
            }
        }
        try check(issued.keyPath)
        let path = folder.file("key.pem")
        try await openssl(["rsa", "-in", issued.keyPath, "-traditional", "-out", path])
        #expect(try String(contentsOfFile: path, encoding: .utf8).contains("BEGIN RSA PRIVATE"))
        try check(path)
        for flags in [
            ["-v2", "aes-256-cbc"], ["-v1", "PBE-SHA1-RC2-40", "-provider", "legacy"],
            ["-v1", "PBE-MD5-DES", "-provider", "legacy"], ["-scrypt"],
        ] {
            try await openssl(
                [
                    "pkcs8", "-topk8", "-in", issued.keyPath, "-out", path, "-passout",
                    "pass:s3cret", "-provider", "default",
                ] + flags)
            try check(path, "s3cret")
        }
        try await openssl([
            "rsa", "-in", issued.keyPath, "-traditional", "-des3", "-passout", "pass:pässwort",
            "-out", path,
        ])
        try check(path, "pässwort")
    }

    @Test func readsOneFileWithKeyAndChain() async throws {
        let (certificates, issued) = try await Self.made.value
        let folder = try TemporaryDirectory()
        let parts = [certificates.authorityPath, issued[0].keyPath, issued[0].certificatePath]
        let text = try parts.map { try String(contentsOfFile: $0, encoding: .utf8) }
            .joined(separator: "some text\n")
        let path = try folder.write(text, to: "all.pem")
        let identity = try SigningIdentity(.pem(certificatePath: path, keyPath: path))
        #expect(identity.certificate.subject == "CN=Endorser 0,O=Example")
    }

    @Test func tellsWhatIsWrongWithAPair() async throws {
        let (certificates, issued) = try await Self.made.value
        let folder = try TemporaryDirectory()
        let (key, certificate) = (issued[0].keyPath, issued[0].certificatePath)
        func failed(_ certificate: String, _ key: String) -> SignaturesError? {
            failure(.pem(certificatePath: certificate, keyPath: key, password: "unused"))
        }
        #expect(failed(issued[1].certificatePath, key) == .keyCertificateMismatch)
        #expect(failed(certificate, certificate) == .noPrivateKey)
        #expect(failed(key, key) == .noCertificate)
        let text = try folder.write("no PEM", to: "text")
        #expect(failed(certificate, text) == .noPrivateKey)
        guard case .notPEM = failed(text, key) else {
            Issue.record("\(String(describing: failed(text, key)))")
            return
        }
        #expect(
            failed(certificate, "/nonexistent")
                == .unreadableFile(path: "/nonexistent", reason: "No such file or directory"))
        let short = try await certificates.endorser("/CN=short", bits: 1024)
        #expect(
            failed(short.certificatePath, short.keyPath)
                == .unsupportedKey("an RSA key of 1024 bits; 2048 to 8192 are accepted"))
        let curve = folder.file("ec")
        try await openssl([
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc",
            "-keyout", curve, "-out", curve + ".pem", "-subj", "/CN=ec",
        ])
        #expect(
            failed(curve + ".pem", curve)
                == .unsupportedKey("only RSA keys can sign StratusLab metadata"))
    }

    @Test func showsNoSecret() {
        let source = SigningKeySource.pkcs12(path: "/x.p12", password: "hush", alias: nil)
        #expect("\(source)" == "/x.p12" && String(reflecting: source) == "/x.p12")
        let pair = SigningKeySource.pem(certificatePath: "/c", keyPath: "/k", password: "hush")
        #expect("\(pair)" == "/k")
        let token = SigningKeySource.pkcs11(uri: "pkcs11:token=t", pin: "hush")
        #expect("\(token)" == "pkcs11:token=t")
    }
}

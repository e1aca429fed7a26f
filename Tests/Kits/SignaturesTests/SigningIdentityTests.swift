// SPDX-License-Identifier: Apache-2.0
import Foundation
import Signatures
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct SigningIdentityTests {
    private func failure(_ path: String, _ password: String) -> SignaturesError? {
        do {
            _ = try SigningIdentity(pkcs12Path: path, password: password)
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: TestCertificates.Encryption.allCases)
    func loadsOldAndNewEncryption(_ encryption: TestCertificates.Encryption) async throws {
        let issued = try await TestCertificates().endorser(encryption: encryption)
        let identity = try SigningIdentity(
            pkcs12Path: issued.pkcs12Path, password: issued.password)
        let certificate = identity.certificate
        #expect(certificate.subject == "CN=Hélène Test,OU=IdG\\, Grilles,O=CNRS,DC=fr")
        #expect(certificate.issuer == "CN=Test CA\\, Root,DC=example,DC=org")
        #expect(certificate.email == "endorser@example.org")
        #expect(certificate.notBefore == 1_577_836_800)
        #expect(certificate.notAfter == 2_524_607_999)
        let (_, print) = try await run(
            "openssl",
            ["x509", "-in", issued.certificatePath, "-noout", "-fingerprint", "-sha256"])
        let hex = print.split(separator: "=").last.map { $0.lowercased().filter(\.isHexDigit) }
        #expect(hex == certificate.sha256)
        #expect(try Certificate(der: certificate.der) == certificate)
        #expect(failure(issued.pkcs12Path, "not it") == .wrongPassword)
        #expect(failure(issued.pkcs12Path, "") == .wrongPassword)
    }

    @Test func acceptsAnEmptyPassword() async throws {
        let issued = try await TestCertificates().endorser(email: nil, password: "")
        #expect(
            try SigningIdentity(pkcs12Path: issued.pkcs12Path, password: "").certificate.email
                == nil)
    }

    @Test func tellsWhatIsMissing() async throws {
        let certificates = try await TestCertificates()
        let issued = try await certificates.endorser()
        try await certificates.pack(issued, key: nil, .aes)
        #expect(failure(issued.pkcs12Path, issued.password) == .noPrivateKey)
        #expect(
            failure("/nonexistent/x.p12", "").map { "\($0)" }
                == "cannot read '/nonexistent/x.p12': No such file or directory")
        let text = try certificates.directory.write("not a file of this kind", to: "text.p12")
        guard case .notPKCS12 = failure(text, "x") else {
            Issue.record("\(String(describing: failure(text, "x")))")
            return
        }
    }

    @Test func refusesAKeyOfAnotherCertificate() async throws {
        let certificates = try await TestCertificates()
        let issued = try await certificates.endorser()
        let other = try await certificates.endorser()
        try await makeMismatch(issued, key: other.keyPath, in: certificates.directory)
        #expect(failure(issued.pkcs12Path, issued.password) == .keyCertificateMismatch)
        try await makeMismatch(issued, key: other.keyPath, in: certificates.directory, empty: true)
        #expect(failure(issued.pkcs12Path, issued.password) == .noCertificate)
    }

    /// The openssl command refuses to write such files, the library does not.
    private func makeMismatch(
        _ issued: TestCertificates.Issued, key: String, in directory: TemporaryDirectory,
        empty: Bool = false
    ) async throws {
        let script = """
            import ctypes, sys
            c = ctypes.CDLL("libcrypto.so.3")
            for name in "BIO_new_file PEM_read_bio_X509 PEM_read_bio_PrivateKey PKCS12_create \
            OPENSSL_sk_new_null".split():
                getattr(c, name).restype = ctypes.c_void_p
            bio = lambda path, mode: ctypes.c_void_p(c.BIO_new_file(path.encode(), mode))
            x509 = ctypes.c_void_p(c.PEM_read_bio_X509(bio(sys.argv[1], b"r"), None, None, None))
            key = ctypes.c_void_p(c.PEM_read_bio_PrivateKey(bio(sys.argv[2], b"r"), None, None, None))
            others = ctypes.c_void_p(c.OPENSSL_sk_new_null())
            if sys.argv[5] == "mismatch":
                c.OPENSSL_sk_push(others, x509)
            p12 = c.PKCS12_create(sys.argv[3].encode(), None, key, None, others, 0, 0, 0, 0, 0)
            out = bio(sys.argv[4], b"w")
            assert c.i2d_PKCS12_bio(out, ctypes.c_void_p(p12)) == 1
            c.BIO_free_all(out)
            """
        let path = try directory.write(script, to: "mismatch.py")
        let (status, output) = try await run(
            "python3",
            [
                path, issued.certificatePath, key, issued.password, issued.pkcs12Path,
                empty ? "empty" : "mismatch",
            ])
        try #require(status == 0, "\(output)")
    }

    @Test func refusesWeakKeys() async throws {
        let issued = try await TestCertificates().endorser(bits: 1024)
        guard case .unsupportedKey = failure(issued.pkcs12Path, issued.password) else {
            Issue.record("a key of 1024 bits was accepted")
            return
        }
    }

    @Test func judgesValidityAtATime() async throws {
        let issued = try await TestCertificates().endorser(
            notBefore: "20200101000000Z", notAfter: "20210101000000Z")
        let certificate = try SigningIdentity(
            pkcs12Path: issued.pkcs12Path, password: issued.password
        ).certificate
        try certificate.checkValidity(at: 1_577_836_800)
        try certificate.checkValidity(at: 1_609_459_200)
        #expect(
            throws: SignaturesError.certificateNotYetValid(
                notBefore: 1_577_836_800, now: 1_577_836_799)
        ) { try certificate.checkValidity(at: 1_577_836_799) }
        let expired = SignaturesError.certificateExpired(
            notAfter: 1_609_459_200, now: 1_609_459_201)
        #expect(throws: expired) { try certificate.checkValidity(at: 1_609_459_201) }
        #expect("\(expired)" == "the certificate expired at 2021-01-01T00:00:00Z")
    }

    /// The default library context must not have got the old ciphers.
    @Test func keepsOldCiphersOutOfTheProcess() async throws {
        let issued = try await TestCertificates().endorser(encryption: .rc2)
        _ = try SigningIdentity(pkcs12Path: issued.pkcs12Path, password: issued.password)
        typealias Available = @convention(c) (OpaquePointer?, UnsafePointer<CChar>) -> Int32
        let symbol = try #require(dlsym(nil, "OSSL_PROVIDER_available"))
        let isAvailable = unsafeBitCast(symbol, to: Available.self)
        #expect(isAvailable(nil, "default") == 1)
        #expect(isAvailable(nil, "legacy") == 0)
    }
}

@Suite struct CertificateTests {
    @Test(arguments: [[], [0x30], Array("-----BEGIN CERTIFICATE-----".utf8)] as [[UInt8]])
    func refusesWhatIsNotACertificate(_ bytes: [UInt8]) {
        #expect(throws: SignaturesError.self) { try Certificate(der: bytes) }
    }

    @Test(.timeLimit(.minutes(1))) func refusesBytesBehindTheCertificate() async throws {
        let issued = try await TestCertificates().endorser()
        let der = try SigningIdentity(pkcs12Path: issued.pkcs12Path, password: issued.password)
            .certificate.der
        #expect(throws: SignaturesError.invalidCertificate("1 bytes behind its end")) {
            try Certificate(der: der + [0])
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
import Events
import Foundation
import Signatures
import StratusLab
import TestSupport

/// A key with its certificate, as files for foreign tools and loaded for ours.
struct Endorser: Sendable {
    let issued: TestCertificates.Issued
    let identity: SigningIdentity

    init(_ issued: TestCertificates.Issued) throws {
        self.issued = issued
        identity = try SigningIdentity(pkcs12Path: issued.pkcs12Path, password: issued.password)
    }

    /// The certificate as signatures hold it.
    var certificateText: String { Data(identity.certificate.der).base64EncodedString() }
}

/// Whom the suites sign as, made once per test run.
enum Endorsers {
    static let time = Timestamp(seconds: 1_466_208_000)

    private static let authorities = Task { try await TestCertificates() }
    private static let pair = Task {
        let authority = try await authorities.value
        return (
            try Endorser(try await authority.endorser()),
            try Endorser(
                try await authority.endorser(
                    "/DC=org/O=Elsewhere/CN=Mallory", email: "mallory@example.net"))
        )
    }

    static func authority() async throws -> TestCertificates { try await authorities.value }
    /// Who signs good documents.
    static func usual() async throws -> Endorser { try await pair.value.0 }
    /// Somebody else, of the same authority.
    static func stranger() async throws -> Endorser { try await pair.value.1 }

    /// Subjects that Java and OpenSSL write differently.
    static let subjects = [
        "/DC=fr/O=CNRS/OU=IdG, Grilles/CN=Hélène Test",
        "/DC=fr/O=CNRS/CN=Robot/emailAddress=robot@example.org",
        "/C=DE/ST=Bayern/L=München/street=Hauptstr. 1/O=A+B <c> \\\"quoted\\\";x=y/CN=Jürgen",
        "/O=Multi/CN=First+UID=u1/serialNumber=42/title=Dr.",
        "/O= leading and trailing /CN=#hash",
        "/O=日本/CN=back\\\\slash, Inc.",
        "/DC=org/DC=terena/DC=tcs/C=NL/O=Nikhef/CN=Åse Ørn-Ibsen 12345",
        "/C=FR/O=GRID-FR/C=FR/O=CNRS/OU=LAL/CN=Two Countries",
        "/CN=only a name",
        "/O=Emoji \u{1F600} & <markup>/CN='single' \\\"double\\\"",
        "/C=GR/O=HellasGrid/OU=auth.gr/CN=Ελένη/UID=e1+CN=second",
        "/DC=ch/DC=cern/OU=Organic Units/OU=Users/CN=x/CN=123/CN=Robot: a=b",
    ]

    /// One endorser per subject, with keys and files of every kind that is found in the field.
    static let all = Task {
        let authority = try await authorities.value
        var endorsers: [Endorser] = []
        for (index, subject) in subjects.enumerated() {
            let bits = [2048, 2048, 3072, 2048, 2048, 4096][index % 6]
            let ciphers = TestCertificates.Encryption.allCases
            let several = "a@example.org,email:b@example.org"
            let issued = try await authority.endorser(
                subject, email: index % 4 == 2 ? several : "endorser@example.org", bits: bits,
                password: index % 3 == 0 ? "top secret" : "p\(index)&<'\"",
                encryption: ciphers[index % ciphers.count])
            if index % 4 == 1 { try await includeChain(issued) }
            endorsers.append(try Endorser(issued))
        }
        return endorsers
    }

    /// Packs the issuer's certificate into the PKCS#12 file, too.
    private static func includeChain(_ issued: TestCertificates.Issued) async throws {
        let (status, output) = try await run(
            "openssl",
            [
                "pkcs12", "-export", "-legacy", "-name", "endorser", "-in", issued.certificatePath,
                "-inkey", issued.keyPath, "-certfile", issued.authorityPath, "-passout",
                "file:" + issued.passwordPath, "-out", issued.pkcs12Path,
            ])
        guard status == 0 else { throw NeverHappened(description: output) }
    }

    /// A PKCS#12 file with the keys of all `endorsers`, as Java's keytool writes it; the names are
    /// in order.
    static func merged(_ endorsers: [Endorser], password: String) async throws -> [UInt8] {
        let folder = try TemporaryDirectory()
        let file = folder.file("merged.p12")
        for (index, endorser) in endorsers.enumerated() {
            let (status, output) = try await run(
                "keytool",
                [
                    "-importkeystore", "-noprompt", "-srcstoretype", "PKCS12", "-deststoretype",
                    "PKCS12", "-srckeystore", endorser.issued.pkcs12Path, "-destkeystore", file,
                    "-srcstorepass", endorser.issued.password, "-deststorepass", password,
                    "-srcalias", "endorser", "-destalias", "key-\(index)",
                ])
            guard status == 0 else { throw NeverHappened(description: output) }
        }
        return [UInt8](FileManager.default.contents(atPath: file) ?? Data())
    }
}

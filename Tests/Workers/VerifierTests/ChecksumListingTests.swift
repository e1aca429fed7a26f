// SPDX-License-Identifier: Apache-2.0
import Events
import Foundation
import TestSupport
import Testing

@testable import VerifierWorker

/// Forms of checksum files as found in the field. `NAME` is the image; `M`, `1`, `2`, `5` in
/// braces stand for its digests, `{x}` for another MD5.
@Suite struct ChecksumListingTests {
    static let image = Array("image".utf8)
    static let md5 = "78805a221a988e79ef3f42d7c5bfd418"
    static let sha1 = "0e76292794888d4f1fa75fb3aff4ca27c58f56a6"
    static let sha256 = "6105d6cc76af400325e94d588ce511be5bfdbb73b437dc51eca43917d7a43e3d"
    static let sha512 = String(repeating: "0123456789abcdef", count: 8)
    static let other = "d41d8cd98f00b204e9800998ecf8427e"

    struct Form: Sendable, CustomTestStringConvertible {
        var title: String
        var text: String
        var hint: DigestAlgorithm?
        var algorithms: [DigestAlgorithm]
        var line: Int
        var testDescription: String { title }

        init(
            _ title: String, _ text: String, hint: DigestAlgorithm? = nil,
            _ algorithms: DigestAlgorithm..., line: Int = 1
        ) {
            self.title = title
            self.text = text
            self.hint = hint
            self.algorithms = algorithms
            self.line = line
        }
    }

    static func filled(_ text: String) -> String {
        [
            ("{M}", md5), ("{1}", sha1), ("{2}", sha256), ("{5}", sha512), ("{x}", other),
            ("{M^}", md5.uppercased()), ("{2^}", sha256.uppercased()),
        ].reduce(text) { $0.replacingOccurrences(of: $1.0, with: $1.1) }
    }

    static let forms = [
        Form("md5sum, text", "{M}  a.img\n", .md5),
        Form("md5sum, binary", "{M} *a.img\n", .md5),
        Form("sha1sum", "{1}  a.img\n", .sha1),
        Form("sha256sum", "{2}  a.img\n", .sha256),
        Form("sha512sum", "{5}  a.img\n", .sha512),
        Form("no newline at the end", "{2}  a.img", .sha256),
        Form("carriage returns", "{x}  b.img\r\n{2}  a.img\r\n", .sha256, line: 2),
        Form("byte order mark", "\u{feff}{2}  a.img\n", .sha256),
        Form("upper case", "{2^} *a.img\n", .sha256),
        Form("comments and blank lines", "# made by x\n\n; y\n \t\n{M}  a.img\n", .md5, line: 5),
        Form("a tab between", "{M}\ta.img\n", .md5),
        Form("one space between", "{M} a.img\n", .md5),
        Form("many spaces between", "{M}     a.img\n", .md5),
        Form("blanks around", "   {M}  a.img  \n", .md5),
        Form("current directory", "{M}  ./a.img\n", .md5),
        Form("a path", "{M}  releases/3/a.img\n", .md5),
        Form("an absolute path", "{M} */srv/images/a.img\n", .md5),
        Form("sha256sum --tag", "SHA256 (a.img) = {2}\n", .sha256),
        Form("md5sum --tag", "MD5 (a.img) = {M}\n", .md5),
        Form("BSD, SHA1", "SHA1 (a.img) = {1}\n", .sha1),
        Form("BSD, upper case", "SHA512 (a.img) = {5}\n", .sha512),
        Form("openssl 1", "SHA256(a.img)= {2}\n", .sha256),
        Form("openssl 3", "SHA2-256(a.img)= {2}\n", .sha256),
        Form("tag with a dash", "SHA-1 (a.img) = {1}\n", .sha1),
        Form("tag and upper-case digits", "sha256 (a.img) = {2^}\n", .sha256),
        Form("tag and path", "SHA256 (./images/a.img) = {2}\n", .sha256),
        Form(
            "several algorithms, tagged", "MD5 (a.img) = {M}\nSHA256 (a.img) = {2}\n",
            .md5, .sha256),
        Form(
            "several algorithms, by length", "{M}  a.img\n{1}  a.img\n{2}  a.img\n{5}  a.img\n",
            .md5, .sha1, .sha256, .sha512),
        Form("only the digest", "{2}\n", .sha256),
        Form("only the digest, no newline", "{5}", .sha512),
        Form("standard input", "{2}  -\n", .sha256),
        Form("equal repetitions", "{M}  a.img\n{M} *./a.img\n", .md5),
        Form(
            "unknown algorithms beside", "SHA384 (a.img) = {2}{x}\n{x}{x}{x}  a.img\n{2}  a.img\n",
            .sha256, line: 3),
        Form("hint picks the length", "{M}  a.img\n{2}  a.img\n", hint: .sha256, .sha256, line: 2),
        Form("hint leaves tags alone", "MD5 (a.img) = {M}\n", hint: .sha256, .md5),
        Form(
            "Fedora's CHECKSUM",
            """
            -----BEGIN PGP SIGNED MESSAGE-----
            Hash: SHA256

            # a.img: 1234 bytes
            SHA256 (a.img) = {2}
            -----BEGIN PGP SIGNATURE-----

            iQIzBAEBCAAdFiEE
            -----END PGP SIGNATURE-----
            """, .sha256, line: 5),
        Form(
            "one name part of another", "{x}  aa.img\n{x}  a.img.sig\n{M}  a.img\n", .md5, line: 3),
        Form("an exact name before a path", "{x}  old/a.img\n{M}  a.img\n", .md5, line: 2),
    ]

    @Test(arguments: forms)
    func isUnderstood(form: Form) throws {
        let listing = try ChecksumListing(
            Array(Self.filled(form.text).utf8), algorithm: form.hint, url: "SUMS")
        let found = try listing.digests(for: "a.img")
        let values: [DigestAlgorithm: String] = [
            .md5: Self.md5, .sha1: Self.sha1, .sha256: Self.sha256, .sha512: Self.sha512,
        ]
        #expect(found.map(\.algorithm) == form.algorithms)
        #expect(found.allSatisfy { $0.value == values[$0.algorithm] })
        #expect(found.first?.line == form.line)
    }

    @Test(arguments: [
        ("{M}  b.img\n", "a.img"), ("", "a.img"), ("# {M}  a.img\n", "a.img"),
        ("<html><body>404</body></html>", "a.img"), ("{M}a.img\n", "a.img"),
        ("{M}0  a.img\n", "a.img"), ("MD5 (a.img) = {2}\n", "a.img"),
        ("SHA256 (a.img) {2}\n", "a.img"), ("{M}  sub/a.img.old\n", "a.img"),
        ("{M}  xa.img\n", "a.img"), ("{M}  a.img\n", "dir/a.img"), ("{M}  a.img\n", ""),
        ("{M}  a.img\n", "./"), ("{M}\n{x}  b.img\n", "a.img"), ("\\{M}  a.im\\g\n", "a.img"),
        ("SHA512/256 (a.img) = {2}\n", "a.img"),
    ])
    func whatIsNotListedIsMissing(text: String, entry: String) throws {
        let listing = try ChecksumListing(Array(Self.filled(text).utf8), url: "SUMS")
        let refusal = #expect(throws: Refusal.self) { try listing.digests(for: entry) }
        #expect(refusal?.rejection.rule == "checksum-entry-missing")
        #expect(refusal?.rejection.message.contains("SUMS") == true)
    }

    @Test(arguments: [
        "{M}  a.img\n{x}  a.img\n", "{M}  a.img\n{x} *./a.img\n", "MD5 (a.img) = {x}\n{M}  a.img\n",
        "{M}  3.0/a.img\n{x}  3.1/a.img\n", "{M}\n{x}\n",
    ])
    func contradictionsAreRefused(text: String) throws {
        let listing = try ChecksumListing(Array(Self.filled(text).utf8), url: "SUMS")
        let refusal = #expect(throws: Refusal.self) { try listing.digests(for: "a.img") }
        #expect(refusal?.rejection.rule == "checksum-conflict")
        #expect(refusal?.rejection.evidence["line"] == "1")
        #expect(refusal?.rejection.evidence["otherLine"] == "2")
    }

    @Test func aPathPicksOneOfSeveral() throws {
        let text = Self.filled("{x}  3.0/a.img\n{M}  3.1/a.img\n{x}  13.1/a.img\n")
        let listing = try ChecksumListing(Array(text.utf8), url: "SUMS")
        #expect(try listing.digests(for: "3.1/a.img").map(\.value) == [Self.md5])
        #expect(try listing.digests(for: "./3.1/a.img").map(\.line) == [2])
    }

    /// Names that md5sum itself escapes, written by md5sum itself.
    @Test(arguments: ["line\nbreak.img", "back\\slash.img", "a\\nb.img", "spaces  in.img", "*.img"])
    func namesAsTheToolWritesThem(name: String) async throws {
        let folder = try TemporaryDirectory()
        try folder.write(Self.image, to: name)
        for arguments in [[], ["--binary"], ["--tag"]] {
            let (status, output) = try await run(
                "md5sum", arguments + [name], directory: folder.path)
            #expect(status == 0)
            let listing = try ChecksumListing(Array(output.utf8), url: "SUMS")
            #expect(try listing.digests(for: name).map(\.value) == [Self.md5], "\(output)")
        }
    }

    @Test func hostileFilesAreBounded() throws {
        #expect(throws: Refusal.self) {
            try ChecksumListing([UInt8](repeating: 65, count: (1 << 20) + 1), url: "SUMS")
        }
        #expect(throws: Refusal.self) {
            try ChecksumListing([UInt8](repeating: 10, count: 100_000), url: "SUMS")
        }
        let long = Self.filled("{M}  ") + String(repeating: "x", count: 5000) + "/a.img\n"
        #expect(try ChecksumListing(Array(long.utf8), url: "SUMS").digests.isEmpty)
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<300 {
            let noise = (0..<400).map { _ in
                UInt8(ascii: " ") &+ UInt8.random(in: 0...255, using: &generator)
            }
            _ = try ChecksumListing(noise + Array("(=)\\\n".utf8), url: "SUMS").digests
        }
    }

    @Test func namesThatAreNotTextArePassedOver() throws {
        let bytes = Array(Self.md5.utf8) + [32, 32, 0xff, 0xfe, 10]
        #expect(try ChecksumListing(bytes, url: "SUMS").digests.isEmpty)
    }
}

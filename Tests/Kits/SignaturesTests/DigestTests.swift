// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

@testable import Signatures

/// Published test vectors: RFC 1321 appendix A.5; FIPS 180-4 examples (NIST CSRC, "SHA Examples").
@Suite struct DigestTests {
    private static let words448 = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"
    private static let words896 =
        "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmno"
        + "ijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu"

    @Test(arguments: [
        ("", "d41d8cd98f00b204e9800998ecf8427e"),
        ("a", "0cc175b9c0f1b6a831c399e269772661"),
        ("abc", "900150983cd24fb0d6963f7d28e17f72"),
        ("message digest", "f96b697d7cb7938d525a2f31aaf161d0"),
        ("abcdefghijklmnopqrstuvwxyz", "c3fcd3d76192e4007dfb496cca67e13b"),
        (
            "12345678901234567890123456789012345678901234567890123456789012345678901234567890",
            "57edf4a22be3c955ac49da2e2107b67a"
        ),
    ])
    func md5(text: String, expected: String) {
        #expect(Digest.hex(Digest.md5(text.utf8)) == expected)
    }

    @Test(arguments: [
        ("", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
        ("abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
        (words448, "84983e441c3bd26ebaae4aa1f95129e5e54670f1"),
    ])
    func sha1(text: String, expected: String) {
        #expect(Digest.hex(Digest.sha1(text.utf8)) == expected)
    }

    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (words448, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"),
    ])
    func sha256(text: String, expected: String) {
        #expect(Digest.hex(Digest.sha256(text.utf8)) == expected)
    }

    @Test(arguments: [
        (
            "abc",
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
                + "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"
        ),
        (
            words896,
            "8e959b75dae313da8cf4f72814fc143f8f7779c6eb9f7fa17299aeadb6889018"
                + "501d289e4900f7e4331b99dec4b5433ac7d329eeb6dd26545e96e55b874be909"
        ),
    ])
    func sha512(text: String, expected: String) {
        #expect(Digest.hex(Digest.sha512(text.utf8)) == expected)
    }

    @Test func aMillionLettersA() {
        let bytes = [UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000)
        #expect(Digest.hex(Digest.sha1(bytes)) == "34aa973cd4c4daa4f61eeb2bdbad27316534016f")
        #expect(
            Digest.hex(Digest.sha256(bytes))
                == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
    }

    @Test func sequencesWithoutContiguousStorageAreDigestedAlike() {
        let bytes = (0..<1000).lazy.map { UInt8(truncatingIfNeeded: $0) }
        #expect(Digest.sha512(bytes) == Digest.sha512(Array(bytes)))
        #expect(Digest.md5(Array(bytes)[10..<20]) == Digest.md5(Array(Array(bytes)[10..<20])))
    }

    @Test func hexHasTwoLowerCaseDigitsPerByte() {
        #expect(Digest.hex([0x00, 0x0f, 0xa0, 0xff]) == "000fa0ff")
        #expect(Digest.hex([]) == "")
    }

    @Test func aDescriptorThatCannotBeReadIsAnError() {
        #expect(throws: DigestError.unreadable(code: EBADF)) {
            try Digest.sha256(readingFrom: -1)
        }
    }
}

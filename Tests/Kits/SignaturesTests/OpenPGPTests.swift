// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import Signatures

/// A key and a clearsigned text that GnuPG 2.2 has made.
@Suite struct OpenPGPTests {
    private static let key = """
        -----BEGIN PGP PUBLIC KEY BLOCK-----

        mDMEawM2xRYJKwYBBAHaRw8BAQdA/WMa6tVmU79Ww8FppH3mWFthtM2fyfSV3ZK6
        42QGkrS0GkVkIFNpZ25lciA8ZWRAZXhhbXBsZS5vcmc+iJAEExYIADgWIQRbw7nL
        8jEEd51HfVdeWNfG9WxM0QUCawM2xQIbAwULCQgHAgYVCgkICwIEFgIDAQIeAQIX
        gAAKCRBeWNfG9WxM0dyZAP41l1DXHaeujHv3mA74GbFg5vXZmXVhNnqbvcReFAba
        LAD8DIbrLawpZ3XQ7BvKENvj/1iYBYI5DGfBjGcYZp8ZXwk=
        =B0FL
        -----END PGP PUBLIC KEY BLOCK-----

        """
    private static let clearsigned = """
        -----BEGIN PGP SIGNED MESSAGE-----
        Hash: SHA256

        0123  a.img
        -----BEGIN PGP SIGNATURE-----

        iIUEARYIAC0WIQRbw7nL8jEEd51HfVdeWNfG9WxM0QUCawNANQ8cZWRAZXhhbXBs
        ZS5vcmcACgkQXljXxvVsTNFEewEA9UdUA9A9Wyun9D3+JPxdJ0ytHCXiipN/Gsu9
        YjU2RikBANT4CKAEDamJaCMfI2eMPoZp3bdpHKrYQeyynwDiSgcN
        =FWtN
        -----END PGP SIGNATURE-----

        """
    private static var binary: [UInt8] {
        get throws { try OpenPGPKeyring(file: Array(key.utf8)).bytes }
    }

    @Test func armourIsUndone() throws {
        let bytes = try Self.binary
        // A public key, a user ID and its signature (RFC 9580 section 5).
        #expect(try OpenPGPPackets(bytes).packets.map(\.tag) == [6, 13, 2])
        #expect(try OpenPGPKeyring(file: bytes).bytes == bytes)
        #expect(
            try OpenPGPKeyring(file: Array(("By hand:\n" + Self.key + Self.key).utf8)).bytes
                == bytes + bytes)
        #expect(!OpenPGPArmour.isArmoured(bytes) && OpenPGPArmour.isArmoured(Array(Self.key.utf8)))
    }

    @Test(arguments: [
        ("=B0FL", "=B0FM", "checksum"), ("mDME", "mDM!", "base64"), ("\n\n", "\n", "blank line"),
        ("-----END", "----END", "does not end"), ("PUBLIC", "PRIVATE", "private key"),
        ("PUBLIC KEY BLOCK", "SIGNATURE", "no public key"),
    ])
    func brokenArmourIsRefused(old: String, new: String, reason: String) {
        let text = Self.key.replacing(old, with: new)
        let error = #expect(throws: SignaturesError.self) {
            try OpenPGPKeyring(file: Array(text.utf8))
        }
        #expect(error?.description.contains(reason) == true, "\(error as Any)")
    }

    @Test func trustPacketsAreLeftOutAndOthersRefused() throws {
        let bytes = try Self.binary
        // Old format: tag 12, one length byte.
        #expect(try OpenPGPKeyring(file: bytes + [0xB0, 2, 0, 0]).bytes == bytes)
        // New format: literal data, a secret key.
        for packet: [UInt8] in [[0xCB, 1, 0], [0xC5, 1, 0]] {
            #expect(throws: SignaturesError.self) { try OpenPGPKeyring(file: bytes + packet) }
            #expect(throws: SignaturesError.self) { try OpenPGPKeyring(file: packet + bytes) }
        }
        #expect(throws: SignaturesError.self) { try OpenPGPKeyring(file: []) }
    }

    @Test func lengthsOfEveryForm() throws {
        let body = [UInt8](repeating: 7, count: 300)
        let headers: [[UInt8]] = [
            [0x89, 1, 44], [0x8A, 0, 0, 1, 44], [0xC2, 192, 108], [0xC2, 255, 0, 0, 1, 44],
        ]
        for header in headers {
            let packets = try OpenPGPPackets(header + body).packets
            #expect(packets.map(\.tag) == [2] && packets[0].bytes.count == header.count + 300)
            #expect(throws: SignaturesError.self) {
                try OpenPGPPackets(header + body.dropLast())
            }
        }
        for broken: [UInt8] in [[0x8B, 1], [0xC2, 224, 1], [0x02, 1, 1], [0xC2], [0x89, 1]] {
            #expect(throws: SignaturesError.self) { try OpenPGPPackets(broken + body) }
        }
    }

    @Test func whatIsCutOffIsRefused() throws {
        let bytes = try Self.binary
        let packets = try OpenPGPPackets(bytes).packets
        let ends = Set(packets.map(\.bytes.endIndex) + [0])
        for count in 0..<bytes.count where !ends.contains(count) {
            #expect(throws: SignaturesError.self) {
                try OpenPGPKeyring(file: Array(bytes[..<count]))
            }
        }
        let text = Array(Self.clearsigned.utf8)
        for count in 0..<(text.count - 1) {
            #expect(throws: SignaturesError.self) { try ClearsignedText(Array(text[..<count])) }
        }
    }

    @Test func theSignedTextAndItsLine() throws {
        let message = try ClearsignedText(Array(Self.clearsigned.utf8))
        #expect(message.text == Array("0123  a.img\n".utf8))
        #expect(message.firstLine == 4)
        #expect(message.isSame(as: Array("0123  a.img \r\n".utf8)))
        #expect(!message.isSame(as: Array("0123 a.img\n".utf8)))
        #expect(!message.isSame(as: Array("0123  a.img\nx\n".utf8)))
        #expect(!message.isSame(as: []))
    }
}

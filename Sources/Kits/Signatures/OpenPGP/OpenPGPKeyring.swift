// SPDX-License-Identifier: Apache-2.0

/// Public keys in the form that gpgv reads, whatever form their file has.
public struct OpenPGPKeyring: Sendable, Hashable {
    /// Packets one after the other, or GnuPG's keybox.
    public let bytes: [UInt8]

    private static let keyboxMark = Array("KBXf".utf8)
    private static let keyboxMarkOffset = 8

    /// - Parameter file: packets, armoured or not, or a keybox.
    /// - Throws: ``SignaturesError/notOpenPGP(_:)``; so is a file that holds a private key.
    public init(file: [UInt8]) throws(SignaturesError) {
        if file.dropFirst(Self.keyboxMarkOffset).starts(with: Self.keyboxMark) {
            bytes = file
            return
        }
        let isBinary = file.first.map { $0 & 0x80 != 0 } ?? false
        bytes = try Self.keys(isBinary ? file : try Self.dearmoured(file))
    }

    private static func dearmoured(_ file: [UInt8]) throws(SignaturesError) -> [UInt8] {
        let blocks = try OpenPGPArmour(file).blocks
        if blocks.contains(where: { $0.label.hasPrefix("PRIVATE") }) { throw privateKey }
        guard !blocks.isEmpty, blocks.allSatisfy({ $0.label == "PUBLIC KEY BLOCK" }) else {
            throw .notOpenPGP("there is no public key")
        }
        return blocks.flatMap(\.bytes)
    }

    private static let privateKey = SignaturesError.notOpenPGP("it holds a private key")

    /// The packets that make up keys. Trust packets are GnuPG's notes to itself and could
    /// make it take a signature on a key for valid, so they are left out.
    private static func keys(_ bytes: [UInt8]) throws(SignaturesError) -> [UInt8] {
        typealias Tag = OpenPGPPackets.Tag
        let packets = try OpenPGPPackets(bytes).packets.filter { $0.tag != Tag.trust }
        if packets.contains(where: { $0.tag == Tag.secretKey || $0.tag == Tag.secretSubkey }) {
            throw privateKey
        }
        let known: Set = [
            Tag.signature, Tag.publicKey, Tag.publicSubkey, Tag.userID, Tag.userAttribute,
        ]
        guard packets.first?.tag == Tag.publicKey, packets.allSatisfy({ known.contains($0.tag) })
        else { throw .notOpenPGP("it is no sequence of public keys") }
        return packets.flatMap(\.bytes)
    }
}

// SPDX-License-Identifier: Apache-2.0

/// A detached signature, or several: signature packets and nothing else, so that no tool can be
/// led to judge a message inside it in place of the file beside it.
public struct OpenPGPSignature: Sendable, Hashable {
    /// Packets one after the other, not armoured.
    public let bytes: [UInt8]

    /// Most signatures of one file.
    public static let countMax = 16

    /// - Parameter file: packets, armoured or not.
    /// - Throws: ``SignaturesError/notOpenPGP(_:)``.
    public init(file: [UInt8]) throws(SignaturesError) {
        if file.first.map({ $0 & 0x80 != 0 }) == true {
            try self.init(packets: file)
            return
        }
        let armour = try OpenPGPArmour(file)
        guard armour.blocks.count == 1, !armour.hasTextOutside,
            let block = armour.blocks.first, block.label == "SIGNATURE"
        else { throw .notOpenPGP("it is not one armoured signature") }
        try self.init(packets: block.bytes)
    }

    private init(packets bytes: [UInt8]) throws(SignaturesError) {
        let packets = try OpenPGPPackets(bytes).packets
        guard (1...Self.countMax).contains(packets.count) else {
            throw .notOpenPGP("there are \(packets.count) packets; \(Self.countMax) are allowed")
        }
        guard packets.allSatisfy({ $0.tag == OpenPGPPackets.Tag.signature }) else {
            throw .notOpenPGP("there is something else beside signatures")
        }
        self.bytes = bytes
    }
}

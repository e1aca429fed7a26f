// SPDX-License-Identifier: Apache-2.0

/// Which addresses are on the public Internet, by the special-purpose registries of IANA
/// (RFC 6890 and its successors).
enum AddressRules {
    private struct Block {
        var prefix: [UInt8]
        var bits: Int

        func contains(_ address: [UInt8]) -> Bool {
            for (index, byte) in prefix.enumerated() {
                let bitsHere = min(max(bits - index * 8, 0), 8)
                let mask = UInt8(truncatingIfNeeded: 0xff00 >> bitsHere)
                if address[index] & mask != byte & mask { return false }
            }
            return true
        }
    }

    private static let specialIPv4: [Block] = [
        Block(prefix: [0], bits: 8),  // this network
        Block(prefix: [10], bits: 8),  // private
        Block(prefix: [100, 64], bits: 10),  // shared by providers
        Block(prefix: [127], bits: 8),  // loopback
        Block(prefix: [169, 254], bits: 16),  // link-local, cloud metadata
        Block(prefix: [172, 16], bits: 12),  // private
        Block(prefix: [192, 0, 0], bits: 24),  // protocol assignments
        Block(prefix: [192, 0, 2], bits: 24),  // documentation
        Block(prefix: [192, 88, 99], bits: 24),  // 6to4 relays
        Block(prefix: [192, 168], bits: 16),  // private
        Block(prefix: [198, 18], bits: 15),  // benchmarking
        Block(prefix: [198, 51, 100], bits: 24),  // documentation
        Block(prefix: [203, 0, 113], bits: 24),  // documentation
        Block(prefix: [224], bits: 3),  // multicast, reserved, broadcast
    ]

    private static let globalUnicastIPv6 = Block(prefix: [0x20], bits: 3)
    private static let translatedIPv6 = Block(
        prefix: [0x00, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0], bits: 96)
    private static let mappedIPv6 = Block(
        prefix: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff], bits: 96)
    private static let specialIPv6: [Block] = [
        Block(prefix: [0x20, 0x01, 0x00], bits: 23),  // protocol assignments, Teredo
        Block(prefix: [0x20, 0x01, 0x0d, 0xb8], bits: 32),  // documentation
        Block(prefix: [0x20, 0x02], bits: 16),  // 6to4, an IPv4 address inside
        Block(prefix: [0x3f, 0xff, 0x00], bits: 20),  // documentation
    ]

    /// - Parameter address: four bytes in network order.
    static func isPublic(ipv4 address: [UInt8]) -> Bool {
        address.count == 4 && !specialIPv4.contains { $0.contains(address) }
    }

    /// - Parameter address: sixteen bytes in network order. IPv4 addresses mapped or translated
    ///   into IPv6 are judged as IPv4.
    static func isPublic(ipv6 address: [UInt8]) -> Bool {
        guard address.count == 16 else { return false }
        if mappedIPv6.contains(address) || translatedIPv6.contains(address) {
            return isPublic(ipv4: Array(address[12...]))
        }
        return globalUnicastIPv6.contains(address)
            && !specialIPv6.contains { $0.contains(address) }
    }
}

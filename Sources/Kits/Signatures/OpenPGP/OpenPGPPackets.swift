// SPDX-License-Identifier: Apache-2.0

/// A sequence of OpenPGP packets (RFC 9580 section 4.2), told apart without a look inside.
struct OpenPGPPackets: Sendable {
    struct Packet: Sendable {
        var tag: Int
        /// With its header.
        var bytes: ArraySlice<UInt8>
    }

    /// Of the kinds that matter here (RFC 9580 section 5).
    enum Tag {
        static let signature = 2
        static let secretKey = 5
        static let publicKey = 6
        static let secretSubkey = 7
        static let trust = 12
        static let userID = 13
        static let publicSubkey = 14
        static let userAttribute = 17
    }

    private(set) var packets: [Packet] = []

    private static let countMax = 1 << 18

    /// - Throws: ``SignaturesError/notOpenPGP(_:)``; so are packets of unknown length, which
    ///   neither keys nor signatures may be.
    init(_ bytes: [UInt8]) throws(SignaturesError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            guard packets.count < Self.countMax else { throw .notOpenPGP("too many packets") }
            let start = rest.startIndex
            let (tag, length) = try Self.header(&rest)
            guard rest.count >= length else { throw .notOpenPGP("a packet is cut off") }
            rest = rest.dropFirst(length)
            packets.append(Packet(tag: tag, bytes: bytes[start..<rest.startIndex]))
        }
    }

    private static func header(
        _ rest: inout ArraySlice<UInt8>
    ) throws(SignaturesError) -> (tag: Int, length: Int) {
        guard let first = rest.popFirst(), first & 0x80 != 0 else {
            throw .notOpenPGP("a packet does not begin as it should")
        }
        if first & 0x40 != 0 { return (Int(first & 0x3F), try newLength(&rest)) }
        let sizes = [1, 2, 4]
        let kind = Int(first & 3)
        guard kind < sizes.count else { throw .notOpenPGP("a packet has no length") }
        return (Int(first >> 2 & 0xF), try number(&rest, bytes: sizes[kind]))
    }

    private static func newLength(
        _ rest: inout ArraySlice<UInt8>
    ) throws(SignaturesError) -> Int {
        let first = try number(&rest, bytes: 1)
        switch first {
        case ..<192: return first
        case ..<224: return (first - 192) << 8 + (try number(&rest, bytes: 1)) + 192
        case 255: return try number(&rest, bytes: 4)
        default: throw .notOpenPGP("a packet comes in parts")
        }
    }

    private static func number(
        _ rest: inout ArraySlice<UInt8>, bytes count: Int
    ) throws(SignaturesError) -> Int {
        guard rest.count >= count else { throw .notOpenPGP("a packet is cut off") }
        let value = rest.prefix(count).reduce(0) { $0 << 8 | Int($1) }
        rest = rest.dropFirst(count)
        return value
    }
}

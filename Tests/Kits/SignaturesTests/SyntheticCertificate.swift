// SPDX-License-Identifier: Apache-2.0

/// Makes certificates with any names at all, which the openssl command would not write. Nobody
/// signed them.
struct SyntheticCertificate {
    typealias Attribute = (type: [UInt8], tag: UInt8, value: [UInt8])

    /// Sets of attributes (RDNs), the most general first.
    var subject: [[Attribute]] = []
    /// The DER of subjectAltName's names; no extension when nil.
    var alternativeNames: [[UInt8]]?

    var der: [UInt8] {
        let algorithm = Self.sequence([
            [0x06, 9, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 1, 11], [0x05, 0],
        ])
        let time = Self.value(0x17, Array("200101000000Z".utf8))
        let end = Self.value(0x17, Array("491231235959Z".utf8))
        var parts = [
            [0xA0, 3, 2, 1, 2], [2, 1, 1], algorithm, Self.name(subject),
            Self.sequence([time, end]), Self.name(subject), publicKey,
        ]
        if let alternativeNames {
            let extensions = Self.sequence([
                Self.sequence([
                    [0x06, 3, 0x55, 0x1D, 0x11],
                    Self.value(0x04, Self.sequence(alternativeNames)),
                ])
            ])
            parts.append(Self.value(0xA3, extensions))
        }
        let signature = Self.value(0x03, [0] + [UInt8](repeating: 0x55, count: 256))
        return Self.sequence([Self.sequence(parts), algorithm, signature])
    }

    private var publicKey: [UInt8] {
        let modulus = Self.value(0x02, [0, 0xC1] + [UInt8](repeating: 0x5B, count: 255))
        let key = Self.sequence([modulus, [0x02, 3, 1, 0, 1]])
        return Self.sequence([
            Self.sequence([
                [0x06, 9, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 1, 1], [0x05, 0],
            ]),
            Self.value(0x03, [0] + key),
        ])
    }

    private static func name(_ sets: [[Attribute]]) -> [UInt8] {
        sequence(
            sets.map { set in
                value(
                    0x31,
                    set.flatMap {
                        sequence([value(0x06, $0.type), value($0.tag, $0.value)])
                    })
            })
    }

    /// One DER value.
    static func value(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
        let count = content.count
        let length: [UInt8] =
            count < 0x80
            ? [UInt8(count)] : [0x82, UInt8(truncatingIfNeeded: count >> 8), UInt8(count & 0xFF)]
        return [tag] + length + content
    }

    private static func sequence(_ parts: [[UInt8]]) -> [UInt8] {
        value(0x30, Array(parts.joined()))
    }
}

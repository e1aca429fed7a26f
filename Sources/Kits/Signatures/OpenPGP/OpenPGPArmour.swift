// SPDX-License-Identifier: Apache-2.0

/// OpenPGP's form in ASCII (RFC 9580 section 6), read strictly.
struct OpenPGPArmour: Sendable {
    struct Block: Sendable, Hashable {
        /// Such as `SIGNATURE` or `PUBLIC KEY BLOCK`.
        var label: String
        var bytes: [UInt8]
    }

    private(set) var blocks: [Block] = []
    /// Whether a line that is not blank stands before, between or behind the blocks.
    private(set) var hasTextOutside = false

    private static let begin = Array("-----BEGIN PGP ".utf8)
    private static let dashes = Array("-----".utf8)

    /// Whether some line begins a block.
    static func isArmoured(_ bytes: [UInt8]) -> Bool {
        OpenPGPLines.split(bytes).contains { label(of: $0, begin) != nil }
    }

    /// - Throws: ``SignaturesError/notOpenPGP(_:)``.
    init(_ bytes: [UInt8]) throws(SignaturesError) {
        var lines = OpenPGPLines.split(bytes)[...]
        while let line = lines.popFirst() {
            guard let label = Self.label(of: line, Self.begin) else {
                if !line.isEmpty { hasTextOutside = true }
                continue
            }
            blocks.append(Block(label: label, bytes: try Self.body(label, &lines)))
        }
    }

    /// What is between a block's first line and its last, both included in what is taken.
    private static func body(
        _ label: String, _ lines: inout ArraySlice<ArraySlice<UInt8>>
    ) throws(SignaturesError) -> [UInt8] {
        while let line = lines.first, line.contains(UInt8(ascii: ":")) { lines.removeFirst() }
        guard lines.popFirst()?.isEmpty == true else {
            throw .notOpenPGP("there is no blank line behind the armour's headers")
        }
        let end = Array("-----END PGP \(label)-----".utf8)
        var text: [UInt8] = []
        var checksum: ArraySlice<UInt8>?
        while let line = lines.popFirst() {
            if line.elementsEqual(end) { return try decode(text, checksum) }
            guard checksum == nil else { break }
            if line.first == UInt8(ascii: "=") {
                checksum = line.dropFirst()
            } else {
                text += line
            }
        }
        throw .notOpenPGP("the armour does not end as it should")
    }

    private static func decode(
        _ text: [UInt8], _ checksum: ArraySlice<UInt8>?
    ) throws(SignaturesError) -> [UInt8] {
        guard let bytes = Base64.decode(String(decoding: text, as: UTF8.self)), !bytes.isEmpty
        else { throw .notOpenPGP("the armour is not base64") }
        guard let checksum else { return bytes }
        let sum = Base64.decode(String(decoding: checksum, as: UTF8.self))
        guard sum == crc24(bytes) else { throw .notOpenPGP("the armour's checksum is wrong") }
        return bytes
    }

    /// RFC 9580 section 6.1.1.
    private static func crc24(_ bytes: [UInt8]) -> [UInt8] {
        var crc: UInt32 = 0xB7_04CE
        for byte in bytes {
            crc ^= UInt32(byte) << 16
            for _ in 0..<8 {
                crc <<= 1
                if crc & 0x100_0000 != 0 { crc ^= 0x186_4CFB }
            }
        }
        return [16, 8, 0].map { UInt8(truncatingIfNeeded: crc >> $0) }
    }

    private static func label(of line: ArraySlice<UInt8>, _ mark: [UInt8]) -> String? {
        guard line.starts(with: mark), line.count > mark.count + dashes.count,
            line.suffix(dashes.count).elementsEqual(dashes)
        else { return nil }
        return String(validating: line.dropFirst(mark.count).dropLast(dashes.count), as: UTF8.self)
    }
}

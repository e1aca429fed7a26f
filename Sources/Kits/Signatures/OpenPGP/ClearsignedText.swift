// SPDX-License-Identifier: Apache-2.0

/// A text signed in place (RFC 9580 section 7), such as Fedora's `CHECKSUM` files: one message and
/// nothing around it.
///
/// Stricter than the standard, so that everybody who reads the file means the same text: no text
/// outside, no header but `Hash`, no control characters, no overlong line, signatures only.
public struct ClearsignedText: Sendable, Hashable {
    /// The lines that are signed, their escapes undone, without blanks at their ends.
    public let text: [UInt8]
    /// The file's line, from 1, on which the text begins.
    public let firstLine: Int

    private static let begin = Array("-----BEGIN PGP SIGNED MESSAGE-----".utf8)
    private static let signature = Array("-----BEGIN PGP SIGNATURE-----".utf8)
    private static let hash = Array("Hash: ".utf8)
    private static let escape = Array("- ".utf8)
    private static let lineBytesMax = 4096

    /// Whether a file looks like a clearsigned text, wherever that may begin.
    public static func isClearsigned(_ bytes: [UInt8]) -> Bool {
        bytes.firstRange(of: begin) != nil
    }

    /// - Throws: ``SignaturesError/notOpenPGP(_:)``.
    public init(_ bytes: [UInt8]) throws(SignaturesError) {
        var lines = try Self.lines(bytes)[...]
        let count = lines.count
        lines = lines.drop(while: \.isEmpty)
        guard lines.popFirst()?.elementsEqual(Self.begin) == true else {
            throw .notOpenPGP("there is text before the signed message")
        }
        try Self.skipHeaders(&lines)
        firstLine = count - lines.count + 1
        guard let end = lines.firstIndex(where: { $0.elementsEqual(Self.signature) }) else {
            throw .notOpenPGP("the signed message has no signature")
        }
        text = try Self.unescaped(lines[..<end])
        // Refuses a second message, too, as text behind the signature.
        _ = try OpenPGPSignature(file: Array(lines[end...].joined(separator: [0x0A])))
    }

    private static func lines(_ bytes: [UInt8]) throws(SignaturesError) -> [ArraySlice<UInt8>] {
        let isText = bytes.allSatisfy {
            $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 || $0 == 0x0A || $0 == 0x0D
        }
        guard isText else { throw .notOpenPGP("the signed message holds control characters") }
        let lines = OpenPGPLines.split(bytes)
        guard lines.allSatisfy({ $0.count <= lineBytesMax && !$0.contains(0x0D) }) else {
            throw .notOpenPGP("a line of the signed message is too long, or not one line to all")
        }
        return lines
    }

    private static func skipHeaders(
        _ lines: inout ArraySlice<ArraySlice<UInt8>>
    ) throws(SignaturesError) {
        while let line = lines.popFirst() {
            if line.isEmpty { return }
            let isPlain = line.dropFirst(hash.count).allSatisfy {
                (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || $0 == 0x2C
                    || (0x61...0x7A).contains($0) || $0 == 0x20 || $0 == 0x2D
            }
            guard line.starts(with: hash), isPlain else {
                throw .notOpenPGP("the signed message has a header that is not 'Hash'")
            }
        }
        throw .notOpenPGP("the signed message has no text")
    }

    private static func unescaped(
        _ lines: ArraySlice<ArraySlice<UInt8>>
    ) throws(SignaturesError) -> [UInt8] {
        var text: [UInt8] = []
        for line in lines {
            let isEscaped = line.starts(with: escape)
            guard isEscaped || line.first != UInt8(ascii: "-") else {
                throw .notOpenPGP("a line of the signed message begins with a dash")
            }
            text += isEscaped ? line.dropFirst(escape.count) : line
            text.append(0x0A)
        }
        return text
    }

    /// Whether a tool that gave back the text it had verified has read the same lines.
    public func isSame(as output: [UInt8]) -> Bool {
        Self.significant(OpenPGPLines.split(output)).elementsEqual(
            Self.significant(OpenPGPLines.split(text)), by: { $0.elementsEqual($1) })
    }

    private static func significant(_ lines: [ArraySlice<UInt8>]) -> ArraySlice<ArraySlice<UInt8>> {
        lines[..<((lines.lastIndex { !$0.isEmpty }).map { $0 + 1 } ?? 0)]
    }
}

// SPDX-License-Identifier: Apache-2.0

/// A mailbox with an optional display name (RFC 5322 section 3.4), checked when it is made.
public struct MailAddress: Sendable, Hashable {
    public let name: String?
    public let address: String

    static let addressBytesMax = 254
    static let nameBytesMax = 200

    /// - Parameter address: ASCII, a dot-atom on each side of the `@`.
    /// - Throws: ``TransferError/invalidRequest(field:reason:)``.
    public init(_ address: String, name: String? = nil) throws(TransferError) {
        guard Self.isAddress(address) else {
            throw .invalidRequest(field: "mail address", reason: "is not of the form user@domain")
        }
        if let name,
            name.utf8.count > Self.nameBytesMax
                || name.utf8.contains(where: { $0 < 0x20 || $0 == 0x7f })
        {
            throw .invalidRequest(
                field: "mail address",
                reason: "the name is longer than \(Self.nameBytesMax) bytes or has a control "
                    + "character")
        }
        self.name = name
        self.address = address
    }

    /// As it stands in a header field, the name encoded where needed.
    var rendered: String {
        guard let name, !name.isEmpty else { return address }
        let phrase = HeaderEncoding.phrase(name)
        let isEncoded = phrase.hasPrefix("=?")
        return "\(phrase)\(isEncoded ? "\r\n " : " ")<\(address)>"
    }

    /// RFC 5322 addr-spec without quoted strings, comments and literals.
    static func isAddress(_ text: String) -> Bool {
        guard text.utf8.count <= addressBytesMax else { return false }
        let sides = text.split(separator: "@", omittingEmptySubsequences: false)
        return sides.count == 2 && sides.allSatisfy(isDotAtom)
    }

    private static func isDotAtom(_ text: Substring) -> Bool {
        let atoms = text.split(separator: ".", omittingEmptySubsequences: false)
        return atoms.allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy(isAtomByte) }
    }

    static func isAtomByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "!#$%&'*+-/=?^_`{|}~".utf8.contains(byte)
        }
    }
}

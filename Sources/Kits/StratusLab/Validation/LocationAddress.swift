// SPDX-License-Identifier: Apache-2.0
internal import XMLDocuments

/// What a location says behind its scheme. libxml2 takes for an address what has nothing there;
/// StratusLab's own schema validator does not.
struct LocationAddress {
    /// True for `http:`, `http:#part`, `http://`, `//` and `http://[]/`, and for `http://[v1.a]/`,
    /// a form of address that no host has (RFC 3986, IPvFuture); not for an empty text.
    let isEmpty: Bool

    /// - Parameter text: white space around it does not count.
    init(_ text: String) {
        let address = Array(XMLText.trimmed(text).utf8)
        var rest = address[...]
        if let colon = address.firstIndex(of: UInt8(ascii: ":")),
            Self.isScheme(address[..<colon])
        {
            rest = address[(colon + 1)...]
            if rest.isEmpty || rest.first == UInt8(ascii: "#") {
                isEmpty = true
                return
            }
        }
        guard rest.starts(with: "//".utf8) else {
            isEmpty = false
            return
        }
        let behind = rest.dropFirst(2)
        let authority = behind.prefix { !"/?#".utf8.contains($0) }
        let host = String(decoding: authority, as: UTF8.self).lowercased()
        isEmpty = behind.isEmpty || host.contains("[]") || host.contains("[v")
    }

    /// RFC 3986, section 3.1.
    private static func isScheme(_ text: ArraySlice<UInt8>) -> Bool {
        guard let first = text.first, isLetter(first) else { return false }
        return text.allSatisfy { isLetter($0) || (48...57).contains($0) || "+-.".utf8.contains($0) }
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (97...122).contains(byte | 0x20)
    }
}

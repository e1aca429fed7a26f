// SPDX-License-Identifier: Apache-2.0

/// A PKCS#11 URI (RFC 7512) that names a private key.
struct PKCS11URI: Sendable, Hashable {
    /// The key's, with `type=private`.
    let key: String
    /// Where its certificate may be: with the key's own object attributes first, then anywhere on
    /// the token.
    let certificates: [String]

    private static let bytesMax = 2048
    /// RFC 7512 section 2.3, those that select a token and those that select an object on it.
    private static let tokenAttributes: Set<Substring> = [
        "token", "manufacturer", "serial", "model", "library-manufacturer",
        "library-description", "library-version", "slot-manufacturer", "slot-description",
        "slot-id",
    ]
    private static let objectAttributes: Set<Substring> = ["object", "id"]

    init(_ text: String) throws(SignaturesError) {
        guard text.utf8.count <= Self.bytesMax else {
            throw .invalidTokenURI("longer than \(Self.bytesMax) bytes")
        }
        let scheme = "pkcs11:"
        guard text.lowercased().hasPrefix(scheme) else {
            throw .invalidTokenURI("it must begin with \(scheme)")
        }
        guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw .invalidTokenURI("characters outside ASCII, and blanks, must be escaped")
        }
        let halves = text.dropFirst(scheme.count).split(
            separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let path = try Self.path(halves[0])
        let query = try Self.query(halves.dropFirst().first)
        // Without it the PIN would be tried on every token there is, and could lock one.
        guard path.contains(where: { ["token", "serial", "slot-id"].contains($0.name) }) else {
            throw .invalidTokenURI("it must say which token: 'token', 'serial' or 'slot-id'")
        }
        let token = path.filter { Self.tokenAttributes.contains($0.name) }.map(\.text)
        let object = path.filter { Self.objectAttributes.contains($0.name) }.map(\.text)
        func uri(_ attributes: [Substring]) -> String {
            scheme + attributes.joined(separator: ";") + query
        }
        key = uri(token + object + ["type=private"])
        certificates = [uri(token + object + ["type=cert"]), uri(token + ["type=cert"])]
    }

    private typealias Attribute = (name: Substring, text: Substring)

    private static func path(_ text: Substring) throws(SignaturesError) -> [Attribute] {
        var attributes: [Attribute] = []
        for part in text.split(separator: ";") {
            let attribute = try attribute(part)
            if attribute.name == "type" {
                guard attribute.text == "type=private" else {
                    throw .invalidTokenURI("it must name a private key (type=private)")
                }
                continue
            }
            guard
                tokenAttributes.contains(attribute.name)
                    || objectAttributes.contains(attribute.name)
            else { throw .invalidTokenURI("unknown attribute '\(attribute.name)'") }
            guard !attributes.contains(where: { $0.name == attribute.name }) else {
                throw .invalidTokenURI("the attribute '\(attribute.name)' appears twice")
            }
            attributes.append(attribute)
        }
        return attributes
    }

    /// The query part with its question mark. The PIN itself has no place in it: the URI is shown
    /// in messages and may stand in a process's arguments.
    private static func query(_ text: Substring?) throws(SignaturesError) -> String {
        guard let text, !text.isEmpty else { return "" }
        for part in text.split(separator: "&") {
            switch try attribute(part).name {
            case "pin-source": continue
            case "pin-value":
                throw .invalidTokenURI("a PIN in it could be read by others: give it apart")
            case "module-path", "module-name":
                throw .invalidTokenURI(
                    "the module is chosen by the environment variable PKCS11_PROVIDER_MODULE")
            default: throw .invalidTokenURI("unknown attribute in its query")
            }
        }
        return "?" + text
    }

    private static func attribute(_ text: Substring) throws(SignaturesError) -> Attribute {
        guard let mark = text.firstIndex(of: "=") else {
            throw .invalidTokenURI("an attribute without a value")
        }
        let escapes = text[mark...].split(separator: "%", omittingEmptySubsequences: false)
        let isWhole = escapes.dropFirst().allSatisfy { part in
            part.utf8.count >= 2
                && part.utf8.prefix(2).allSatisfy { Character(Unicode.Scalar($0)).isHexDigit }
        }
        guard isWhole else { throw .invalidTokenURI("a wrong %-escape") }
        return (text[..<mark], text)
    }
}

// SPDX-License-Identifier: Apache-2.0

/// One way in which a program may have turned a password into bytes. RFC 7292 (appendix B.1) says
/// one thing, programs did others (https://docs.openssl.org/3.0/man7/passphrase-encoding/).
struct PasswordSpelling: Sendable, Hashable {
    /// Nil for "no password", which some programs distinguish from an empty one.
    let bytes: [UInt8]?

    /// All spellings, the likeliest first.
    static func all(of password: String) -> [PasswordSpelling] {
        let utf8 = Array(password.utf8)
        var spellings = [PasswordSpelling(bytes: utf8)]
        if utf8.isEmpty { spellings.append(PasswordSpelling(bytes: nil)) }
        guard utf8.contains(where: { $0 >= 0x80 }) else { return spellings }
        // Typed into a Latin-1 terminal.
        if password.unicodeScalars.allSatisfy({ $0.value <= 0xFF }) {
            spellings.append(
                PasswordSpelling(bytes: password.unicodeScalars.map { UInt8($0.value) }))
        }
        // OpenSSL before 1.1.0: each byte of the UTF-8 text taken for a character.
        let doubled = String(String.UnicodeScalarView(utf8.map { Unicode.Scalar($0) }))
        spellings.append(PasswordSpelling(bytes: Array(doubled.utf8)))
        return spellings
    }

    /// Calls `body` with the bytes, NUL-terminated, and their number.
    func withCString<R>(_ body: (UnsafePointer<CChar>?, CInt) -> R) -> R {
        guard let bytes else { return body(nil, 0) }
        return (bytes.map { CChar(bitPattern: $0) } + [0]).withUnsafeBufferPointer {
            body($0.baseAddress, CInt(bytes.count))
        }
    }
}

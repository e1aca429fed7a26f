// SPDX-License-Identifier: Apache-2.0

/// Which of several keys StratusLab's own tool signs with.
///
/// `X509Utils.x509FromKeyStore` goes through `KeyStore.aliases()` and keeps the last key it meets.
/// Java enumerates a PKCS#12 file's aliases through a `HashSet` of their lower-case forms
/// (`sun.security.pkcs12.PKCS12KeyStore.engineAliases`), so the order is that of the hash table.
enum JavaKeyStore {
    /// What `HashSet` is made with at least, in buckets (`java.util.HashMap`).
    private static let bucketsMin = 16
    private static let loadFactor: Float = 0.75

    /// Lower-case aliases in Java's order.
    ///
    /// - Parameter aliases: in the order of the file, none twice.
    static func enumeration(of aliases: [String]) -> [String] {
        let wanted = max(Int(Float(aliases.count) / loadFactor) + 1, bucketsMin)
        var buckets = 1
        while buckets < wanted { buckets *= 2 }
        let mask = UInt32(buckets - 1)
        return aliases.enumerated().sorted { left, right in
            let (first, second) = (hash(left.element) & mask, hash(right.element) & mask)
            return first == second ? left.offset < right.offset : first < second
        }.map(\.element)
    }

    /// `String.hashCode()`, spread as `HashMap.hash` does.
    private static func hash(_ text: String) -> UInt32 {
        let code = text.utf16.reduce(UInt32(0)) { $0 &* 31 &+ UInt32($1) }
        return code ^ (code >> 16)
    }
}

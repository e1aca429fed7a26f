// SPDX-License-Identifier: Apache-2.0

/// Names of files in checksum files.
enum EntryName {
    /// The last component of a URL's path, its percent escapes undone; empty when it has none.
    static func `default`(url: String) -> String {
        let path = url.prefix { $0 != "?" && $0 != "#" }
        let afterScheme = path.firstRange(of: "://").map { path[$0.upperBound...] } ?? path
        let components = afterScheme.split(separator: "/", omittingEmptySubsequences: false)
        guard components.count > 1, let last = components.last else { return "" }
        return decoded(last) ?? String(last)
    }

    /// Percent escapes undone (RFC 3986 section 2.1); nil when one is broken.
    private static func decoded(_ text: Substring) -> String? {
        var plain: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                plain.append(byte)
                continue
            }
            let digits = rest.prefix(2)
            guard digits.count == 2, digits.allSatisfy({ $0 != UInt8(ascii: "+") }),
                let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
            else { return nil }
            plain.append(value)
            rest = rest.dropFirst(2)
        }
        return String(validating: plain, as: UTF8.self)
    }

    /// Without leading `./`, repeated or not.
    static func normalised(_ name: String) -> String {
        var rest = Substring(name)
        while rest.hasPrefix("./") { rest = rest.dropFirst(2).drop { $0 == "/" } }
        return String(rest)
    }
}

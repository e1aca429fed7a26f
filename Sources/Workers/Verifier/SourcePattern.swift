// SPDX-License-Identifier: Apache-2.0
import URLText

/// Which URLs a setting speaks of: `HOST`, `HOST/PATH-PREFIX`, `*.DOMAIN` or `*`, either of the
/// latter with a path, too. The host of `file:` URLs is `localhost`.
struct SourcePattern: Sendable, Hashable {
    private let host: String
    /// Components of the path that a URL's path begins with.
    private let path: [String]

    /// Nil when the text is no such pattern.
    init?(_ text: String) {
        let slash = text.firstIndex(of: "/") ?? text.endIndex
        let host = text[..<slash].lowercased()
        let name = host.hasPrefix("*.") ? String(host.dropFirst(2)) : host
        // Colons are a part of addresses in brackets only; ports have no place here.
        let marks = name.hasPrefix("[") && name.hasSuffix("]") ? ".:[]" : ".-_"
        let isName = name.utf8.allSatisfy {
            (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || marks.utf8.contains($0)
        }
        guard host == "*" || (isName && !name.isEmpty && !name.hasPrefix(".")),
            let path = Self.components(text[slash...])
        else { return nil }
        self.host = host
        self.path = path
    }

    func matches(_ url: String) -> Bool {
        guard let scheme = url.firstRange(of: "://") else { return false }
        let rest = url[scheme.upperBound...]
        let authority = rest.prefix { !"/?#".contains($0) }
        let path = rest[authority.endIndex...].prefix { $0 != "?" && $0 != "#" }
        // What cannot be read is no reason to trust, nor to be let off.
        guard let components = Self.components(path) else { return false }
        return isHost(Self.host(authority)) && components.starts(with: self.path)
    }

    private func isHost(_ name: String) -> Bool {
        if host == "*" || host == name { return true }
        return host.hasPrefix("*.") && name.hasSuffix(host.dropFirst())
    }

    /// Without port and final dot, in lower case.
    private static func host(_ authority: Substring) -> String {
        var name = authority.lowercased()[...]
        if let colon = name.lastIndex(of: ":"), !name[colon...].contains("]") {
            name = name[..<colon]
        }
        if name.hasSuffix(".") { name.removeLast() }
        return name.isEmpty ? "localhost" : String(name)
    }

    /// Escapes and dot segments undone (RFC 3986 section 5.2.4), as the fetcher's library and the
    /// server may do; nil when an escape is broken.
    private static func components(_ path: Substring) -> [String]? {
        guard let plain = PercentEncoding.decodeText(path) else { return nil }
        var components: [String] = []
        for part in plain.split(separator: "/") where part != "." {
            if part == ".." {
                _ = components.popLast()
            } else {
                components.append(String(part))
            }
        }
        return components
    }
}

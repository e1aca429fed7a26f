// SPDX-License-Identifier: Apache-2.0
import URLText

/// Names of files in checksum files.
enum EntryName {
    /// The last component of a URL's path, its percent escapes undone; empty when it has none.
    static func `default`(url: String) -> String {
        let path = url.prefix { $0 != "?" && $0 != "#" }
        let afterScheme = path.firstRange(of: "://").map { path[$0.upperBound...] } ?? path
        let components = afterScheme.split(separator: "/", omittingEmptySubsequences: false)
        guard components.count > 1, let last = components.last else { return "" }
        return PercentEncoding.decodeText(last) ?? String(last)
    }

    /// Without leading `./`, repeated or not.
    static func normalised(_ name: String) -> String {
        var rest = Substring(name)
        while rest.hasPrefix("./") { rest = rest.dropFirst(2).drop { $0 == "/" } }
        return String(rest)
    }
}

// SPDX-License-Identifier: Apache-2.0

/// Paths inside a guest, which have nothing to do with this machine's.
enum GuestPath {
    /// Where a symbolic link leads: absolute, without `.` and `..`.
    static func target(_ target: String, of link: String) -> String {
        if target.hasPrefix("/") { return normal(target) }
        return normal(link.prefix(through: link.lastIndex(of: "/") ?? link.startIndex) + target)
    }

    /// Without `.`, `..` and doubled slashes. Above the root there is only the root.
    static func normal(_ path: some StringProtocol) -> String {
        var components: [Substring] = []
        for component in Substring(path).split(separator: "/") where component != "." {
            if component == ".." {
                _ = components.popLast()
            } else {
                components.append(component)
            }
        }
        return "/" + components.joined(separator: "/")
    }

    /// Whether `path` is `folder` or lies below it.
    static func isInside(_ path: String, _ folder: String) -> Bool {
        path.hasPrefix(folder)
            && (path.utf8.count == folder.utf8.count
                || path.utf8.dropFirst(folder.utf8.count).first == UInt8(ascii: "/"))
    }
}

// SPDX-License-Identifier: Apache-2.0
internal import FoundationEssentials
internal import Glibc

/// Where programs are: the host's paths against those inside.
extension Sandbox {
    /// A program inside, and what has to be bound for it to be there.
    struct Located {
        var inside: String
        var binds: [Bind] = []
    }

    /// `PATH` inside.
    public static let searchPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

    /// Finds a program as the sandbox will see it. One by a path that is neither the system's nor
    /// bound is bound alone, at its own path.
    func located(_ name: String) throws(ProgramsError) -> Located {
        guard name.contains("/") else {
            guard let path = Self.find(name, in: Self.searchPath) else { throw .missing(name) }
            return Located(inside: path)
        }
        let path = name.hasPrefix("/") ? name : Self.absolute(name)
        if let host = hostPath(of: path) {
            guard Self.isExecutable(host) else { throw .missing(name) }
            return Located(inside: path)
        }
        guard Self.isExecutable(path) else { throw .missing(name) }
        if Self.isOfSystem(path) { return Located(inside: path) }
        return Located(inside: path, binds: [Bind(host: path, inside: path)])
    }

    /// The host's path of one inside, when it is beneath something bound.
    private func hostPath(of path: String) -> String? {
        let bind = (readOnly + writable)
            .filter { path == $0.inside || path.hasPrefix($0.inside + "/") }
            .max { $0.inside.count < $1.inside.count }
        return bind.map { $0.host + path.dropFirst($0.inside.count) }
    }

    private static func isOfSystem(_ path: String) -> Bool {
        ["/usr/", "/bin/", "/sbin/", "/lib"].contains { path.hasPrefix($0) }
    }

    private static func absolute(_ path: String) -> String {
        "\(FileManager.default.currentDirectoryPath)/\(path)"
    }

    /// A program of the host, which may have one in another folder of its `PATH`.
    static func find(_ name: String) -> String? {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        return find(name, in: "\(path):\(searchPath)")
    }

    private static func find(_ name: String, in searchPath: String) -> String? {
        searchPath.split(separator: ":").map { "\($0)/\(name)" }.first(where: isExecutable)
    }

    private static func isExecutable(_ path: String) -> Bool {
        var status = stat()
        guard unsafe stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            return false
        }
        return unsafe access(path, X_OK) == 0
    }
}

// SPDX-License-Identifier: Apache-2.0
import Foundation

/// What images are inspected with: Dissect's modules as `ops/dissect` installs them, and an
/// appliance of libguestfs; each made once in the cache directory (``TestCache``).
public enum DissectTools {
    public struct Failure: Error, CustomStringConvertible {
        public let description: String
    }

    private static let madeInterpreter = Result { try makeInterpreter() }
    private static let madeAppliance = Result { try makeAppliance() }

    /// Path of a Python interpreter with Dissect's modules. Blocks; the first call may take a
    /// minute.
    public static func interpreter() throws -> String { try madeInterpreter.get() }

    /// Whether libguestfs is installed, and Python's module for it.
    public static var hasLibguestfs: Bool {
        let files = FileManager.default
        return files.isExecutableFile(atPath: "/usr/sbin/libguestfs-make-fixed-appliance")
            && files.fileExists(atPath: "/usr/lib/python3/dist-packages/guestfs.py")
    }

    /// Directory of an appliance for libguestfs. Blocks; the first call may take a minute.
    public static func appliance() throws -> String { try madeAppliance.get() }

    private static func makeInterpreter() throws -> String {
        let wanted = try Data(
            contentsOf: URL(filePath: "\(repositoryRoot)/ops/dissect-requirements.txt"))
        return try made("dissect", mark: wanted) { folder in
            try run("\(repositoryRoot)/ops/dissect", [folder])
        } + "/bin/python"
    }

    private static func makeAppliance() throws -> String {
        try made("libguestfs-appliance", mark: Data("fixed\n".utf8)) { folder in
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true)
            try run(
                "/usr/bin/env",
                [
                    "LIBGUESTFS_BACKEND=direct", "LIBGUESTFS_BACKEND_SETTINGS=force_tcg",
                    "/usr/sbin/libguestfs-make-fixed-appliance",
                    folder,
                ])
        }
    }

    /// A folder of the cache that is made unless it is there and bears the mark, which is written
    /// last.
    private static func made(
        _ name: String, mark: Data, _ make: (String) throws -> Void
    ) throws -> String {
        let files = FileManager.default
        try files.createDirectory(atPath: TestCache.path, withIntermediateDirectories: true)
        let folder = "\(TestCache.path)/\(name)"
        let lock = open("\(folder).lock", O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
        defer { close(lock) }
        // Two test processes may come here at once; the lock ends with the descriptor.
        flock(lock, LOCK_EX)
        let markPath = "\(folder)/made-by-tests"
        if files.contents(atPath: markPath) == mark { return folder }
        try? files.removeItem(atPath: folder)
        try make(folder)
        try mark.write(to: URL(filePath: markPath))
        return folder
    }

    private static func run(_ program: String, _ arguments: [String]) throws {
        let directory = try TemporaryDirectory()
        let log = try directory.write("", to: "log")
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle(forWritingAtPath: log)
        process.standardError = process.standardOutput
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            let text = try String(contentsOfFile: log, encoding: .utf8)
            throw Failure(description: "\(program): \(text.suffix(2_000))")
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
public import Foundation

/// A Python interpreter with the PyPI packages that tests judge our output with.
///
/// The system's Python serves when it has them; otherwise they are installed once into a virtual
/// environment in the cache directory (`IMPRIMATUR_TEST_CACHE`, or `~/.cache/imprimatur-tests`).
public enum PythonTools {
    private static let packages = ["jsonschema[format]", "PyYAML", "referencing"]
    private static let probe = """
        import yaml, jsonschema, referencing
        known = jsonschema.Draft202012Validator.FORMAT_CHECKER.checkers
        assert {"date-time", "uri-reference"} <= set(known)
        """

    /// What a finished program left.
    public struct Output: Sendable {
        public var status: Int32
        public var standardOutput: Data
        public var standardError: String
    }

    public enum Failure: Error {
        case exit(status: Int32, message: String)
    }

    private static let found = Result { try find() }

    /// Path of the interpreter. Blocks; the first call may take a minute.
    public static func interpreter() throws -> String { try found.get() }

    /// Runs a script of `Tests/Support/Servers` and returns what it printed.
    ///
    /// - Throws: ``Failure`` when it does not end with 0.
    public static func run(
        _ script: String, _ arguments: [String] = [], input: Data = Data()
    ) throws -> Data {
        let path = "\(repositoryRoot)/Tests/Support/Servers/\(script)"
        let output = try execute(try interpreter(), [path] + arguments, input: input)
        guard output.status == 0 else {
            throw Failure.exit(status: output.status, message: output.standardError)
        }
        return output.standardOutput
    }

    private static func find() throws -> String {
        let system = "/usr/bin/env"
        if try execute(system, ["python3", "-c", probe]).status == 0 {
            let answer = try execute(
                system, ["python3", "-c", "import sys; print(sys.executable)"])
            let path = String(decoding: answer.standardOutput, as: UTF8.self)
            return path.trimmingCharacters(in: .whitespacesAndNewlines)
        }
        return try install()
    }

    private static func install() throws -> String {
        let environment = ProcessInfo.processInfo.environment
        let cache =
            environment["IMPRIMATUR_TEST_CACHE"].map { URL(filePath: $0) }
            ?? FileManager.default.homeDirectoryForCurrentUser
            .appending(path: ".cache/imprimatur-tests")
        try FileManager.default.createDirectory(at: cache, withIntermediateDirectories: true)
        let lock = open(cache.appending(path: "python.lock").path, O_CREAT | O_RDWR, 0o600)
        defer { close(lock) }
        // Two test processes may come here at once; the lock ends with the descriptor.
        flock(lock, LOCK_EX)
        let folder = cache.appending(path: "python")
        let python = folder.appending(path: "bin/python").path
        if (try? execute(python, ["-c", probe]).status) == 0 { return python }
        let steps = [
            ("/usr/bin/env", ["python3", "-m", "venv", "--clear", folder.path]),
            (python, ["-m", "pip", "install", "--quiet"] + packages),
        ]
        for (program, arguments) in steps {
            let output = try execute(program, arguments)
            guard output.status == 0 else {
                throw Failure.exit(status: output.status, message: output.standardError)
            }
        }
        return python
    }

    private static func execute(
        _ program: String, _ arguments: [String], input: Data = Data()
    ) throws -> Output {
        let directory = try TemporaryDirectory()
        // Files instead of pipes: no deadlock whatever the sizes.
        func file(_ name: String, _ content: Data = Data()) throws -> FileHandle {
            FileHandle(forUpdatingAtPath: try directory.write(content, to: name)) ?? .nullDevice
        }
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = arguments
        process.standardInput = try file("in", input)
        let output = try file("out")
        let error = try file("err")
        process.standardOutput = output
        process.standardError = error
        try process.run()
        process.waitUntilExit()
        func text(_ name: String) throws -> Data {
            try Data(contentsOf: URL(fileURLWithPath: directory.file(name)))
        }
        return Output(
            status: process.terminationStatus, standardOutput: try text("out"),
            standardError: String(decoding: try text("err"), as: UTF8.self))
    }
}

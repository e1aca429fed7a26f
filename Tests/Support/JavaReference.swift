// SPDX-License-Identifier: Apache-2.0
import Foundation

/// StratusLab's own tool (Apache-2.0), from the PyPI source package `stratuslab-client`: downloaded
/// at test time into `IMPRIMATUR_TEST_CACHE` or `~/.cache/imprimatur-tests`, never part of the tree.
public struct JavaReference: Sendable {
    /// Where its classes are, and the security properties that let it sign as it used to.
    let jar: String
    let security: String
    private let directory: TemporaryDirectory

    /// The tool could not be installed or run.
    public struct Failure: Error, CustomStringConvertible {
        public let description: String
    }

    private static let version = "14.06.0"
    private static let shared = Task { try await JavaReference() }

    public static func instance() async throws -> JavaReference { try await shared.value }

    private init() async throws {
        let environment = ProcessInfo.processInfo.environment
        let cache =
            environment["IMPRIMATUR_TEST_CACHE"]
            ?? FileManager.default.homeDirectoryForCurrentUser.path + "/.cache/imprimatur-tests"
        let root = "\(cache)/stratuslab-client-\(Self.version)"
        jar = root + "/java/metadata-fatjar-jar-with-dependencies.jar"
        if !FileManager.default.fileExists(atPath: jar) {
            try await Self.install(root, cache: cache)
        }
        // Java 17 refuses rsa-sha1 in XML signatures by default.
        directory = try TemporaryDirectory()
        security = try directory.write(
            "jdk.xml.dsig.secureValidationPolicy=maxTransforms 5,maxReferences 30\n",
            to: "java.security")
    }

    private static func install(_ root: String, cache: String) async throws {
        try FileManager.default.createDirectory(
            atPath: cache, withIntermediateDirectories: true)
        let folder = try TemporaryDirectory()
        try await check(
            "python3",
            [
                "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:", "-d",
                folder.path, "stratuslab-client==\(version)",
            ])
        try await check(
            "tar",
            ["-xzf", folder.file("stratuslab-client-\(version).tar.gz"), "-C", folder.path])
        // Another process may have been faster; then its copy serves.
        let unpacked = folder.file("stratuslab-client-\(version)")
        _ = try await run("cp", ["-r", unpacked, root + ".\(getpid())"])
        _ = try await run("mv", ["-T", root + ".\(getpid())", root])
    }

    private static func check(_ program: String, _ arguments: [String]) async throws {
        let (status, output) = try await run(program, arguments, timeout: .seconds(120))
        guard status == 0 else { throw Failure(description: "\(program): \(output)") }
    }

    /// What `CheckMetadata` said of one file.
    public enum Verdict: Sendable, Hashable {
        case valid
        /// The reason it printed.
        case invalid(String)
        /// It ended in an exception of its own: the first lines of the trace.
        case crashed(String)

        public var isValid: Bool { self == .valid }
    }

    /// Lines such as `Valid: FILE`, by `CheckMetadata`.
    public func check(_ files: [String]) async throws -> String {
        try await java("CheckMetadata", files).output
    }

    /// Judges many files with few processes: one, and one more for each file it crashes on.
    ///
    /// - Returns: as many verdicts as files, in their order.
    public func judge(_ files: [String]) async throws -> [Verdict] {
        var verdicts: [Verdict] = []
        while verdicts.count < files.count {
            let rest = Array(files.dropFirst(verdicts.count))
            verdicts += Self.verdicts(of: rest, in: try await check(rest))
        }
        return verdicts
    }

    /// The verdicts of the leading files, up to the first without one, on which it crashed.
    private static func verdicts(of files: [String], in output: String) -> [Verdict] {
        var verdicts: [Verdict] = []
        var rest = Substring(output)
        for file in files {
            let kinds = ["Valid: \(file)\n", "Invalid: \(file)\n", "read: \(file)\n"]
            let places = kinds.map { rest.range(of: $0) }
            guard let kind = places.firstIndex(where: { $0 != nil }), let place = places[kind]
            else { return verdicts + [.crashed(String(rest.suffix(2000).prefix(300)))] }
            rest = rest[place.upperBound...]
            verdicts.append(kind == 0 ? .valid : .invalid(String(rest.prefix { $0 != "\n" })))
        }
        return verdicts
    }

    /// Signs with SHA-1 throughout, as StratusLab did; returns the signed document.
    public func sign(
        _ document: [UInt8], _ issued: TestCertificates.Issued
    ) async throws -> [UInt8] {
        try await sign(document, pkcs12Path: issued.pkcs12Path, password: issued.password)
    }

    /// The same with any PKCS#12 file.
    public func sign(
        _ document: [UInt8], pkcs12Path: String, password: String
    ) async throws -> [UInt8] {
        let folder = try TemporaryDirectory()
        let input = try folder.write(document, to: "in.xml")
        let output = folder.file("out.xml")
        let (status, text) = try await java(
            "SignMetadata", [input, output, pkcs12Path, password])
        guard status == 0, let data = FileManager.default.contents(atPath: output) else {
            throw Failure(description: "SignMetadata: \(text)")
        }
        return [UInt8](data)
    }

    private func java(
        _ name: String, _ arguments: [String]
    ) async throws -> (status: Int32, output: String) {
        try await run(
            "java",
            [
                "-Djava.security.properties=\(security)", "-Dfile.encoding=UTF-8", "-cp", jar,
                "eu.stratuslab.marketplace.metadata.\(name)",
            ] + arguments, timeout: .seconds(120))
    }
}

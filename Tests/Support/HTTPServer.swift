// SPDX-License-Identifier: Apache-2.0
import Foundation

/// `Tests/Support/Servers/http_server.py`: serves a directory on loopback, and lies when told to.
public final class HTTPServer: Sendable {
    /// What to do with one request; see the script.
    public struct Behaviour: Codable, Sendable {
        public var status: Int?
        public var headers: [String: String]?
        public var redirect: String?
        public var serve: String?
        public var etag: String?
        public var modified: String?
        public var truncate: Int?
        public var length: Int?
        public var stall: Int?
        public var rate: Int?
        public var ignoreRange: Bool?
        public var ignoreIfRange: Bool?
        public var rangeOffset: Int?
        public var rangeTotal: Int?
        public var chunked: Bool?
        public var endless: Int?

        public init() {}

        /// `.with { $0.truncate = 100 }`
        public static func with(_ change: (inout Behaviour) -> Void) -> Behaviour {
            var behaviour = Behaviour()
            change(&behaviour)
            return behaviour
        }

        public static let plain = Behaviour()
        public static func status(_ status: Int, _ headers: [String: String] = [:]) -> Behaviour {
            with { ($0.status, $0.headers) = (status, headers) }
        }
        public static func redirect(_ url: String) -> Behaviour { with { $0.redirect = url } }
        public static func truncate(_ bytes: Int) -> Behaviour { with { $0.truncate = bytes } }
    }

    /// A request as the server logged it when it was through with it.
    public struct Request: Codable, Sendable {
        /// In the order of arrival, from 1.
        public var number: Int
        public var method: String
        public var path: String
        /// The request target as it stood in the request line.
        public var target: String
        /// Names in lower case.
        public var headers: [String: String]
        /// Base64.
        public var body: String
        /// Bytes of a file sent in answer, as far as the server could tell.
        public var sent: Int
        public var status: Int
    }

    /// What is served.
    public let root: TemporaryDirectory
    public let port: Int
    private let control: TemporaryDirectory
    private let process: BackgroundProcess
    private let isSecure: Bool

    public init(tls certificate: TestCertificates.Issued? = nil) async throws {
        root = try TemporaryDirectory()
        control = try TemporaryDirectory()
        let tls = certificate.map { ["--tls", $0.certificatePath, $0.keyPath] } ?? []
        (process, port) = try await PythonServer.start(
            "http_server.py", ["--root", root.path, "--control", control.path] + tls,
            output: control.file("output"))
        isSecure = certificate != nil
    }

    public var processID: Int32 { process.processID }

    public func url(_ path: String, host: String = "127.0.0.1") -> String {
        "\(isSecure ? "https" : "http")://\(host):\(port)/\(path)"
    }

    /// Says how the requests of `path` (without the first slash) are answered from now on: the
    /// n-th by the n-th behaviour, the last one repeated.
    public func program(_ path: String, _ behaviours: Behaviour...) throws {
        let data = try JSONEncoder().encode(behaviours)
        // Written beside and renamed: the server tells a new program by its inode.
        try data.write(to: URL(fileURLWithPath: control.file("%2F\(path).json")), options: .atomic)
    }

    /// The requests so far, of one path or all, in the order of their arrival.
    ///
    /// Blocks while some are under way: a client may have its answer before the server, which
    /// logs how much it sent, has written its log.
    public func requests(_ path: String? = nil) throws -> [Request] {
        let end = ContinuousClock.now + .seconds(20)
        while ContinuousClock.now < end {
            if let all = try answered() {
                return path.map { path in all.filter { $0.path == "/\(path)" } } ?? all
            }
            usleep(2_000)
        }
        throw NeverHappened(description: "the HTTP server is still busy")
    }

    /// Nil while some request is not answered.
    private func answered() throws -> [Request]? {
        let log = try? String(contentsOfFile: control.file("log.jsonl"), encoding: .utf8)
        let lines = (log ?? "").split(separator: "\n")
        let opened = lines.count { $0.hasPrefix("{\"open\"") }
        let requests = try lines.filter { !$0.hasPrefix("{\"open\"") }.map {
            try JSONDecoder().decode(Request.self, from: Data($0.utf8))
        }
        return opened == requests.count ? requests.sorted { $0.number < $1.number } : nil
    }

    /// Kills it: connections break.
    public func stop() { process.kill() }
}

/// Starts one of the scripts in `Tests/Support/Servers`, which print "ready PORT".
enum PythonServer {
    static func start(
        _ script: String, _ arguments: [String], output: String
    ) async throws -> (BackgroundProcess, Int) {
        let process = try BackgroundProcess(
            "python3", ["\(repositoryRoot)/Tests/Support/Servers/\(script)"] + arguments,
            output: output)
        let line = try await process.waitForLine(containing: "ready ")
        guard let port = line.split(separator: " ").last.flatMap({ Int($0) }) else {
            throw NeverHappened(description: "no port in '\(line)'")
        }
        return (process, port)
    }
}

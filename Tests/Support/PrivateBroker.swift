// SPDX-License-Identifier: Apache-2.0
import Foundation
import Synchronization

/// A RabbitMQ node of the tests' own, through `ops/rabbitmq/private-node`. Its data lies in memory
/// where the machine allows. It is killed when the last reference goes or the test process dies.
public final class PrivateBroker: Sendable {
    public struct Options: Sendable {
        /// Management API and Prometheus; the node starts more slowly with it.
        public var management = false
        /// Certificates and a port for amqps.
        public var tls = false
        /// How many virtual hosts ``PrivateBroker/vhost()`` can hand out quickly.
        public var vhosts = 4
        /// Lines for rabbitmq.conf.
        public var configuration = ""

        public init() {}
    }

    public let directory: String
    /// What the node wrote for shells: `AMQP_PORT`, `TLS_CA`, …
    public let environment: [String: String]
    public let host = "localhost"
    public let user = "imprimatur"
    public let password: String
    private let vhosts: Int
    private let vhostsTaken = Mutex(0)

    private static let sharedTask = Task {
        var options = Options()
        options.vhosts = 40
        return try await PrivateBroker(options)
    }

    /// The node that the tests of one process share. Take a virtual host each; do not stop it.
    public static var shared: PrivateBroker {
        get async throws { try await sharedTask.value }
    }

    /// Starts a node and waits until it answers.
    public init(_ options: Options = Options()) async throws {
        let folder = try TemporaryDirectory(inMemory: true)
        directory = folder.path + "-node"
        vhosts = options.vhosts
        var arguments = ["--vhosts", "\(options.vhosts)"] + Self.watch
        if options.management { arguments.append("--management") }
        if options.tls { arguments.append("--tls") }
        if !options.configuration.isEmpty {
            arguments += ["--conf", try folder.write(options.configuration, to: "extra.conf")]
        }
        try await Self.node("start", directory, arguments)
        withExtendedLifetime(folder) {}
        environment = try Self.variables(in: "\(directory)/env")
        password = try String(contentsOfFile: "\(directory)/password", encoding: .utf8)
    }

    deinit {
        // Not awaited: what the dying node may still write, its watcher removes.
        for name in ["pid", "epmd.pid"] {
            if let processID = Self.processID(directory, name) { kill(processID, SIGKILL) }
        }
        try? FileManager.default.removeItem(atPath: directory)
    }

    public var port: Int { Int(environment["AMQP_PORT"] ?? "") ?? 0 }
    public var tlsPort: Int { Int(environment["AMQPS_PORT"] ?? "") ?? 0 }
    public var caPath: String { "\(directory)/tls/ca.pem" }
    /// Its common name is ``user``.
    public var certificatePath: String { "\(directory)/tls/client.pem" }
    public var keyPath: String { "\(directory)/tls/client.key" }
    public var isRunning: Bool {
        Self.processID(directory, "pid").map { kill($0, 0) == 0 } ?? false
    }

    /// `amqp://…` with user and password, for programs that want a URL.
    public func url(vhost: String = "imprimatur") -> String {
        "amqp://\(user):\(password)@\(host):\(port)/\(vhost)"
    }

    /// A virtual host that nobody else has.
    public func vhost() async throws -> String {
        let number = vhostsTaken.withLock { taken in
            taken += 1
            return taken
        }
        let name = "test\(number)"
        guard number > vhosts else { return name }
        try await control("add_vhost", name)
        try await control("set_permissions", "-p", name, user, ".*", ".*", ".*")
        return name
    }

    /// `rabbitmqctl`; takes about a second.
    @discardableResult
    public func control(_ arguments: String...) async throws -> String {
        try await Self.node("ctl", directory, arguments)
    }

    /// Starts it again after ``crash()`` or ``stop()``, on the same data and ports.
    public func start() async throws {
        try await Self.node("start", directory, Self.watch)
    }

    /// As a power cut would.
    public func crash() async throws { try await Self.node("kill", directory) }

    /// In order; takes about six seconds.
    public func stop() async throws { try await Self.node("stop", directory) }

    /// SIGSTOP: the node holds its connections and does nothing.
    public func suspend() { signal(SIGSTOP) }
    public func resume() { signal(SIGCONT) }

    private func signal(_ number: Int32) {
        if let processID = Self.processID(directory, "pid") { kill(processID, number) }
    }

    private static var watch: [String] {
        ["--watch", "\(ProcessInfo.processInfo.processIdentifier)", "--remove"]
    }

    private static func processID(_ directory: String, _ name: String) -> Int32? {
        let text = try? String(contentsOfFile: "\(directory)/\(name)", encoding: .utf8)
        return text.flatMap { Int32($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
    }

    @discardableResult
    private static func node(
        _ verb: String, _ directory: String, _ arguments: [String] = []
    ) async throws -> String {
        let result = try await run(
            "\(repositoryRoot)/ops/rabbitmq/private-node",
            [verb, "--dir", directory] + arguments, timeout: .seconds(150))
        guard result.status == 0 else {
            throw NeverHappened(description: "private-node \(verb): \(result.output)")
        }
        return result.output
    }

    private static func variables(in file: String) throws -> [String: String] {
        var variables: [String: String] = [:]
        for line in try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n") {
            guard let equals = line.firstIndex(of: "=") else { continue }
            variables[String(line[..<equals])] = line[line.index(after: equals)...]
                .trimmingCharacters(in: CharacterSet(charactersIn: "'"))
        }
        return variables
    }
}

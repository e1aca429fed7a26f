// SPDX-License-Identifier: Apache-2.0
import Events
import Foundation
import TestSupport

/// Everything between an endorser and a site, started for one test on loopback: a virtual host of
/// the shared broker, marketplace, Subversion with its hooks, mail, and any number of workers.
final class Deployment {
    static let stages = [
        "fetcher", "verifier", "modifier", "scanner", "metadata", "signer", "uploader",
        "list-publisher", "site-notifier",
    ]
    static let site = "aurora"

    let folder: TemporaryDirectory
    let mail: SMTPSink
    let configuration: String
    let repository: String
    /// These keep the files they name.
    private let endorser: TestCertificates.Issued
    private let attestationKeys: AttestationKeyFiles
    private let vhost: String
    private let broker: PrivateBroker
    private let marketplace: BackgroundProcess
    let marketplaceURL: String
    private var workers: [String: [BackgroundProcess]] = [:]

    /// The stages' public keys.
    var publicKeys: String { attestationKeys.publicDirectory }

    /// - Parameters:
    ///   - marketplacePort: fixed, where two deployments must write equal documents.
    ///   - verifier: its settings, one a line.
    init(
        endorser: TestCertificates.Issued, marketplacePort: Int, verifier: [String] = []
    ) async throws {
        folder = try TemporaryDirectory(inMemory: true)
        self.endorser = endorser
        attestationKeys = try await AttestationKeyFiles.shared
        broker = try await PrivateBroker.shared
        vhost = try await broker.vhost()
        mail = try await SMTPSink()
        repository = "file://\(folder.path)/svn"
        configuration = folder.file("imprimatur.yaml")
        marketplaceURL = "http://127.0.0.1:\(marketplacePort)/"
        marketplace = try BackgroundProcess(
            try builtProduct("imprimatur-marketplace"),
            [
                "--listen", "127.0.0.1:\(marketplacePort)", "--database",
                folder.file("marketplace.sqlite"),
            ], output: folder.file("marketplace.log"))
        try folder.write(broker.password, to: "amqp-password")
        try folder.write(
            """
            amqp:
              url: amqp://\(broker.host):\(broker.port)/\(vhost)
              user: \(broker.user)
              password-file: \(folder.file("amqp-password"))
            store:
              path: \(folder.file("store"))
            retry:
              delays: [200ms, 1s, 3s]
            attempts: 20
            attestation:
              keys: \(attestationKeys.privateDirectory)
            fetcher:
              allow-private-addresses: true
              low-speed-time: 2s
            \(Self.section("verifier", verifier))
            modifier:
              work-directory: \(folder.file("modifier"))
            scanner:
              python: \(try DissectTools.interpreter())
              package-age-max: 3650d
            signer:
              attestation-keys: \(attestationKeys.publicDirectory)
              p12-file: \(endorser.pkcs12Path)
              p12-password-file: \(endorser.passwordPath)
            uploader:
              marketplace-url: \(marketplaceURL)
            list-publisher:
              target: subversion
              url: \(repository)
              working-copy: \(folder.file("working-copy"))
            site-notifier:
              sites: [\(Self.site)]
              smtp-url: smtp://127.0.0.1:\(mail.port)
              mail-from: imprimatur@example.org
              mail-to: [sites@example.org]

            """, to: "imprimatur.yaml")
        try await makeRepository()
        try await marketplace.waitForPort(marketplacePort)
        try await imprimatur([
            "topology", "declare", "--site", Self.site, "--retry-delays", "200ms,1s,3s",
        ])
    }

    /// A section of the configuration file, or nothing.
    private static func section(_ name: String, _ settings: [String]) -> String {
        settings.isEmpty ? "" : "\(name):\n" + settings.map { "  \($0)\n" }.joined()
    }

    private func makeRepository() async throws {
        try await succeed("svnadmin", ["create", folder.file("svn")])
        try await succeed(
            "install",
            [
                "-m", "755", "\(repositoryRoot)/ops/svn-hooks/pre-commit",
                folder.file("svn/hooks/pre-commit"),
            ])
        try folder.write(
            """
            lists = image_list.txt
            marketplace = \(marketplaceURL)
            imprimatur = \(try builtProduct("imprimatur"))

            """, to: "svn/hooks/pre-commit.conf")
    }

    // MARK: workers

    /// - Throws: with its log, when a worker has ended by itself.
    func checkWorkers() throws {
        for (stage, processes) in workers {
            for process in processes where !process.isRunning {
                throw NeverHappened(
                    description:
                        "\(stage) ended with \(process.exitStatus ?? -1): \(process.output)")
            }
        }
    }

    /// - Parameter environment: settings that differ from the configuration file.
    func start(
        _ stage: String, processes: Int = 1, environment: [String: String] = [:]
    ) throws {
        for _ in 0..<processes {
            let number = workers[stage, default: []].count
            workers[stage, default: []].append(
                try BackgroundProcess(
                    try builtProduct("imprimatur-\(stage)"), ["--config", configuration],
                    environment: environment, output: folder.file("\(stage)-\(number).log")))
        }
    }

    func startAll(processes: Int = 1) throws {
        for stage in Self.stages { try start(stage, processes: processes) }
    }

    /// `kill -9` of all the stage's processes, and as many new ones.
    func killAndRestart(_ stage: String) throws {
        let old = workers[stage, default: []]
        for process in old { process.kill() }
        workers[stage] = []
        try start(stage, processes: old.count)
    }

    /// SIGTERM to all workers; their exit statuses by stage.
    func drain() async throws -> [String: [Int32]] {
        for process in workers.values.joined() { process.terminate() }
        var statuses: [String: [Int32]] = [:]
        for (stage, processes) in workers {
            for process in processes {
                statuses[stage, default: []].append(try await process.waitForExit())
            }
        }
        return statuses
    }

    /// What the workers of a stage have logged, for the message of a failed test.
    func log(_ stage: String) -> String {
        workers[stage, default: []].map(\.output).joined(separator: "\n---\n")
    }

    // MARK: what users do and see

    /// Runs the command line with this deployment's configuration.
    @discardableResult
    func imprimatur(
        _ arguments: [String], expecting status: Int32 = 0, timeout: Duration = .seconds(120)
    ) async throws -> String {
        let result = try await run(
            try builtProduct("imprimatur"), arguments + ["--config", configuration],
            timeout: timeout)
        guard result.status == status else {
            throw NeverHappened(
                description:
                    "imprimatur \(arguments.joined(separator: " ")): status \(result.status), "
                    + "expected \(status): \(result.output)")
        }
        return result.output
    }

    /// The list as Subversion has it; empty while there is none.
    func list() async throws -> String {
        let result = try await run("svn", ["cat", "\(repository)/image_list.txt"])
        return result.status == 0 ? result.output : ""
    }

    /// The identifiers in the list, in its order.
    func listed() async throws -> [String] {
        try await list().split(separator: "\n").map(String.init).filter { !$0.hasPrefix("#") }
    }

    /// The signed document that a list line's location names, as any site would fetch it.
    func documents() async throws -> [String: String] {
        var documents: [String: String] = [:]
        for location in try await list().matches(of: /https?:\/\/\S+\/metadata\/\S+/) {
            let url = String(location.output)
            let result = try await run(
                "curl", ["-sSf", "-H", "Accept: application/rdf+xml", url])
            guard result.status == 0 else { throw NeverHappened(description: result.output) }
            documents[url] = result.output
        }
        return documents
    }

    /// Asks by event that a listed image is withdrawn or renewed.
    ///
    /// - Parameter reason: for a withdrawal.
    func revise(
        _ change: DocumentRevision.Change, _ identifier: String, publication: String,
        at time: Timestamp, reason: String? = nil
    ) async throws -> Event {
        let published = try await documents().first { $0.key.contains("/\(identifier)/") }
        guard let document = published?.value else {
            throw NeverHappened(description: "\(identifier) is not listed")
        }
        let path = try folder.write(document, to: "published-\(publication).xml")
        let sha256 = String(try await succeed("sha256sum", [path]).prefix { $0 != " " })
        let revision = DocumentRevision(
            change: change,
            published: BlobReference(sha256: sha256, size: document.utf8.count),
            identifier: identifier, requestTime: time, reason: reason)
        let event = Event(
            id: publication, source: "/test", type: change.event, subject: identifier, time: time,
            publication: publication,
            data: [DocumentRevision.key: try EventCoding.value(of: revision)])
        try await publish(event)
        return event
    }

    /// Publishes an event as it is, for the first time or once more.
    func publish(_ event: Event) async throws {
        try await succeed(
            "amqp-publish",
            [
                "--server=\(broker.host)", "--port=\(broker.port)", "--vhost=\(vhost)",
                "--username=\(broker.user)", "--password=\(broker.password)", "--persistent",
                "--exchange=\(Topology.events)", "--routing-key=\(event.type.routingKey)",
                "--content-type=application/cloudevents+json",
                "--body=\(String(decoding: try event.encoded(), as: UTF8.self))",
            ])
    }

    /// The list's changelog.
    func changelog() async throws -> String {
        try await succeed("svn", ["cat", "\(repository)/image_list.changelog"])
    }

    /// How many commits the repository has.
    func commitCount() async throws -> Int {
        let log = try await succeed("svn", ["log", "-q", repository])
        return log.split(separator: "\n").count { $0.hasPrefix("r") }
    }

    /// Waits until the list has `count` images.
    func waitUntilListed(_ count: Int, timeout: Duration = .seconds(180)) async throws {
        try await eventually(timeout: timeout, "\(count) listed images") {
            try checkWorkers()
            return try await listed().count >= count
        }
    }

    /// Whose blobs the artifact store keeps.
    func pins() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.file("store/pins"))
    }

    /// Every message waiting in the site's queue, taken from it.
    func siteMessages() async throws -> [Data] {
        var messages: [Data] = []
        while true {
            let result = try await run(
                "amqp-get",
                [
                    "--server=\(broker.host)", "--port=\(broker.port)", "--vhost=\(vhost)",
                    "--username=\(broker.user)", "--password=\(broker.password)",
                    "--queue=imprimatur.site.\(Self.site)",
                ])
            guard result.status == 0, !result.output.isEmpty else { return messages }
            messages.append(Data(result.output.utf8))
        }
    }

    /// The signed StratusLab document's own verdict by our offline validator.
    func validate(_ document: String, name: String) async throws -> String {
        let path = try folder.write(document, to: "documents/\(name).xml")
        return try await run(
            try builtProduct("imprimatur"),
            ["metadata", "validate", "--ca", endorser.authorityPath, path]
        ).output
    }
}

@discardableResult
func succeed(_ program: String, _ arguments: [String]) async throws -> String {
    let result = try await run(program, arguments)
    guard result.status == 0 else {
        throw NeverHappened(description: "\(program) ended with \(result.status): \(result.output)")
    }
    return result.output
}

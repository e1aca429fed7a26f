// SPDX-License-Identifier: Apache-2.0
import AMQP
import Events
import Foundation
import Pipeline
import PipelineTesting
import TestSupport
import Testing

extension BrokerTests {
    @Suite("imprimatur publish")
    struct PublishTests {
        private static let example = "\(repositoryRoot)/schemas/request/cirros-0.3.4.yaml"
        private static let publication = "0f0f3ac9-6d0c-4c0a-8f3c-6f2b8ad7a111"

        @Test(
            "The request is in the fetcher's queue, as the schema has it, when the id is printed"
        )
        func published() async throws {
            let bench = try await Workbench()
            let result = try await bench.imprimatur("publish", Self.example)
            #expect(result.status == 0, "\(result.output)")
            let publication = try #require(result.output.publicationID)
            #expect(result.output == publication + "\n")

            // Confirmed before it was printed: no waiting here.
            let fetched = try #require(
                try await bench.administration.get(from: Stage.fetcher.queue))
            let message = fetched.delivery.message
            let event = try Event(decoding: message.body)
            #expect(event.type == .imageNew)
            #expect(event.publication == publication)
            #expect(event.subject == "cirros-0.3.4-x86_64")
            let request = try event.section(ImageRequest.self)
            #expect(request.checksumFiles?.count == 1)
            #expect(message.properties.messageID == event.id)
            #expect(message.properties.correlationID == publication)
            #expect(message.properties.contentType == Event.contentType)
            #expect(message.properties.type == "imprimatur.image.new.v1")
            #expect(message.properties.appID == "imprimatur")
            #expect(message.properties.deliveryMode == .persistent)
            #expect(try Self.schemaErrors(message.body) == [])
        }

        @Test("The same id and time publish the same event again")
        func repeated() async throws {
            let bench = try await Workbench()
            var messages: [Message] = []
            for _ in 0..<2 {
                let result = try await bench.imprimatur(
                    "publish", "--publication", Self.publication.uppercased(), "--time",
                    "2026-03-02T10:30:00+01:00", Self.example, "--json")
                #expect(result.status == 0, "\(result.output)")
                #expect(result.output.contains("\"publication\":\"\(Self.publication)\""))
                messages.append(try await bench.take(from: Stage.fetcher.queue))
            }
            #expect(messages[0] == messages[1])
            let event = try Event(decoding: messages[0].body)
            #expect(event.id == DerivedIdentifier.event(from: Self.publication, type: .imageNew))
            #expect(event.time.description == "2026-03-02T09:30:00Z")
        }

        @Test("Flags describe the simple case")
        func flags() async throws {
            let bench = try await Workbench()
            let digest = String(repeating: "0a", count: 32)
            let result = try await bench.imprimatur(
                "publish", "--name", "debian-12", "--url", "https://example.org/debian-12.qcow2",
                "--format", "qcow2", "--checksum", "sha256:\(digest)", "--checksum-file",
                "https://example.org/SHA512SUMS", "--checksum-signature",
                "https://example.org/SHA512SUMS.gpg", "--require-signature", "--accept-weak", "md5",
                "--os", "debian",
                "--os-version", "12", "--arch", "x86_64", "--title", "Debian 12", "--version",
                "1.0",
                "--valid-days", "30")
            #expect(result.status == 0, "\(result.output)")
            let message = try await bench.take(from: Stage.fetcher.queue)
            #expect(try Self.schemaErrors(message.body) == [])
            let request = try Event(decoding: message.body).section(ImageRequest.self)
            #expect(
                request
                    == ImageRequest(
                        name: "debian-12",
                        source: .init(url: "https://example.org/debian-12.qcow2", format: .qcow2),
                        digests: ["sha256": digest],
                        checksumFiles: [
                            .init(
                                url: "https://example.org/SHA512SUMS",
                                signature: "https://example.org/SHA512SUMS.gpg")
                        ],
                        acceptWeakDigests: [.md5], requireSignature: true,
                        metadata: .init(
                            title: "Debian 12", os: "debian", osVersion: "12", osArch: "x86_64",
                            version: "1.0", validDays: 30)))
        }

        @Test("Nothing is published by --dry-run, which needs no broker")
        func dryRun() async throws {
            let output = try await run(
                Workbench.program(), ["publish", "--dry-run", Self.example],
                environment: ["IMPRIMATUR_AMQP_URL": "amqp://127.0.0.1:1/none"])
            #expect(output.status == 0)
            #expect(try Event(decoding: Array(output.output.utf8.dropLast())).type == .imageNew)
        }

        @Test("A wrong request file ends with 64 and tells every line")
        func wrongFile() async throws {
            let folder = try TemporaryDirectory()
            let text = """
                name: a b
                source:
                  url: http://example.org/a.img
                  fromat: raw
                metadata: {os: debian, osVersion: "12", osArch: x86_64}

                """
            let path = try folder.write(text, to: "image.yaml")
            let result = try await run(Workbench.program(), ["publish", path])
            #expect(result.status == 64)
            #expect(result.output.contains("\(path):1: name: must be 1 to 128 of"))
            #expect(result.output.contains("\(path):4: source.fromat: unknown field; did you mean"))
            #expect(result.output.contains("\(path):1: digests: a digest or a checksum file"))
        }

        @Test(
            "A wrong command line ends with 64 and says what to do",
            arguments: [
                (["publish"], "give a request file, or flags"),
                (["publish", "a.yaml", "--name", "a"], "not both"),
                (["publish", "none.yaml"], "no such file"),
                (["publish", "--name", "a", "--os", "a/b"], "--url: is required"),
                (["publish", "--name", "a", "--os", "a/b"], "--os: must not contain '/'"),
                (["publish", "--name", "a", "--checksum", "sha256"], "must be algorithm:digest"),
                (["publish", "--name", "a", "--checksum", "md5:0"], "--checksum: must be 32"),
                (
                    ["publish", "--name", "a", "--checksum-signature", "http://h/a"],
                    "--checksum-signature: give one for each --checksum-file"
                ),
                (
                    ["publish", "--checksum-file", "http://h/a", "--checksum-signature", "b"],
                    "--checksum-signature: must be an absolute URL"
                ),
                (["publish", "--name", "a", "--require-signature"], "--require-signature: needs"),
                (["publish", "a.yaml", "--publication", "42"], "must be a UUID"),
                (["publish", "a.yaml", "--time", "now"], "must be like 2026-03-02T09:30:00Z"),
                (["publish", "a.yaml", "--wait=done"], "--wait"),
                (["publish", "a.yaml", "--amqp-password", "secret"], "--amqp-password"),
                (["watch", "42"], "is not a publication's id"),
                (["dead-letters", "retry"], "give an id, or --all"),
                (["topology", "declare", "--site", "A B"], "--site"),
                (["nothing"], "nothing"),
            ])
        func wrongCommandLine(_ arguments: [String], _ expected: String) async throws {
            let result = try await run(Workbench.program(), arguments)
            #expect(result.status == 64, "\(result.output)")
            #expect(result.output.contains(expected), "\(result.output)")
        }

        @Test(
            "A broker that is away ends with 2 and says where it was looked for",
            arguments: [
                ["publish", example], ["publish", "--wait", example], ["watch"],
                ["topology", "check"], ["topology", "declare"], ["dead-letters", "list"],
            ])
        func brokerAway(_ arguments: [String]) async throws {
            let port = try freePort()
            let result = try await run(
                Workbench.program(), arguments,
                environment: ["IMPRIMATUR_AMQP_URL": "amqp://127.0.0.1:\(port)/imprimatur"])
            #expect(result.status == 2, "\(result.output)")
            #expect(result.output.contains("127.0.0.1:\(port)/imprimatur: connection failed"))
            #expect(result.output.contains("IMPRIMATUR_AMQP_URL"), "\(result.output)")
            #expect(result.output.lines.count == 2, "\(result.output)")
            #expect(result.output.publicationID == nil)
        }

        @Test("A wrong password ends with 2 and is not repeated")
        func wrongPassword() async throws {
            let bench = try await Workbench(hasTopology: false)
            let result = try await bench.imprimatur(
                "publish", Self.example, environment: ["IMPRIMATUR_AMQP_PASSWORD": "hunter2hunter2"]
            )
            #expect(result.status == 2, "\(result.output)")
            #expect(result.output.contains("login refused"), "\(result.output)")
            #expect(!result.output.contains("hunter2"))
        }

        @Test("A vhost without the topology ends with 2")
        func noTopology() async throws {
            let bench = try await Workbench(hasTopology: false)
            let result = try await bench.imprimatur("publish", Self.example)
            #expect(result.status == 2, "\(result.output)")
            #expect(result.output.contains("imprimatur.events"), "\(result.output)")
        }

        @Test("The password may come from a file, the address from a configuration file")
        func configurationFile() async throws {
            let bench = try await Workbench()
            let password = bench.environment["IMPRIMATUR_AMQP_PASSWORD"] ?? ""
            let passwordFile = try bench.folder.write(password + "\n", to: "password")
            let url = bench.environment["IMPRIMATUR_AMQP_URL"] ?? ""
            let text = """
                amqp: {url: "\(url)", password-file: \(passwordFile)}
                fetcher: {size-max: 1GiB}

                """
            let config = try bench.folder.write(text, to: "imprimatur.yaml")
            let result = try await run(
                Workbench.program(), ["publish", "--config", config, Self.example])
            #expect(result.status == 0, "\(result.output)")
            #expect(try await bench.count(of: Stage.fetcher.queue) == 1)
        }

        static func schemaErrors(_ body: [UInt8]) throws -> [String] {
            let schema = "\(repositoryRoot)/schemas/events/image.new/v1.schema.json"
            let instance = String(decoding: body, as: UTF8.self)
            let input = Data("[{\"schema\": \"\(schema)\", \"instance\": \(instance)}]".utf8)
            let answer = try PythonTools.run("validate_schema.py", ["validate"], input: input)
            return try JSONDecoder().decode([[String]].self, from: answer).flatMap { $0 }
        }
    }
}

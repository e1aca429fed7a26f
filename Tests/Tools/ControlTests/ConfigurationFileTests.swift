// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

extension BrokerTests {
    /// The command reads the workers' configuration file.
    @Suite("The configuration file")
    struct ConfigurationFileTests {
        @Test("The annotated file is accepted, named by --config or by IMPRIMATUR_CONFIG")
        func annotated() async throws {
            let bench = try await Workbench(sites: [])
            let path = "\(repositoryRoot)/compose/imprimatur.yaml"
            // The workbench's variables name the broker; they go before the file.
            let flag = try await bench.imprimatur("topology", "check", "--config", path)
            #expect(flag.status == 0, "\(flag.output)")
            let store = bench.folder.file("store")
            let verify = try await bench.imprimatur(
                "store", "verify", "--store-path", store,
                environment: ["IMPRIMATUR_CONFIG": path])
            #expect(verify.status == 2)
            #expect(verify.output.contains("there is no store in '\(store)'"))
        }

        @Test("The variable alone says where the broker is")
        func variable() async throws {
            let bench = try await Workbench()
            let password = bench.environment["IMPRIMATUR_AMQP_PASSWORD"] ?? ""
            let passwordPath = try bench.folder.write(password, to: "password")
            let path = try bench.folder.write(
                """
                amqp:
                  url: \(bench.environment["IMPRIMATUR_AMQP_URL"] ?? "")
                  password-file: \(passwordPath)
                signer:

                """, to: "imprimatur.yaml")
            let found = try await run(
                Workbench.program(), ["topology", "check"],
                environment: ["IMPRIMATUR_CONFIG": path])
            #expect(found.status == 0, "\(found.output)")
            let absent = try await run(
                Workbench.program(), ["topology", "check"],
                environment: ["IMPRIMATUR_CONFIG": "/no/such.yaml"])
            #expect(absent.status == 78)
            #expect(absent.output.contains("/no/such.yaml"))
        }
    }
}

@Suite("imprimatur over amqps", .timeLimit(.minutes(2)))
struct SecureConnectionTests {
    @Test("A client certificate alone logs in; a broker of another authority is not trusted")
    func certificate() async throws {
        var options = PrivateBroker.Options()
        options.tls = true
        let broker = try await PrivateBroker(options)
        func declare(ca: String) async throws -> (status: Int32, output: String) {
            try await run(
                Workbench.program(),
                [
                    "topology", "declare", "--amqp-url",
                    "amqps://localhost:\(broker.tlsPort)/imprimatur", "--amqp-ca-file", ca,
                    "--amqp-certificate-file", broker.certificatePath, "--amqp-key-file",
                    broker.keyPath,
                ])
        }
        let declared = try await declare(ca: broker.caPath)
        #expect(declared.status == 0, "\(declared.output)")
        let others = try await TestCertificates()
        let foreign = try await declare(ca: others.authorityPath)
        withExtendedLifetime(others) {}
        #expect(foreign.status == 2, "\(foreign.output)")
        let absent = try await declare(ca: "/no/such.pem")
        #expect(absent.status == 2)
        #expect(absent.output.contains("authority file '/no/such.pem'"), "\(absent.output)")
    }
}

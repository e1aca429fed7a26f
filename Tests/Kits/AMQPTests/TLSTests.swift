// SPDX-License-Identifier: Apache-2.0
import AMQP
import TestSupport
import Testing

/// amqps with client certificates, and what must not be accepted.
@Suite struct TLSTests {
    private static let node = Task {
        var options = PrivateBroker.Options()
        options.tls = true
        return try await PrivateBroker(options)
    }

    private func configuration(
        _ change: (inout TLSConfiguration, PrivateBroker) -> Void = { _, _ in }
    ) async throws -> ConnectionConfiguration {
        let broker = try await Self.node.value
        var tls = TLSConfiguration(
            authorityFile: broker.caPath, certificateFile: broker.certificatePath,
            keyFile: broker.keyPath)
        change(&tls, broker)
        return ConnectionConfiguration(
            host: "localhost", port: broker.tlsPort, vhost: "imprimatur",
            credentials: tls.certificateFile == nil
                ? .plain(user: broker.user, password: broker.password) : .external, tls: tls)
    }

    private func connectionError(_ configuration: ConnectionConfiguration) async -> AMQPError? {
        await amqpError { () async throws(AMQPError) in
            try await Publisher(configuration, logger: quiet).connect()
        }
    }

    @Test(.timeLimit(.minutes(1))) func clientCertificateLogsInAndMessagesTravel() async throws {
        let configuration = try await configuration()
        let administration = Administration(configuration, logger: quiet)
        try await administration.declareQueue("tls")
        let publisher = Publisher(configuration, logger: quiet)
        let batch = (0..<500).map {
            Publication(Message("\($0)"), exchange: "", routingKey: "tls")
        }
        #expect(await publisher.publish(batch).allSatisfy { $0 == nil })
        let body = [UInt8](repeating: 7, count: 1_000_000)
        try await publisher.publish(Message(body: body), exchange: "", routingKey: "tls")
        let consumer = Consumer(configuration, source: .queue("tls"), logger: quiet)
        var count = 0
        for await delivery in consumer.deliveries {
            try delivery.ack()
            count += 1
            if count == 501 {
                #expect(delivery.message.body == body)
                break
            }
        }
        await consumer.close()
        #expect(try await administration.checkQueue("tls").messages == 0)
        await publisher.close()
        await administration.close()
    }

    @Test(.timeLimit(.minutes(1))) func foreignAuthorityIsNotTrusted() async throws {
        let foreign = try await TestCertificates()
        defer { withExtendedLifetime(foreign) {} }
        let configuration = try await configuration { tls, _ in
            tls.authorityFile = foreign.authorityPath
        }
        guard case .tlsFailed = await connectionError(configuration) else {
            Issue.record("trusted")
            return
        }
    }

    @Test(.timeLimit(.minutes(1))) func certificateOfAnotherHostIsNotTrusted() async throws {
        var configuration = try await configuration()
        configuration.host = "127.0.0.1"
        let error = await connectionError(configuration)
        guard case .tlsFailed(let failure) = error else {
            Issue.record("trusted")
            return
        }
        #expect(failure.text.contains("hostname"))
        #expect(error?.isTransient == false)
    }

    @Test(.timeLimit(.minutes(1))) func withoutClientCertificateTheBrokerRefuses() async throws {
        let configuration = try await configuration { tls, _ in
            (tls.certificateFile, tls.keyFile) = (nil, nil)
        }
        guard case .tlsFailed(let failure) = await connectionError(configuration) else {
            Issue.record("accepted")
            return
        }
        #expect(failure.operation == "login")
    }

    @Test(.timeLimit(.minutes(1))) func missingFilesAreNamedByTheirRole() async throws {
        let noAuthority = try await configuration { tls, _ in tls.authorityFile = "/nowhere" }
        let noKey = try await configuration { tls, _ in tls.keyFile = "/nowhere" }
        for (configuration, role) in [(noAuthority, "authority"), (noKey, "key")] {
            guard case .tlsFailed(let failure) = await connectionError(configuration) else {
                Issue.record("accepted")
                continue
            }
            #expect(failure.operation.contains(role))
        }
    }
}

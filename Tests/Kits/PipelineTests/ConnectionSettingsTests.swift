// SPDX-License-Identifier: Apache-2.0
import AMQP
import Events
import Foundation
import Pipeline
import Testing

/// `amqp.*`.
@Suite("Connection settings")
struct ConnectionSettingsTests {
    private func settings(_ values: [String: String]) throws -> ConnectionSettings {
        try ConnectionSettings(SettingValues(ConnectionSettings.settings, values))
    }

    @Test("URLs in all their forms")
    func urls() throws {
        let plain = try settings([:])
        #expect(plain.description == "amqp://guest@127.0.0.1:5672/imprimatur")
        let full = try settings([
            "amqp.url": "amqps://fetcher@mq.example.org/a%2Fb", "amqp.password": "pw",
        ])
        #expect(full.host == "mq.example.org")
        #expect(full.port == 5671)
        #expect(full.vhost == "a/b")
        #expect(full.user == "fetcher")
        #expect(full.usesTLS)
        #expect(!"\(full)".contains("pw"))
        #expect(!String(reflecting: full).contains("pw"))
        let six = try settings(["amqp.url": "amqp://[::1]:5673/"])
        #expect((six.host, six.port, six.vhost) == ("::1", 5673, "/"))
        let external = try settings([
            "amqp.url": "amqps://mq/v", "amqp.certificate-file": "/c", "amqp.key-file": "/k",
        ])
        #expect(external.user == nil)
        #expect(external.configuration(name: "n").credentials == .external)
        #expect(external.configuration(name: "n").tls?.authorityFile.hasPrefix("/etc") == true)
    }

    @Test(
        "what cannot be a broker is refused with the reason",
        arguments: [
            (["amqp.url": "amqp://user:pw@host/v"], "must not hold a password"),
            (["amqp.url": "http://host/v"], "must start with amqp:// or amqps://"),
            (["amqp.url": "amqp:///v"], "has no host"),
            (["amqp.url": "amqp://host:0/v"], "port that is not 1 to 65535"),
            (["amqp.url": "amqp://host/%zz"], "malformed vhost"),
            (["amqp.url": "amqp://a@host/v", "amqp.user": "b"], "differs from the user"),
            (["amqp.ca-file": "/ca"], "needs a broker URL that starts with amqps://"),
            (
                ["amqp.url": "amqps://h/v", "amqp.key-file": "/k"],
                "amqp.certificate-file and amqp.key-file belong together"
            ),
        ])
    func refused(values: [String: String], reason: String) {
        let error = #expect(throws: ConfigurationError.self) { try settings(values) }
        #expect(error?.description.contains(reason) == true, "\(error?.description ?? "")")
        #expect(error?.description.contains("pw") == false)
    }

    @Test("router options and their retry ladder")
    func router() throws {
        let base = ["store.path": "/store"]
        let options = try RouterOptions(SettingValues(CommonSettings.worker, base))
        #expect(options.prefetch == 8)
        #expect(options.retry.ladder.map(\.label) == ["10s", "1m", "10m", "1h"])
        #expect(options.retry.attemptMax == 8)
        let own = try RouterOptions(
            SettingValues(
                CommonSettings.worker,
                base.merging(["retry.delays": "1s,200ms", "concurrency": "3"]) { $1 }))
        #expect(own.retry.ladder.map(\.label) == ["200ms", "1s"])
        #expect(own.prefetch == 6)
        #expect(throws: ConfigurationError.self) {
            try RouterOptions(
                SettingValues(
                    CommonSettings.worker, base.merging(["retry.delays": "soon"]) { $1 }))
        }
    }

    @Test("the ladder: rung by rung, the last again and again, the nearest to a wish")
    func ladder() {
        let policy = RetryPolicy(attemptMax: 6)
        #expect(
            (1...6).map { policy.delay(afterAttempt: $0)?.label }
                == ["10s", "1m", "10m", "1h", "1h", nil])
        let wishes: [(Duration, String)] = [
            (.zero, "10s"), (.seconds(20), "10s"), (.seconds(30), "1m"), (.seconds(300), "10m"),
            (.seconds(86_400), "1h"), (.seconds(Int64.max), "1h"),
        ]
        for (wish, label) in wishes { #expect(policy.nearest(to: wish).label == label, "\(wish)") }
    }
}

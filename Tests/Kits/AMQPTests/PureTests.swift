// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import AMQP

/// What needs no broker.
@Suite struct PureTests {
    @Test func brokerURLsAreRead() throws {
        let full = try ConnectionConfiguration(url: "amqp://u%40x:p%2Fw@host:5673/a%2Fb")
        #expect(full.host == "host" && full.port == 5673 && full.vhost == "a/b")
        #expect(full.credentials == .plain(user: "u@x", password: "p/w"))
        let short = try ConnectionConfiguration(url: "amqp://u:p@[::1]")
        #expect(short.host == "::1" && short.port == 5672 && short.vhost == "/")
        let tls = TLSConfiguration(
            authorityFile: "ca", certificateFile: "certificate", keyFile: "key")
        let external = try ConnectionConfiguration(url: "amqps://host/v", tls: tls)
        #expect(external.credentials == .external && external.port == 5671)
    }

    @Test(arguments: [
        "", "http://h", "amqp://", "amqp://h", "amqp://u@h", "amqp://u:p@h:0", "amqp://u:p@h:x",
        "amqp://u:p@h:99999", "amqp://u:p@h/%zz", "amqp://u:p@h/%00", "amqp://u:p@h/%ff",
        "amqp://u:p@h/v?heartbeat=1", "amqps://u:p@h", "amqp://u:p@[::1]x",
    ])
    func badBrokerURLsAreRefusedWithoutRepeatingThem(url: String) {
        do throws(AMQPError) {
            _ = try ConnectionConfiguration(url: url)
            Issue.record("accepted")
        } catch {
            guard case .invalid(let reason) = error else { Issue.record("\(error)"); return }
            #expect(reason.hasPrefix("broker URL: "))
            #expect(!reason.contains("u:p"))
        }
    }

    @Test func descriptionsHideThePassword() {
        let credentials = Credentials.plain(user: "u", password: "secret")
        #expect(!"\(credentials)".contains("secret"))
    }

    @Test func backoffGrowsWithJitterToItsLimit() {
        let backoff = Backoff(initial: .milliseconds(100), max: .seconds(1))
        var generator = SystemRandomNumberGenerator()
        for (attempt, whole) in [(1, 100), (2, 200), (3, 400), (5, 1000), (1_000_000, 1000)] {
            for _ in 0..<100 {
                let pause = backoff.pause(beforeAttempt: attempt, using: &generator)
                #expect(pause >= .milliseconds(whole / 2) && pause <= .milliseconds(whole))
            }
        }
    }

    @Test func fifoKeepsOrderThroughCompaction() {
        var fifo = FIFO<Int>()
        for number in 0..<5000 { fifo.append(number) }
        for number in 0..<4000 { #expect(fifo.popFirst() == number) }
        #expect(fifo.count == 1000 && fifo[0] == 4000 && fifo[1000] == nil)
        fifo.prepend([1, 2])
        fifo.removeAll { $0 % 2 == 0 }
        #expect(fifo.popFirst() == 1 && fifo.popFirst() == 4001)
        #expect(fifo.removeAll().count == 499 && fifo.isEmpty)
    }

    @Test func openTagsCloseOnceInAnyOrder() {
        var tags = OpenTags()
        #expect(tags.admit(through: 5) == true)
        #expect(!tags.admit(through: 5) && !tags.admit(through: 1_000_000))
        #expect(tags.close(2, isWritten: false) && !tags.close(2, isWritten: false))
        #expect(!tags.close(0, isWritten: false) && !tags.close(6, isWritten: false))
        #expect(tags.forgetRun() == nil)
        #expect(tags.close(1, isWritten: true) == true)
        #expect(tags.close(4, isWritten: false) == true)
        #expect(tags.forgetRun() == 2)
        #expect(tags.writeRest() == [4] && tags.writeRest().isEmpty)
        #expect(tags.close(3, isWritten: true) && tags.close(5, isWritten: false))
        #expect(tags.forgetRun() == 5 && !tags.close(5, isWritten: false))
    }

    @Test func assemblerRefusesFramesOutOfPlace() {
        var assembler = ContentAssembler()
        let head = ContentHead.delivery(
            tag: 1, isRedelivered: false, exchange: "", routingKey: "")
        func isUnexpected(_ result: ContentAssembler.Result) -> Bool {
            if case .unexpected = result { true } else { false }
        }
        #expect(isUnexpected(assembler.body([1])))
        #expect(isUnexpected(assembler.header(bodyBytes: 1, properties: .init())))
        _ = assembler.begin(head)
        #expect(isUnexpected(assembler.begin(head)))
        _ = assembler.header(bodyBytes: 2, properties: .init())
        #expect(isUnexpected(assembler.body([1, 2, 3])))
    }

    @Test func bodyBeyondTheLimitIsThrownAway() {
        var assembler = ContentAssembler()
        let head = ContentHead.delivery(
            tag: 1, isRedelivered: false, exchange: "", routingKey: "")
        _ = assembler.begin(head)
        let size = Message.bodyBytesMax + 1
        _ = assembler.header(bodyBytes: UInt64(size), properties: .init())
        let half = [UInt8](repeating: 0, count: size / 2)
        guard case .incomplete = assembler.body(half),
            case .tooLarge = assembler.body(Array(half) + [0])
        else {
            Issue.record("kept")
            return
        }
    }
}

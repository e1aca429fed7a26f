// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import AMQP

@Suite struct PublishWindowTests {
    private let late = ContinuousClock.now + .seconds(3600)

    private func pending(
        _ count: Int, key: String = "k", deadline: ContinuousClock.Instant? = nil
    ) -> [PendingPublish] {
        (0..<count).map { _ in
            PendingPublish(
                Publication(Message(body: []), exchange: "", routingKey: key),
                deadline: deadline ?? late, batch: nil, index: 0)
        }
    }

    private func sendAll(_ window: inout PublishWindow) -> Int {
        var count = 0
        while window.next() != nil { count += 1 }
        return count
    }

    @Test func windowBoundsWhatIsUnconfirmed() {
        var window = PublishWindow(countMax: 3, bytesMax: 1000)
        window.submit(pending(5))
        #expect(sendAll(&window) == 3)
        #expect(window.confirm(tag: 2, isMultiple: false, error: nil) == true)
        #expect(sendAll(&window) == 1)
        #expect(window.confirm(tag: 4, isMultiple: true, error: nil) == true)
        #expect(sendAll(&window) == 1 && !window.isEmpty)
        #expect(window.confirm(tag: 5, isMultiple: false, error: nil) && window.isEmpty)
        #expect(window.confirm(tag: 5, isMultiple: false, error: nil) == false)
        #expect(window.confirm(tag: 6, isMultiple: true, error: nil) == false)
        #expect(window.confirm(tag: 0, isMultiple: true, error: nil) == false)
    }

    @Test func whatAChannelExceptionHitIsSentAgainOneByOne() {
        var window = PublishWindow(countMax: 10, bytesMax: 1000)
        let all = pending(3)
        window.submit(all)
        #expect(sendAll(&window) == 3)
        let error = AMQPError.channelClosed(BrokerException(replyCode: 404, replyText: ""))
        window.abandon(blame: error)
        #expect(sendAll(&window) == 1)
        #expect(window.confirm(tag: 1, isMultiple: false, error: nil) == true)
        #expect(sendAll(&window) == 1)
        window.abandon(blame: error)
        #expect(all.map(\.isDone) == [true, true, false])
        #expect(sendAll(&window) == 1)
    }

    @Test func aLostConnectionBlamesNobody() {
        var window = PublishWindow(countMax: 10, bytesMax: 1000)
        let all = pending(1)
        window.submit(all)
        _ = sendAll(&window)
        window.abandon(blame: nil)
        #expect(!all[0].isDone && sendAll(&window) == 1)
    }

    @Test func deadlinesEndWhatWaitsAndWhatIsSent() {
        var window = PublishWindow(countMax: 1, bytesMax: 1000)
        let now = ContinuousClock.now
        let all = pending(2, deadline: now) + pending(1)
        window.submit(all)
        _ = sendAll(&window)
        window.expire(at: now, reason: "test")
        #expect(all.map(\.isDone) == [true, true, false])
        #expect(window.overdueCount == 1)
        #expect(sendAll(&window) == 1)
        #expect(window.confirm(tag: 1, isMultiple: false, error: nil) == true)
        #expect(window.confirm(tag: 2, isMultiple: false, error: nil) && window.isEmpty)
    }

    @Test func aReturnGoesToTheFirstThatLooksTheSame() {
        var window = PublishWindow(countMax: 10, bytesMax: 1000)
        let all = pending(1) + pending(2, key: "lost")
        window.submit(all)
        _ = sendAll(&window)
        let returned = ReturnedMessage(
            replyCode: 312, replyText: "", exchange: "", routingKey: "lost")
        #expect(window.markReturned(returned, messageID: nil) == true)
        #expect(all.map { $0.returned != nil } == [false, true, false])
        #expect(window.markReturned(returned, messageID: "other") == false)
    }
}

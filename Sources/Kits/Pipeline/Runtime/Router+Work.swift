// SPDX-License-Identifier: Apache-2.0
import AMQP
import BlobStore
import CoreMetrics
import Events
import Logging
import Synchronization

extension Router {
    /// An event on its way through the runtime.
    private struct Letter: Sendable {
        var incoming: IncomingMessage
        var past: DeliveryPast
        var logger: Logger
        var event: Event?
        var resolution: Resolution?
    }

    /// The law of the system: decode, handle, publish what follows, await its confirms, and only
    /// then acknowledge, here and nowhere else.
    ///
    /// - Returns: the error that has to stop this worker, if there is one.
    func work(on batch: [IncomingMessage], _ id: UInt64) async -> (any Error)? {
        var letters = batch.map { open($0) }
        await handle(&letters, id)
        var items: [Outbox.Item] = []
        for index in letters.indices { items += prepare(&letters[index]) }
        var failure: BrokerError?
        do throws(BrokerError) {
            try await outbox.publish(items, logger: letters[0].logger)
        } catch {
            failure = error
        }
        if case .unroutable? = failure { failure = await putOff(&letters, failure) }
        if let failure { await giveBack(&letters, failure) }
        var fatal: (any Error)?
        for letter in letters {
            if case .stop(let error, _)? = letter.resolution { fatal = error }
            await settle(letter)
        }
        return fatal
    }

    /// Decodes the event and checks that it is for this stage; parks it otherwise.
    private func open(_ incoming: IncomingMessage) -> Letter {
        let past = DeliveryPast(incoming.message)
        var letter = Letter(incoming: incoming, past: past, logger: logger)
        letter.logger[metadataKey: "attempt"] = "\(past.attempt)"
        do throws(EventError) {
            let event = try Event(decoding: incoming.message.body)
            letter.logger[metadataKey: "publication"] = "\(event.publication)"
            letter.logger[metadataKey: "event"] = "\(event.id)"
            if stage.consumes.contains(event.type) {
                letter.event = event
            } else {
                letter.resolution = .park(
                    .unexpectedType, why: "\(event.type.routingKey) is not for \(stage.rawValue)")
            }
        } catch {
            letter.logger[metadataKey: "event"] = "\(incoming.message.properties.messageID ?? "-")"
            letter.resolution = .park(.undecodable, why: Resolver.text(error))
        }
        return letter
    }

    /// Calls the handler for the letters that hold an event, and resolves what it says.
    private func handle(_ letters: inout [Letter], _ id: UInt64) async {
        let open = letters.indices.filter { letters[$0].resolution == nil }
        let events = open.compactMap { letters[$0].event }
        guard !events.isEmpty, !isStopping.load(ordering: .acquiring) else {
            slots.release()
            for index in open { letters[index].resolution = .giveBack(why: "worker stops") }
            return
        }
        let result = await call(events, context(letters, open), id)
        slots.release()
        for (position, index) in open.enumerated() {
            let (event, past) = (events[position], letters[index].past)
            letters[index].resolution =
                switch result {
                case .success(let outcomes):
                    resolver.resolve(outcomes[position], of: event, past)
                case .failure(let failure):
                    switch failure {
                    case .interrupted: .giveBack(why: "worker stops")
                    case .overdue:
                        resolver.again(
                            after: nil, why: "not done within \(Quantity.text(options.deadline))",
                            past)
                    case .failed(let error): resolver.resolve(error, of: event, past)
                    }
                }
        }
    }

    private enum CallFailure: Error {
        case interrupted
        case overdue
        case failed(any Error)
    }

    private struct WrongCount: Error, Disposed, CustomStringConvertible {
        var description: String
        var disposition: Disposition { .fatal }
    }

    private func call(
        _ events: [Event], _ context: HandlerContext, _ id: UInt64
    ) async -> Result<[Outcome], CallFailure> {
        let started = ContinuousClock.now
        let job = job
        let task = Task { () async throws -> [Outcome] in
            switch job {
            case .single(let handler): [try await handler.handle(events[0], context)]
            case .batch(let handler): try await handler.handle(events, context)
            }
        }
        inFlight.attach(task, to: id)
        let result = await task.result
        let reason = inFlight.detach(id)
        metrics.handling.recordNanoseconds(started.duration(to: .now).nanoseconds)
        switch result {
        case .success(let outcomes) where outcomes.count == events.count:
            return .success(outcomes)
        case .success(let outcomes):
            return .failure(
                .failed(
                    WrongCount(
                        description: "the handler returned \(outcomes.count) outcomes for"
                            + " \(events.count) events")))
        case .failure(let error):
            switch reason {
            case .shutdown: return .failure(.interrupted)
            case .deadline: return .failure(.overdue)
            case nil: return .failure(.failed(error))
            }
        }
    }

    private func context(_ letters: [Letter], _ open: [Int]) -> HandlerContext {
        var logger = letters[open[0]].logger
        if open.count > 1 { logger[metadataKey: "batch"] = "\(open.count)" }
        let (progress, outbox, stage) = (progress, outbox, stage)
        return HandlerContext(
            stage: stage, logger: logger, store: store,
            deadline: .now.advanced(by: options.deadline),
            attempt: open.map { letters[$0].past.attempt }.max() ?? 1,
            attestor: attestor,
            progress: { event in progress.offer(event) },
            address: { [logger] event, exchange, routingKey in
                let item = Outbox.Item(
                    message: try Message(event, from: stage), exchange: exchange,
                    routingKey: routingKey)
                try await outbox.publish([item], logger: logger)
            })
    }

    /// What has to be published for a letter's resolution.
    private func prepare(_ letter: inout Letter) -> [Outbox.Item] {
        guard let resolution = letter.resolution else { return [] }
        switch resolution {
        case .publish(let events, _):
            do throws(EventError) {
                return try events.map { (event) throws(EventError) in
                    Outbox.Item(
                        message: try Message(event, from: stage), exchange: Topology.events,
                        routingKey: event.type.routingKey)
                }
            } catch {
                letter.resolution = .park(.unpublishable, why: Resolver.text(error))
                return prepare(&letter)
            }
        case .delay(let delay, let why, let isAttempt):
            return [
                Outbox.Item(
                    message: letter.incoming.message.retried(
                        after: letter.past, why: why, isAttempt: isAttempt),
                    exchange: delay.name, routingKey: stage.queue)
            ]
        case .park(let kind, let why):
            return [
                Outbox.Item(
                    message: letter.incoming.message.parked(
                        after: letter.past, by: stage, kind: kind, why: why),
                    exchange: Topology.dead, routingKey: stage.rawValue)
            ]
        case .stop(let error, let delay?):
            return [
                Outbox.Item(
                    message: letter.incoming.message.putAside(
                        after: letter.past, why: Resolver.text(error)),
                    exchange: delay.name, routingKey: stage.queue)
            ]
        case .giveBack, .stop: return []
        }
    }

    /// What cannot be routed now may be later: the inputs take the retry road.
    private func putOff(_ letters: inout [Letter], _ failure: BrokerError?) async -> BrokerError? {
        let why = failure.map { Resolver.text($0) } ?? ""
        var items: [Outbox.Item] = []
        for index in letters.indices {
            guard case .publish? = letters[index].resolution else { continue }
            letters[index].resolution = resolver.again(
                after: nil, why: why, letters[index].past)
            items += prepare(&letters[index])
        }
        guard !items.isEmpty else { return failure }
        do throws(BrokerError) {
            try await outbox.publish(items, logger: letters[0].logger)
            return nil
        } catch {
            return error
        }
    }

    /// Nothing is acknowledged before all it leads to is confirmed, so everything goes back.
    private func giveBack(_ letters: inout [Letter], _ failure: BrokerError) async {
        guard failure.disposition != .fatal else { return await putAside(&letters, failure) }
        for index in letters.indices {
            if case .stop(let error, _)? = letters[index].resolution {
                letters[index].resolution = .stop(error, putAside: nil)
            } else {
                letters[index].resolution = .giveBack(why: Resolver.text(failure))
            }
        }
        // The broker is in trouble: do not ask for the same events again at once.
        try? await clock.sleep(for: Self.giveBackPause * Double.random(in: 0.5...1))
    }

    /// The broker denies what follows from the inputs. They are put aside, unless it denies that
    /// too.
    private func putAside(_ letters: inout [Letter], _ failure: BrokerError) async {
        var items: [Outbox.Item] = []
        for index in letters.indices {
            letters[index].resolution = resolver.stop(failure, letters[index].past)
            items += prepare(&letters[index])
        }
        do throws(BrokerError) {
            try await outbox.publish(items, logger: letters[0].logger)
        } catch {
            for index in letters.indices {
                letters[index].resolution = .stop(failure, putAside: nil)
            }
        }
    }

    /// The one place that settles a delivery, counts its outcome and logs it.
    private func settle(_ letter: Letter) async {
        guard let resolution = letter.resolution else { return }
        metrics.count(resolution)
        log(resolution, letter)
        let settlement: IncomingMessage.Settlement =
            switch resolution {
            case .publish, .delay, .park, .stop(_, putAside: .some): .acknowledge
            case .giveBack, .stop(_, putAside: .none): .giveBack
            }
        do throws(BrokerError) {
            try await letter.incoming.settle(settlement)
            release(letter)
        } catch {
            metrics.unsettled.increment()
            letter.logger.error(
                "could not settle the event; it will be delivered again", error: error,
                metadata: ["settlement": "\(settlement)"])
        }
    }

    /// A rejected publication has ended: the store need not keep its blobs. What a list holds is
    /// pinned apart from that.
    private func release(_ letter: Letter) {
        guard case .publish(_, .rejected)? = letter.resolution, let event = letter.event else {
            return
        }
        do throws(BlobStoreError) {
            try store.release(publication: event.publication)
        } catch {
            letter.logger.warning("could not release the publication's blobs", error: error)
        }
    }

    private func log(_ resolution: Resolution, _ letter: Letter) {
        switch resolution {
        case .publish(let events, .done):
            letter.logger.info(
                "done",
                metadata: ["emits": "\(events.map(\.type.routingKey).joined(separator: " "))"]
            )
        case .publish(let events, .rejected):
            let rejection = try? events.first?.section(Rejection.self)
            letter.logger.notice(
                "rejected",
                metadata: [
                    "rule": "\(rejection?.rule ?? "-")", "reason": "\(rejection?.message ?? "-")",
                ])
        case .delay(let delay, let why, let isAttempt):
            letter.logger.log(
                level: isAttempt ? .warning : .info,
                isAttempt ? "retrying later" : "going on later",
                metadata: ["delay": "\(delay.label)", "reason": "\(why)"])
        case .park(let kind, let why):
            letter.logger.error(
                "parked in \(Topology.dead)",
                metadata: ["kind": "\(kind.rawValue)", "reason": "\(why)"])
        case .giveBack(let why):
            letter.logger.notice("given back", metadata: ["reason": "\(why)"])
        case .stop(let error, _): letter.logger.critical("fatal error; stopping", error: error)
        }
    }
}

extension Duration {
    /// Clamped to what 64 bits hold, 292 years.
    fileprivate var nanoseconds: Int64 {
        let (product, overflow) = components.seconds.multipliedReportingOverflow(by: 1_000_000_000)
        return overflow ? .max : product + components.attoseconds / 1_000_000_000
    }
}

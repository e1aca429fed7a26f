// SPDX-License-Identifier: Apache-2.0
import AMQP
import Events
import Pipeline

/// Follows one publication to its end: sightings in, what to do out; no input or output of its
/// own.
struct PublicationWatch {
    /// Most identifiers remembered to recognise what comes twice.
    private static let seenMax = 10_000

    let publication: String
    let milestone: Milestone
    private var seen: Set<String> = []

    init(publication: String, milestone: Milestone) {
        self.publication = publication
        self.milestone = milestone
    }

    enum Step {
        /// Of another publication, or seen before.
        case ignore
        case show(Event)
        case progress(Progress)
        case end(End)
    }

    enum End {
        case reached(Event)
        case rejected(Event)
        case parked(DeadLetter)
    }

    mutating func take(_ sighting: Sighting) -> Step {
        guard sighting.concerns(publication) else { return .ignore }
        switch sighting {
        case .deadLetter(let letter): return .end(.parked(letter))
        case .event(let event):
            guard remember(event.id) else { return .ignore }
            if event.type == .imageProgress {
                return (try? event.section(Progress.self)).map { .progress($0) } ?? .ignore
            }
            // A list's event stands for a batch; its own publication is that of any one of them.
            let isOurs = event.publication == publication
            if event.type == .imageRejected, isOurs { return .end(.rejected(event)) }
            if event.type == milestone.event, Sighting.lists(publication, event) {
                return .end(.reached(event))
            }
            return .show(event)
        }
    }

    private mutating func remember(_ id: String) -> Bool {
        if seen.count >= Self.seenMax { seen.removeAll() }
        return seen.insert(id).inserted
    }
}

extension PublicationWatch.End {
    /// What a waiting command ends with; nil for success.
    var failure: CommandFailure? {
        switch self {
        case .reached: return nil
        case .rejected(let event):
            guard let rejection = try? event.section(Rejection.self) else {
                return CommandFailure(.failed, "rejected, for a reason that cannot be read")
            }
            let text =
                "rejected by \(rejection.stage.rawValue), rule \(rejection.rule): "
                + rejection.message
            return CommandFailure(.failed, Terminal.plain(text))
        case .parked(let letter):
            let id = letter.message.properties.messageID ?? "ID"
            let text =
                EventLine.reason(letter)
                + "; once it is mended: imprimatur dead-letters retry \(id)"
            return CommandFailure(.unfinished, Terminal.plain(text))
        }
    }
}

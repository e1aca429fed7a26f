// SPDX-License-Identifier: Apache-2.0
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

        var status: ExitStatus {
            switch self {
            case .reached: .success
            case .rejected: .failed
            case .parked: .unfinished
            }
        }
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

// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Events
import FoundationEssentials
import Pipeline

/// What makes a repeated `publish`, `withdraw` or `renew` the same one.
struct PublicationOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The publication's id, a UUID; random by default.",
            discussion: "The event's id follows from it: a build system that gives the same id "
                + "(and --time) again publishes the same event again, which changes nothing."))
    var publication: String?

    @Option(
        help: ArgumentHelp(
            "The request's time, such as 2026-03-02T09:30:00Z; now by default.",
            discussion: "Every time in the documents follows from it."))
    var time: String?

    func validate() throws {
        if let time, Timestamp(time) == nil {
            throw ValidationError("--time: '\(time)' must be like 2026-03-02T09:30:00Z")
        }
        if let publication, UUID(uuidString: publication) == nil {
            throw ValidationError("--publication: '\(publication)' must be a UUID")
        }
    }

    /// When it is asked for.
    var requestTime: Timestamp { time.flatMap { Timestamp($0) } ?? .now }

    /// The event that the publication begins with.
    ///
    /// - Parameter source: what emits it, such as `/imprimatur/publish`.
    func event(
        _ type: EventType, subject: String, _ section: some Section, source: String,
        at time: Timestamp? = nil
    ) throws -> Event {
        let publication = (self.publication ?? UUID().uuidString).lowercased()
        let id =
            self.publication == nil
            ? UUID().uuidString.lowercased()
            : DerivedIdentifier.event(from: publication, type: type)
        var event = Event(
            id: id, source: source, type: type, subject: subject, time: time ?? requestTime,
            publication: publication, data: [:])
        event.data = try event.data(adding: section)
        // Found out here rather than after connecting: an event has a largest size.
        _ = try event.encoded()
        return event
    }
}

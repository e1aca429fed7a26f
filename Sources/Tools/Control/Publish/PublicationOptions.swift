// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Events
import FoundationEssentials
import Pipeline

/// What makes a repeated `publish` the same one.
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

    /// The event `image.new` for a request.
    func event(_ request: ImageRequest) throws -> Event {
        let publication = (self.publication ?? UUID().uuidString).lowercased()
        let id =
            self.publication == nil
            ? UUID().uuidString.lowercased()
            : DerivedIdentifier.event(from: publication, type: .imageNew)
        let event = Event(
            id: id, source: "/imprimatur/publish", type: .imageNew, subject: request.name,
            time: time.flatMap { Timestamp($0) } ?? .now, publication: publication,
            data: [ImageRequest.key: try EventCoding.value(of: request)])
        // Found out here rather than after connecting: an event has a largest size.
        _ = try event.encoded()
        return event
    }
}

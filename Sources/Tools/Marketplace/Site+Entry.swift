// SPDX-License-Identifier: Apache-2.0
internal import Events

extension Site {
    /// One entry: the signed document byte for byte as it was posted, or a view of it.
    func entry(_ call: Call, _ coordinates: Entry.Coordinates) async throws -> Answer {
        try call.requireGet()
        guard let document = try await catalogue.document(at: coordinates) else {
            throw Refusal.noEntry
        }
        switch Media(call) {
        case .xml:
            return Answer(
                status: 200,
                headers: [
                    "content-type": "application/rdf+xml",
                    "content-disposition":
                        "attachment; filename=\"\(Self.fileName(coordinates.identifier))\"",
                ],
                body: .bytes(document))
        case .json:
            return Answer(
                status: 200, headers: ["content-type": "application/json"],
                body: .bytes(Array(try RDFJSON.text(of: document).utf8)))
        case .html:
            guard let entry = try await catalogue.entry(at: coordinates) else {
                throw Refusal.noEntry
            }
            return Page.entry(entry).answer(200)
        }
    }

    /// The endorser's newest entry with that tag.
    func tagged(_ call: Call, email: String, tag: String) async throws -> Answer {
        try call.requireGet()
        guard let coordinates = try await catalogue.latest(tag: tag, email: email) else {
            throw Refusal.noEntry
        }
        return try await entry(call, coordinates)
    }

    func endorsers(_ call: Call, _ arguments: [String]) async throws -> Answer {
        try call.requireGet()
        let results: SPARQLResults
        if let email = arguments.first {
            if arguments.count == 2 {
                guard arguments[1] == "tags" else { throw Refusal(404, "not found") }
                results = SPARQLResults(
                    title: "Tags of \(email)", variables: ["tag", "identifier", "created"],
                    bindings: try await catalogue.tags(email: email))
            } else {
                results = try await history(call, email: email)
            }
        } else {
            results = SPARQLResults(
                title: "Endorsers", variables: ["email", "subject", "issuer"],
                bindings: try await catalogue.endorsers())
        }
        return results.answer(as: Media(call))
    }

    private func history(_ call: Call, email: String) async throws -> SPARQLResults {
        let range = call.query["range"]
        guard let days = range == nil ? 30 : range.flatMap(Int.init), (0...36_500).contains(days)
        else { throw Refusal(400, "range is a number of days") }
        return SPARQLResults(
            title: "History of \(email)",
            variables: [
                "identifier", "created", "description", "location", "deprecated", "email",
            ],
            bindings: try await catalogue.history(
                email: email, since: Timestamp.now.adding(days: -days)))
    }

    /// Identifiers are harmless by the document's rules; this does not depend on it.
    private static func fileName(_ identifier: String) -> String {
        let name = identifier.unicodeScalars.filter {
            $0.isASCII
                && ($0.properties.isAlphabetic || $0.properties.numericType != nil
                    || $0 == "-" || $0 == "_")
        }
        return String(String.UnicodeScalarView(name)) + ".xml"
    }
}

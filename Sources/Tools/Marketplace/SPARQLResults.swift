// SPDX-License-Identifier: Apache-2.0

/// A result table, in the formats of SPARQL (https://www.w3.org/TR/rdf-sparql-XMLres/,
/// https://www.w3.org/TR/sparql11-results-json/), as the original answers for endorsers.
struct SPARQLResults: Sendable {
    var title: String
    var variables: [String]
    var bindings: [[String: String]]

    func answer(as media: Media) -> Answer {
        switch media {
        case .xml: answer("application/xml; charset=utf-8", xml)
        case .json: answer("application/json", json)
        case .html: Page.table(title: title, variables: variables, rows: bindings).answer(200)
        }
    }

    private func answer(_ type: String, _ text: String) -> Answer {
        Answer(status: 200, headers: ["content-type": type], body: .bytes(Array(text.utf8)))
    }

    private var xml: String {
        let head = variables.map { "<variable name=\"\($0)\"/>" }.joined()
        let results = bindings.map { binding in
            "<result>"
                + variables.compactMap { name in
                    binding[name].map {
                        "<binding name=\"\(name)\"><literal>\(Markup.escape($0))</literal>"
                            + "</binding>"
                    }
                }.joined() + "</result>"
        }
        return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"
            + "<sparql xmlns=\"http://www.w3.org/2005/sparql-results#\">"
            + "<head>\(head)</head><results>\(results.joined())</results></sparql>"
    }

    private var json: String {
        let rows = bindings.map { binding in
            "{"
                + variables.compactMap { name in
                    binding[name].map {
                        "\"\(name)\":{\"type\":\"literal\",\"value\":\(JSONText.quote($0))}"
                    }
                }.joined(separator: ",") + "}"
        }
        return "{\"head\":{\"vars\":\(JSONText.encode(variables))},"
            + "\"results\":{\"bindings\":[\(rows.joined(separator: ","))]}}"
    }
}

// SPDX-License-Identifier: Apache-2.0

/// The representations a resource has.
enum Media: Sendable, Hashable {
    case xml, json, html

    /// What the caller prefers: the query parameter `media`, else the `Accept` field
    /// (RFC 9110 12.5.1), else XML, which is what programs without an opinion get.
    init(_ call: Call) {
        if let name = call.query["media"], let media = Self.byName[name.lowercased()] {
            self = media
        } else {
            self = Self.preferred(call.headers["accept"] ?? "", otherwise: .xml)
        }
    }

    /// The representation of an error: HTML when the caller names neither XML nor JSON.
    static func ofError(for call: Call) -> Media {
        if let name = call.query["media"], let media = byName[name.lowercased()] { return media }
        return preferred(call.headers["accept"] ?? "", otherwise: .html)
    }

    /// Names of the original's `media` parameter, and the types themselves.
    private static let byName: [String: Media] = [
        "xml": .xml, "rdf": .xml, "json": .json, "html": .html,
        "application/xml": .xml, "application/rdf+xml": .xml, "text/xml": .xml,
        "application/json": .json, "text/html": .html,
    ]

    private static let types: [String: Media] = [
        "application/rdf+xml": .xml, "application/xml": .xml, "text/xml": .xml,
        "application/sparql-results+xml": .xml,
        "application/json": .json, "application/rdf+json": .json,
        "application/sparql-results+json": .json,
        "text/html": .html, "application/xhtml+xml": .html,
    ]

    private static func preferred(_ accept: String, otherwise: Media) -> Media {
        var best: (quality: Double, media: Media) = (0, otherwise)
        for range in HeaderValue.split(accept, at: ",").prefix(32) {
            let value = HeaderValue(range)
            let quality = value.parameters["q"].flatMap(Double.init) ?? 1
            if let media = types[value.value.lowercased()], quality > best.quality {
                best = (quality, media)
            }
        }
        return best.media
    }
}

// SPDX-License-Identifier: Apache-2.0
internal import Events
internal import GRDB

/// One metadata entry: what its signed document says of itself, as listings need it.
struct Entry: Sendable, Hashable {
    var coordinates: Coordinates
    var created: Timestamp
    /// dcterms:valid; an entry without it is listed neither as valid nor as expired.
    var valid: Timestamp?
    /// slterms:deprecated: why the image is not to be used any more.
    var deprecated: String?
    var facts: [Fact: String] = [:]
    var locations: [String] = []
    var subject: String
    var issuer: String

    /// What names an entry: image, endorser and moment, each as the document writes it.
    struct Coordinates: Sendable, Hashable {
        var identifier: String
        var email: String
        var created: String

        /// Relative to the base URL.
        var path: String {
            "metadata/"
                + [identifier, email, created].map(FormEncoding.encodePath)
                .joined(separator: "/")
        }
    }

    /// The describing fields. The raw value is the column in the catalogue.
    enum Fact: String, Sendable, Hashable, CaseIterable {
        case title, description, os, version, kind, tag
        case osVersion = "os_version"
        case arch
    }

    /// What people know the image by.
    var displayTitle: String {
        if let title = facts[.title], !title.isEmpty { return title }
        let name = [Fact.os, .osVersion, .arch].compactMap { facts[$0] }.joined(separator: " ")
        return name.isEmpty ? coordinates.identifier : name
    }

    /// The columns of the original's DataTables answer, in its order; the first is empty.
    var tableRow: [String] {
        [
            "", facts[.os] ?? "", facts[.osVersion] ?? "", facts[.arch] ?? "", coordinates.email,
            facts[.kind] ?? "", coordinates.created, coordinates.identifier,
            locations.first ?? "", facts[.description] ?? "", facts[.title] ?? "",
        ]
    }
}

extension Entry: FetchableRecord {
    /// Every column but the document.
    static let columns =
        ["identifier", "email", "created", "created_seconds", "valid_seconds", "deprecated"]
        + ["locations", "subject", "issuer"] + Fact.allCases.map(\.rawValue)

    init(row: Row) {
        coordinates = Coordinates(
            identifier: row["identifier"], email: row["email"], created: row["created"])
        created = Timestamp(seconds: row["created_seconds"])
        valid = (row["valid_seconds"] as Int64?).map(Timestamp.init(seconds:))
        deprecated = row["deprecated"]
        let joined: String = row["locations"]
        locations = joined.split(separator: "\n").map(String.init)
        subject = row["subject"]
        issuer = row["issuer"]
        for fact in Fact.allCases { facts[fact] = row[fact.rawValue] as String? }
    }

    /// Values in the order of ``columns``.
    var values: [(any DatabaseValueConvertible)?] {
        let own: [(any DatabaseValueConvertible)?] = [
            coordinates.identifier, coordinates.email, coordinates.created, created.seconds,
            valid?.seconds, deprecated, locations.joined(separator: "\n"), subject, issuer,
        ]
        return own + Fact.allCases.map { facts[$0] }
    }
}

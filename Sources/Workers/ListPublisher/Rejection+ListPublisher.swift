// SPDX-License-Identifier: Apache-2.0
import Events
import ImageLists

/// What the requester is told when a publication does not come into the list, or not out of it.
extension Rejection {
    static func invalidEntry(_ reason: String) -> Rejection {
        Rejection(
            stage: .listPublisher, rule: "invalid-entry",
            message: "The image cannot stand in a list: \(reason).")
    }

    static func superseded(_ request: ListRequest, by publication: String) -> Rejection {
        let (subject, what) = words(of: request)
        return Rejection(
            stage: .listPublisher, rule: "superseded",
            message: "A later request for '\(subject)' was settled first; this one, of "
                + "\(request.requestTime), is not \(what). Ask again if it is still wanted.",
            evidence: ["name": subject, "supersededBy": publication])
    }

    static func conflicting(_ request: ListRequest, with other: UpdatedList.Entry) -> Rejection {
        Rejection(
            stage: .listPublisher, rule: "publication-conflict",
            message: "The publication id is already used in the list by a different entry, "
                + "'\(other.name)'. Publish again under a new id.",
            evidence: [
                "name": words(of: request).subject, "found": other.name,
                "identifier": other.identifier,
            ])
    }

    static func notListed(_ request: ListRequest, other: UpdatedList.Entry?) -> Rejection {
        var evidence = ["identifier": request.identifier]
        var message = "The image \(request.identifier) is not in the list, "
        if let other {
            message = "The image \(request.identifier) is in the list by another endorser, "
            evidence["found"] = other.endorserSubject ?? other.endorser
        }
        if case .revision(let revision) = request {
            evidence["expected"] = revision.endorserSubject
        }
        return Rejection(
            stage: .listPublisher, rule: "not-listed",
            message: message + "so it cannot be \(words(of: request).what).", evidence: evidence)
    }

    static func refused(_ request: ListRequest, reason: String) -> Rejection {
        Rejection(
            stage: .listPublisher, rule: "hook-refused",
            message: "The repository's hook refuses the change: \(reason)",
            evidence: ["name": words(of: request).subject, "identifier": request.identifier])
    }

    private static func words(of request: ListRequest) -> (subject: String, what: String) {
        switch request {
        case .listing(let entry): (entry.name, "listed")
        case .revision(let revision): (revision.identifier, revision.change.rawValue)
        }
    }
}

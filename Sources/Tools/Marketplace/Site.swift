// SPDX-License-Identifier: Apache-2.0
internal import Events
internal import Logging

/// The marketplace itself: a call in, an answer out. Any task may call it, many at once.
struct Site: Sendable {
    let catalogue: Catalogue
    let admission: Admission
    let baseURL: BaseURL
    /// Nil publishes at once.
    let confirmation: Confirmation?
    let isReadOnly: Bool
    let uploadRate: UploadRate
    let logger: Logger

    /// Answers, refusals and the server's own trouble included.
    func answer(_ call: Call) async -> Answer {
        do {
            return try await route(call)
        } catch let refusal as Refusal {
            return refusal.answer(to: call)
        } catch {
            // The database's errors hold no document: GRDB leaves arguments out of them.
            logger.error("request failed", metadata: ["error": "\(error)"])
            return Refusal.internalError.answer(to: call)
        }
    }

    private func route(_ call: Call) async throws -> Answer {
        let rest = Array(call.path.dropFirst())
        switch (call.path.first, rest.count) {
        case ("metadata", 0...2): return try await metadata(call, rest)
        case ("metadata", 3):
            return try await entry(
                call, Entry.Coordinates(identifier: rest[0], email: rest[1], created: rest[2]))
        case ("tag", 2): return try await tagged(call, email: rest[0], tag: rest[1])
        case ("endorsers", 0...2): return try await endorsers(call, rest)
        case ("action", 2): return try await action(call, token: rest[0], command: rest[1])
        case (nil, _): return try await home(call)
        case ("style.css", 0): return try style(call)
        case ("health", 0): return try await health(call)
        case ("query", 0): throw Refusal(400, "query not allowed.")
        case ("sync", _): throw Refusal.notOffered("replication")
        default: throw Refusal(404, "not found")
        }
    }

    private func metadata(_ call: Call, _ arguments: [String]) async throws -> Answer {
        switch call.method {
        case .post where call.contentType == "application/x-www-form-urlencoded":
            let form = FormEncoding.decodeForm(String(decoding: call.body, as: UTF8.self))
            return try await table(Listing(arguments: arguments, fields: form))
        case .post: return try await upload(call)
        case .get:
            if let tag = call.query["tag"], arguments.count == 1, arguments[0].contains("@") {
                return try await tagged(call, email: arguments[0], tag: tag)
            }
            return try await listing(call, Listing(arguments: arguments, fields: call.query))
        case .other: throw Refusal.methodNotAllowed("GET, HEAD, POST")
        }
    }

    private func health(_ call: Call) async throws -> Answer {
        try call.requireGet()
        guard await catalogue.isUsable() else { throw Refusal(503, "database not usable") }
        return .text(200, "ok\n")
    }

    private func style(_ call: Call) throws -> Answer {
        try call.requireGet()
        return Answer(
            status: 200,
            headers: [
                "content-type": "text/css; charset=utf-8", "cache-control": "max-age=3600",
            ],
            body: .bytes(Array(Page.style.utf8)))
    }

    private func home(_ call: Call) async throws -> Answer {
        try call.requireGet()
        return try await page(call, Listing(arguments: [], fields: call.query))
    }
}

extension Call {
    func requireGet() throws(Refusal) {
        guard method == .get else { throw .methodNotAllowed("GET, HEAD") }
    }
}

// SPDX-License-Identifier: Apache-2.0
internal import Events
internal import FoundationEssentials
internal import Logging
internal import Signatures

extension Site {
    /// Checks the posted document and publishes it, or asks its endorser for confirmation.
    func upload(_ call: Call) async throws -> Answer {
        guard !isReadOnly else { throw Refusal.readOnly }
        try uploadRate.admit(at: .now)
        let document = try Self.document(in: call)
        let entry: Entry
        let verdict: Catalogue.Addition
        do {
            entry = try admission.examine(document)
            verdict = try await catalogue.judge(entry, document: document)
            try Self.check(verdict)
        } catch let refusal as Refusal {
            log("refused", nil, refusal.message)
            throw refusal
        }
        if let confirmation, verdict != .present {
            return try await ask(confirmation, for: entry, document: document, call)
        }
        let addition = try await catalogue.add(entry, document: document)
        try Self.check(addition)
        log(addition == .present ? "posted again" : "created", entry.coordinates)
        return created(entry.coordinates, call)
    }

    /// The page behind the links in a confirmation mail.
    func action(_ call: Call, token: String, command: String) async throws -> Answer {
        try call.requireGet()
        guard confirmation != nil else { throw Refusal.notOffered("confirmation by mail") }
        guard let document = try await catalogue.pendingDocument(token: token) else {
            throw Refusal(404, "no upload is waiting here: it was confirmed, aborted or too old")
        }
        switch command {
        case "confirm":
            let entry = try admission.examine(document)
            try Self.check(
                try await catalogue.confirm(entry, document: document, token: token))
            log("confirmed", entry.coordinates)
            var answer = created(entry.coordinates, call)
            answer.body = .bytes(Array("metadata entry created\n".utf8))
            return answer
        case "abort":
            try await catalogue.removePending(token: token)
            log("aborted", nil)
            return .text(200, "aborted addition of metadata entry \(token)")
        case "abuse":
            try await catalogue.removePending(token: token)
            logger.warning("abuse reported", metadata: ["upload": "\(token)"])
            return .text(
                200,
                "administrators have been notified of the problem and may contact you during the "
                    + "investigation")
        default: throw Refusal(404, "not found")
        }
    }

    private func ask(
        _ confirmation: Confirmation, for entry: Entry, document: [UInt8], _ call: Call
    ) async throws -> Answer {
        let sha256 = Digest.hex(Digest.sha256(document))
        let token = UUID().uuidString.lowercased()
        guard
            let pending = try await catalogue.addPending(
                document, sha256: sha256, token: token, now: .now)
        else { throw Refusal(503, "too many uploads wait for confirmation") }
        if !pending.isMailed {
            do {
                try await confirmation.send(
                    for: entry, token: pending.token, base: baseURL.value(for: call))
            } catch {
                logger.error("confirmation mail failed", metadata: ["error": "\(error)"])
                throw Refusal.confirmationFailed
            }
            try await catalogue.markMailed(token: pending.token)
        }
        log("waits for confirmation", entry.coordinates)
        return .text(202, "confirmation email sent for new metadata entry\n")
    }

    private func created(_ coordinates: Entry.Coordinates, _ call: Call) -> Answer {
        .text(
            201, "metadata entry created",
            headers: ["location": baseURL.value(for: call) + coordinates.path])
    }

    private static func check(_ addition: Catalogue.Addition) throws(Refusal) {
        switch addition {
        case .added, .present: return
        case .olderThanLatest: throw .olderThanLatest
        case .conflict: throw .conflict
        }
    }

    /// The document in the body, raw or as the first file of a form.
    private static func document(in call: Call) throws(Refusal) -> [UInt8] {
        switch call.contentType {
        case "application/rdf+xml", "application/xml", "text/xml":
            guard !call.body.isEmpty else { throw Refusal(400, "post with null entity") }
            return call.body
        case "multipart/form-data":
            let boundary = HeaderValue(call.headers["content-type"] ?? "").parameters["boundary"]
            guard let boundary,
                let document = Multipart.firstFile(in: call.body, boundary: boundary)
            else { throw Refusal(400, "no valid file uploaded") }
            return document
        case nil where call.body.isEmpty: throw Refusal(400, "post with null entity")
        case let type: throw Refusal(415, "\((type ?? "no content type").prefix(80))")
        }
    }

    private func log(_ what: String, _ coordinates: Entry.Coordinates?, _ reason: String? = nil) {
        var metadata: [String: String] = [:]
        metadata["identifier"] = coordinates?.identifier
        metadata["email"] = coordinates?.email
        metadata["created"] = coordinates?.created
        metadata["reason"] = reason
        logger.info("upload \(what)", metadata: metadata.mapValues { .string(Self.line($0)) })
    }

    /// What a document says must not make log lines of its own.
    private static func line(_ text: String) -> String {
        let scalars = text.unicodeScalars.map { scalar -> Unicode.Scalar in
            scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value)
                || (0x2028...0x2029).contains(scalar.value) ? " " : scalar
        }
        return String(String.UnicodeScalarView(scalars.prefix(300)))
    }
}

// SPDX-License-Identifier: Apache-2.0
import AMQP
import Events
import Pipeline

/// One event as one line for people.
enum EventLine {
    private static let typeWidth = 17

    static func text(_ event: Event) -> String {
        let type = event.type.routingKey
        let gap = String(repeating: " ", count: max(typeWidth - type.utf8.count, 0) + 1)
        return Terminal.plain("\(event.time)  \(type)\(gap)\(event.subject): \(summary(event))")
    }

    static func text(_ letter: DeadLetter) -> String {
        let subject = letter.message.properties.messageID ?? "a message without id"
        let time = letter.lastTime?.description ?? "                    "
        return Terminal.plain("\(time)  parked            \(subject): \(reason(letter))")
    }

    /// Such as `given up by uploader after 8 attempts (attempts-exhausted): connection refused`.
    static func reason(_ letter: DeadLetter) -> String {
        let worker = letter.worker ?? "the broker"
        let attempts = letter.attempts == 1 ? "1 attempt" : "\(letter.attempts) attempts"
        let kind = letter.kind.map { " (\($0.rawValue))" } ?? ""
        return "given up by \(worker) after \(attempts)\(kind): \(letter.reason)"
    }

    /// What happened; a section that does not decode is named, not guessed at.
    private static func summary(_ event: Event) -> String {
        do throws(EventError) {
            return try sectionSummary(event)
        } catch {
            return "\(error)"
        }
    }

    private static func sectionSummary(_ event: Event) throws(EventError) -> String {
        switch event.type {
        case .imageNew: return "requested, from \(try event.section(ImageRequest.self).source.url)"
        case .imageWithdrawn, .imageRenewed:
            return revision(try event.section(DocumentRevision.self))
        case .imageFetched:
            let fetched = try event.section(Fetched.self)
            return "fetched \(Size.text(fetched.blob.size)), sha256 \(fetched.digests.sha256)"
        case .imageVerified: return verified(try event.section(Verified.self))
        case .imageModified: return modified(try event.section(Modified.self))
        case .imageScanned: return scanned(try event.section(Scanned.self))
        case .metadataBuilt:
            return "document built for \(try event.section(BuiltMetadata.self).identifier)"
        case .metadataSigned:
            let signed = try event.section(SignedMetadata.self)
            return "signed by \(signed.endorser.email) (\(signed.profile.rawValue))"
        case .metadataUploaded: return "at \(try event.section(UploadedMetadata.self).location)"
        case .listUpdated:
            let list = try event.section(UpdatedList.self)
            return "serial \(list.serial), \(list.added.count) added, \(list.removed.count) removed"
        case .siteNotified: return notified(try event.section(NotifiedSites.self))
        case .imageRejected:
            let rejection = try event.section(Rejection.self)
            return "rejected by \(rejection.stage.rawValue) (\(rejection.rule)): "
                + rejection.message
        case .imageProgress: return progress(try event.section(Progress.self))
        }
    }

    private static func revision(_ revision: DocumentRevision) -> String {
        switch revision.change {
        case .withdrawn:
            "withdrawal of \(revision.identifier) requested: \(revision.reason ?? "")"
        case .renewed: "renewal of \(revision.identifier) requested"
        }
    }

    private static func modified(_ modified: Modified) -> String {
        guard !modified.steps.isEmpty else { return "passed on unmodified" }
        let steps = modified.steps.map(\.operation).joined(separator: ", ")
        return "modified (\(steps)), now sha256 \(modified.digests.sha256)"
    }

    private static func scanned(_ scanned: Scanned) -> String {
        guard !scanned.waived.isEmpty else { return "scanned: nothing found" }
        return "scanned; waived: " + scanned.waived.map(\.check).joined(separator: ", ")
    }

    private static func verified(_ verified: Verified) -> String {
        let evidence = verified.evidence.map { evidence in
            let line = evidence.line.map { " line \($0)" } ?? ""
            return "\(evidence.algorithm.rawValue) by \(evidence.source)\(line)"
        }
        return "verified: \(evidence.joined(separator: ", "))"
    }

    private static func notified(_ notified: NotifiedSites) -> String {
        let all = notified.sites + notified.mailedTo
        return "told \(all.isEmpty ? "nobody" : all.joined(separator: ", "))"
    }

    /// How much of the whole is done, 0 to 1, whatever an event says.
    ///
    /// - Parameter total: at least 1.
    static func fraction(of progress: Progress, _ total: Int) -> Double {
        Double(min(max(progress.bytes, 0), total)) / Double(total)
    }

    static func progress(_ progress: Progress) -> String {
        let done = Size.text(progress.bytes)
        guard let total = progress.bytesTotal, total > 0 else {
            return "\(progress.activity) \(done)"
        }
        let percent = Int(100 * fraction(of: progress, total))
        return "\(progress.activity) \(percent) % (\(done) of \(Size.text(total)))"
    }
}

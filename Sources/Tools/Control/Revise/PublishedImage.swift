// SPDX-License-Identifier: Apache-2.0
import Events
import Signatures
import StratusLab

/// A published document, and what a change of it begins with.
struct PublishedImage {
    let document: MetadataDocument
    /// The file or URL it was read from.
    let place: String

    init(_ document: MetadataDocument, from place: String) {
        self.document = document
        self.place = place
    }

    /// The section that asks the pipeline for the change; it has been tried here by then.
    ///
    /// - Parameter time: nil for now, or just behind the published endorsement when this machine's
    ///   clock says that it is of the future.
    func revision(
        _ change: DocumentRevision.Change, reason: String? = nil, validDays: Int? = nil,
        at time: Timestamp?
    ) throws -> DocumentRevision {
        if change == .withdrawn, let known = document.fields.deprecated {
            throw CommandFailure(
                .failed, Terminal.plain("\(place): the image is withdrawn already: \(known)"))
        }
        let endorsed = document.fields.endorsement?.created ?? Timestamp(seconds: 0)
        let bytes = document.bytes
        var revision = DocumentRevision(
            change: change,
            published: BlobReference(
                sha256: Digest.hex(Digest.sha256(bytes)), size: bytes.count),
            identifier: document.identifier,
            requestTime: time ?? max(.now, Timestamp(seconds: endorsed.seconds + 1)),
            reason: reason, validDays: validDays)
        if bytes.count <= DocumentRevision.textBytesMax {
            revision.publishedText = String(validating: bytes, as: UTF8.self)
        }
        if let problem = revision.problems().first {
            throw CommandFailure(.usage, Terminal.plain("\(problem)"))
        }
        do {
            _ = try document.revised(revision)
        } catch {
            throw CommandFailure(.failed, Terminal.plain("\(place): \(error)"))
        }
        return revision
    }

    /// What is about to be changed, for people.
    var summary: String {
        let fields = document.fields
        let system = [fields.os, fields.osVersion, fields.osArch].filter { !$0.isEmpty }
        var lines = [
            "  \(document.identifier)  \(fields.title.isEmpty ? "(no title)" : fields.title)",
            "  \(system.joined(separator: " ")) \(fields.version)",
        ]
        if let endorsement = fields.endorsement {
            let endorser = endorsement.endorser
            lines.append(
                "  endorsed by \(endorser.email) (\(endorser.subject)) at \(endorsement.created)")
        }
        let valid = fields.valid.map { "until \($0)" } ?? "without end"
        lines.append("  valid \(valid); read from \(place)")
        return lines.map(Terminal.plain).joined(separator: "\n")
    }
}

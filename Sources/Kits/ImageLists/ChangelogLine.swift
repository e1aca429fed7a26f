// SPDX-License-Identifier: Apache-2.0
import Events

/// The lines of a changelog's blocks.
enum ChangelogLine {
    struct Problem: Error {
        let reason: String
    }

    static func lines(of batch: ChangelogBatch) -> [String] {
        var about = "  list sha256=\(batch.sha256) size=\(batch.size)"
        if let url = batch.url { about += " url=\(PlainText.encode(url, keepingSpaces: false))" }
        return ["serial \(batch.serialText), \(batch.time)", about]
            + batch.added.map { added($0, in: batch) }
            + batch.removed.map { removed($0, in: batch) }
            + batch.superseded.map { "  superseded \(fields(of: $0.entry)) by=\($0.by)" }
    }

    private static func added(_ entry: UpdatedList.Entry, in batch: ChangelogBatch) -> String {
        guard let time = batch.revised[entry.publication] else {
            return "  added \(fields(of: entry))"
        }
        return "  renewed \(fields(of: entry)) at=\(time)"
    }

    private static func removed(_ entry: UpdatedList.Entry, in batch: ChangelogBatch) -> String {
        guard let publication = entry.withdrawnBy, let time = batch.revised[publication] else {
            return "  removed \(fields(of: entry))"
        }
        let reason = PlainText.encode(entry.withdrawalReason ?? "", keepingSpaces: false)
        return "  withdrawn \(fields(of: entry)) by=\(publication) at=\(time) reason=\(reason)"
    }

    private static func fields(of entry: UpdatedList.Entry) -> String {
        EntryFields.pairs(of: entry, keepingSpaces: false)
            .map { "\($0.key)=\($0.value)" }.joined(separator: " ")
    }

    /// Reads one line that is neither blank nor a comment.
    static func read(_ line: String, into batches: inout [ChangelogBatch]) throws(Problem) {
        if let rest = line.suffix(after: "serial ") {
            batches.append(try head(rest, after: batches.last?.serials.upperBound ?? 0))
            return
        }
        guard let rest = line.suffix(after: "  "), let batch = batches.indices.last else {
            throw Problem(reason: "expected a block that begins with 'serial'")
        }
        let words = rest.split(separator: " ")
        let values = try values(words.dropFirst())
        switch words.first {
        case "list": try readList(values, into: &batches[batch])
        case "added": batches[batch].added.append(try entry(values))
        case "removed": batches[batch].removed.append(try entry(values))
        case "superseded":
            guard let by = values["by"] else { throw Problem(reason: "'by' is missing") }
            batches[batch].superseded.append(.init(entry: try entry(values), by: by))
        case "renewed":
            let entry = try entry(values)
            batches[batch].revised[entry.publication] = try time(values)
            batches[batch].added.append(entry)
        case "withdrawn":
            let (entry, publication) = try withdrawn(values)
            batches[batch].revised[publication] = try time(values)
            batches[batch].removed.append(entry)
        default:
            throw Problem(
                reason: "expected list, added, removed, superseded, renewed or withdrawn")
        }
    }

    private static func withdrawn(
        _ values: [String: String]
    ) throws(Problem) -> (UpdatedList.Entry, by: String) {
        guard let publication = values["by"], let reason = values["reason"] else {
            throw Problem(reason: "'by' or 'reason' is missing")
        }
        var entry = try entry(values)
        entry.withdrawnBy = publication
        entry.withdrawalReason = reason.isEmpty ? nil : PlainText.decode(reason)
        return (entry, publication)
    }

    private static func time(_ values: [String: String]) throws(Problem) -> Timestamp {
        guard let time = values["at"].flatMap(Timestamp.init) else {
            throw Problem(reason: "'at' is missing or no time")
        }
        return time
    }

    private static func head(_ text: String, after last: Int) throws(Problem) -> ChangelogBatch {
        let parts = text.split(separator: ",", maxSplits: 1)
        let numbers = (parts.first ?? "").split(separator: "-").map { Int($0) }
        guard parts.count == 2, let time = Timestamp(String(parts[1].drop { $0 == " " })),
            (1...2).contains(numbers.count), let first = numbers[0],
            let end = numbers[numbers.count - 1]
        else { throw Problem(reason: "expected 'serial N, TIME' or 'serial N-M, TIME'") }
        guard first > last, end >= first, end <= ImageList.serialMax else {
            throw Problem(reason: "serials must grow from block to block")
        }
        return ChangelogBatch(serials: first...end, time: time)
    }

    private static func values(_ words: some Sequence<Substring>) throws(Problem)
        -> [String: String]
    {
        var values: [String: String] = [:]
        for word in words {
            guard let equals = word.firstIndex(of: "=") else {
                throw Problem(reason: "expected KEY=VALUE")
            }
            let value = String(word[word.index(after: equals)...])
            guard EntryFields.add(value, as: String(word[..<equals]), to: &values) else {
                throw Problem(reason: "a key is repeated")
            }
        }
        return values
    }

    private static func readList(
        _ values: [String: String], into batch: inout ChangelogBatch
    ) throws(Problem) {
        guard let sha256 = values["sha256"], Digests.isHex(sha256, digits: 64),
            let size = values["size"].flatMap({ Int($0) }), size >= 0
        else { throw Problem(reason: "sha256 or size is missing or wrong") }
        batch.sha256 = sha256
        batch.size = size
        batch.url = values["url"].map(PlainText.decode)
    }

    private static func entry(_ values: [String: String]) throws(Problem) -> UpdatedList.Entry {
        guard let entry = EntryFields.entry(from: values) else {
            throw Problem(reason: "a field of the entry is missing or wrong")
        }
        return entry
    }
}

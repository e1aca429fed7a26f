// SPDX-License-Identifier: Apache-2.0
import Events
import FoundationEssentials

/// The facts of one image, made ready for what checks ask again and again.
struct Guest: Sendable {
    let facts: GuestFacts
    private let places: [String: Int]

    /// Symbolic links that are followed one after the other.
    private static let linksMax = 16

    init(_ facts: GuestFacts) {
        self.facts = facts
        places = Dictionary(
            facts.entries.enumerated().map { ($1.path, $0) },
            uniquingKeysWith: { first, _ in first })
    }

    func entry(_ path: String) -> GuestFacts.Entry? {
        places[path].map { facts.entries[$0] }
    }

    /// The entry behind a symbolic link, or the entry itself; nil when the inspection saw no such
    /// path, or the links go round.
    func resolved(_ entry: GuestFacts.Entry) -> GuestFacts.Entry? {
        var entry = entry
        for _ in 0..<Self.linksMax {
            guard entry.kind == .link else { return entry }
            guard let target = entry.target,
                let next = self.entry(GuestPath.target(target, of: entry.path))
            else { return nil }
            entry = next
        }
        return nil
    }

    /// Entries that one of the patterns matches, in the order of the facts.
    func entries(_ patterns: [InspectionQuery.Pattern]) -> [GuestFacts.Entry] {
        let globs = patterns.map { Glob($0.glob) }
        return facts.entries.filter { entry in globs.contains { $0.matches(entry.path) } }
    }

    /// The text of the file at `path`, through links; nil when there is none. What cannot be
    /// judged because it was not read is a finding.
    func text(_ path: String, _ findings: inout [Finding]) -> GuestText? {
        entry(path).flatMap { text($0, &findings) }
    }

    /// The text of a file, through links; nil when it is none, or leads to `/dev/null`.
    func text(_ entry: GuestFacts.Entry, _ findings: inout [Finding]) -> GuestText? {
        if entry.kind == .link, let target = entry.target,
            GuestPath.target(target, of: entry.path) == "/dev/null"
        {
            return nil
        }
        guard let file = resolved(entry) else {
            let target = PlainText.line(entry.target ?? "nowhere", lengthMax: 200)
            findings.append(
                Finding("is a link to '\(target)', which was not read", path: entry.path))
            return nil
        }
        guard file.kind == .file else { return nil }
        guard let content = file.content ?? (file.size == 0 ? "" : nil),
            let data = Data(base64Encoded: content)
        else {
            findings.append(Finding("could not be read", path: entry.path))
            return nil
        }
        if file.isTruncated == true {
            findings.append(
                Finding("is longer than the \(data.count) bytes that are read", path: entry.path))
        }
        return GuestText(data)
    }
}

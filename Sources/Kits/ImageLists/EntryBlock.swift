// SPDX-License-Identifier: Apache-2.0
import Events

/// One entry of ours in `image_list.txt`: `# image: <name>`, a comment line per field, then the
/// identifier.
struct EntryBlock {
    let entry: UpdatedList.Entry
    let lineCount: Int

    /// Reads the entry that begins with the first of `lines`; nil when there is none, or one
    /// with anything missing, repeated or unknown.
    init?(_ lines: ArraySlice<ArraySlice<UInt8>>) {
        guard let first = lines.first, let name = Self.text(first).suffix(after: "# image: ")
        else { return nil }
        var fields = ["name": name]
        for (index, line) in lines.dropFirst().prefix(EntryFields.countMax).enumerated() {
            let text = Self.text(line)
            guard let field = text.suffix(after: "# ") else {
                fields["identifier"] = text
                guard let entry = EntryFields.entry(from: fields) else { return nil }
                self.entry = entry
                lineCount = index + 2
                return
            }
            guard let colon = field.firstRange(of: ": ") else { return nil }
            let key = String(field[..<colon.lowerBound])
            let value = String(field[colon.upperBound...])
            guard key != "identifier", EntryFields.keys.contains(key),
                EntryFields.add(value, as: key, to: &fields)
            else { return nil }
        }
        return nil
    }

    /// The entry as ``init(_:)`` reads it, without line feeds.
    static func lines(of entry: UpdatedList.Entry) -> [String] {
        var lines: [String] = []
        for (key, value) in EntryFields.pairs(of: entry, keepingSpaces: true) {
            switch key {
            case "name": lines.insert("# image: \(value)", at: 0)
            case "identifier": continue
            default: lines.append("# \(key): \(value)")
            }
        }
        return lines + [entry.identifier]
    }

    /// A line of text; an editor's carriage return at its end is not a part of it.
    static func text(_ line: ArraySlice<UInt8>) -> String {
        String(decoding: line.last == 13 ? line.dropLast() : line, as: UTF8.self)
    }
}

// SPDX-License-Identifier: Apache-2.0
public import Events

/// An `image_list.txt`: one marketplace identifier per line, with `#` comment lines before it.
///
/// The format of Glancing's `glance_manager.py`: a line that begins with `#` and a blank line mean
/// nothing to a reader, every other line is an identifier. Comments of ours carry the rest of an
/// entry, one field a line. Lines that are not ours stay as they are, together, before the
/// entries; our entries follow, sorted by name.
public struct ImageList: Sendable, Hashable {
    public let name: String
    /// 0 for a list that does not exist yet.
    public internal(set) var serial: Int
    /// By name.
    public internal(set) var entries: [String: UpdatedList.Entry]
    /// Lines of others, verbatim, without their line feeds.
    public internal(set) var foreignLines: [[UInt8]]

    /// The largest file that is read, in bytes.
    public static let bytesMax = 64 << 20
    /// The largest serial: what JSON readers hold exactly (RFC 8259 section 6).
    public static let serialMax = (1 << 53) - 1

    private static let note =
        "# One marketplace identifier per line. Written by imprimatur-list-publisher."

    /// - Throws: ``ImageListsError/tooLarge(file:bytes:)``,
    ///   ``ImageListsError/otherList(found:)`` when the file says it is a list of another name.
    public init(name: String, parsing bytes: [UInt8]) throws(ImageListsError) {
        guard bytes.count <= Self.bytesMax else {
            throw .tooLarge(file: "list", bytes: bytes.count)
        }
        self.name = name
        serial = 0
        entries = [:]
        foreignLines = []
        var lines = bytes.split(separator: 10, omittingEmptySubsequences: false)[...]
        try readHeader(&lines)
        while let line = lines.first {
            if let block = EntryBlock(lines) {
                lines = lines.dropFirst(block.lineCount)
                add(block)
            } else {
                foreignLines.append(Array(line))
                lines = lines.dropFirst()
            }
        }
        foreignLines = trimmed(foreignLines)
    }

    private mutating func readHeader(_ lines: inout ArraySlice<ArraySlice<UInt8>>)
        throws(ImageListsError)
    {
        while let line = lines.first.map(EntryBlock.text) {
            if let found = line.suffix(after: "# list: ") {
                guard found == name else { throw .otherList(found: String(found.prefix(128))) }
            } else if let text = line.suffix(after: "# serial: "), let value = Int(text) {
                guard (0...Self.serialMax).contains(value) else { throw .serialExhausted }
                serial = value
            } else if line != Self.note {
                return
            }
            lines = lines.dropFirst()
        }
    }

    /// Of two entries under one name, which only a hand can have made, the newer is ours; the
    /// other one is left to that hand.
    private mutating func add(_ block: EntryBlock) {
        if foreignLines.last?.isEmpty == true { foreignLines.removeLast() }
        let entry = block.entry
        if let other = entries[entry.name] {
            let older = entry.isOlder(than: other) ? entry : other
            foreignLines += EntryBlock.lines(of: older).map { Array($0.utf8) }
            guard other == older else { return }
        }
        entries[entry.name] = entry
    }

    private func trimmed(_ lines: [[UInt8]]) -> [[UInt8]] {
        let rest = lines.drop { $0.isEmpty }
        let end = rest.lastIndex { !$0.isEmpty }
        return end.map { Array(rest[...$0]) } ?? []
    }

    /// The file's content: equal lists give equal bytes, and reading them gives an equal list.
    public func rendered() -> [UInt8] {
        var bytes: [UInt8] = []
        func add(_ line: some Sequence<UInt8>) {
            bytes += line
            bytes.append(10)
        }
        add("# list: \(name)".utf8)
        add("# serial: \(serial)".utf8)
        add(Self.note.utf8)
        if !foreignLines.isEmpty { add([]) }
        for line in foreignLines { add(line) }
        for (_, entry) in entries.sorted(by: { $0.key < $1.key }) {
            add([])
            for line in EntryBlock.lines(of: entry) { add(line.utf8) }
        }
        return bytes
    }

    /// Why `name` cannot name a list, or nil: 1 to 64 of `A-Z a-z 0-9 _ -`, as it becomes a file's
    /// name and a part of commit messages.
    public static func nameProblem(_ name: String) -> FieldProblem? {
        let isValid = name.utf8.allSatisfy { $0.isAlphanumeric || "_-".utf8.contains($0) }
        guard (1...64).contains(name.utf8.count), isValid, name.utf8.first != UInt8(ascii: "-")
        else {
            return FieldProblem(
                field: "list name",
                reason: "must be 1 to 64 of A-Z a-z 0-9 _ - and not begin with -")
        }
        return nil
    }
}

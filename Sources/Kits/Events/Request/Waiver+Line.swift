// SPDX-License-Identifier: Apache-2.0

extension Waiver {
    /// What each ``line`` begins with, and no line of a request's description may.
    public static let linePrefix = "Waived security check "

    /// The waiver as people read it, in the image's document and in mails:
    /// `Waived security check swap: our hosts have none`.
    public var line: String { "\(Self.linePrefix)\(check): \(reason)" }

    /// Undoes ``line``; nil for any other line, and for one with a name or reason that no request
    /// may have.
    public init?(line: String) {
        guard line.hasPrefix(Self.linePrefix),
            let waiver = Waiver(pair: String(line.dropFirst(Self.linePrefix.count)))
        else { return nil }
        self = waiver
    }

    /// `NAME: REASON`, as image lists and their changelogs write it.
    public var pair: String { "\(check): \(reason)" }

    /// Undoes ``pair``.
    public init?(pair: String) {
        guard let colon = pair.firstRange(of: ": ") else { return nil }
        self.init(
            check: String(pair[..<colon.lowerBound]), reason: String(pair[colon.upperBound...]))
        if problem != nil { return nil }
    }

    /// The waivers that a document's description names, in its order.
    public static func named(in description: String) -> [Waiver] {
        description.unicodeScalars.split(separator: "\n").compactMap { Waiver(line: String($0)) }
    }

    /// Whether some line of a text would be read as a waiver, or be taken for one by people.
    public static func isFeigned(in description: String) -> Bool {
        let lines = description.unicodeScalars.split { lineBreaks.contains($0) }
        return lines.contains { line in
            String(line.drop { $0.properties.isWhitespace }).lowercased()
                .hasPrefix(linePrefix.lowercased())
        }
    }

    /// Wherever some program begins a new line.
    private static let lineBreaks: Set<Unicode.Scalar> = [
        "\n", "\r", "\u{B}", "\u{C}", "\u{85}", "\u{2028}", "\u{2029}",
    ]

    /// The first thing that is wrong with it, or nil: the rules of a request's waivers.
    public var problem: FieldProblem? {
        let reasons = [
            ("check", ModificationRule.check(check)),
            ("reason", RequestRule.text(reason, 1...ImageRequest.waiverReasonLengthMax)),
        ]
        return reasons.lazy.compactMap { field, problem in
            problem.map { FieldProblem(field: field, reason: $0) }
        }.first
    }
}

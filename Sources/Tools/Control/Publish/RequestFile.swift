// SPDX-License-Identifier: Apache-2.0
import Events
import FoundationEssentials
import Yams

/// A request file: YAML, or JSON, which YAML includes.
struct RequestFile {
    /// Larger ones could not become an event anyway.
    static let bytesMax = Event.bytesMax

    let request: ImageRequest

    /// - Parameter path: `-` for standard input.
    init(path: String) throws(RequestFileError) {
        let shown = path == "-" ? "standard input" : path
        let bytes: Data
        do {
            bytes = try Data(contentsOf: URL(filePath: path == "-" ? "/dev/stdin" : path))
        } catch {
            throw RequestFileError(path: shown, reason: "cannot be read: \(Self.reason(error))")
        }
        guard bytes.count <= Self.bytesMax else {
            throw RequestFileError(path: shown, reason: "is larger than \(Self.bytesMax) bytes")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw RequestFileError(path: shown, reason: "is not UTF-8 text")
        }
        try self.init(text: text, path: shown)
    }

    init(text: String, path: String) throws(RequestFileError) {
        if let problem = Self.danger(in: text) {
            throw RequestFileError(path: path, problems: [problem])
        }
        let root: Node?
        do {
            root = try Yams.Parser(yaml: text).singleRoot()
        } catch {
            throw RequestFileError(path: path, problems: [Self.syntaxProblem(error)])
        }
        guard let root, root.mapping != nil else {
            throw RequestFileError(path: path, reason: "holds no request: see --help")
        }
        var reader = RequestReader()
        let value = reader.read(root, as: .request, at: "") ?? .null
        var problems = reader.problems
        do {
            request = try EventCoding.decode(ImageRequest.self, from: value)
        } catch {
            problems.append(
                LocatedProblem(line: nil, field: "", reason: EventCoding.describe(error)))
            throw RequestFileError(path: path, problems: problems)
        }
        problems += Self.problems(of: request, besides: problems).map {
            LocatedProblem(line: reader.line(of: $0.field), field: $0.field, reason: $0.reason)
        }
        guard problems.isEmpty else {
            throw RequestFileError(path: path, problems: problems)
        }
    }

    /// What is wrong with the values, leaving out the fields that are known to be wrong.
    private static func problems(
        of request: ImageRequest, besides known: [LocatedProblem]
    ) -> [FieldProblem] {
        let broken = known.map(\.field)
        var problems = request.problems().filter { problem in
            !broken.contains { problem.field == $0 || problem.field.hasPrefix($0 + ".") }
        }
        let evidence = ["digests", "checksumFiles", "acceptWeakDigests", "requireSignature"]
        let isTouched = (broken + problems.map(\.field)).contains { field in
            evidence.contains { field.hasPrefix($0) }
        }
        if !isTouched, let problem = request.evidenceProblem() { problems.append(problem) }
        return problems
    }

    /// Finds references, which a request does not need and which, nested, stand for more data than
    /// a machine has. (Nesting itself libyaml bounds.)
    private static func danger(in text: String) -> LocatedProblem? {
        let anchors = names(after: "&", in: text)
        if let alias = names(after: "*", in: text).first(where: { alias in
            anchors.contains { $0.name == alias.name }
        }) {
            let reason = "anchors and aliases (*\(alias.name)) are not allowed"
            return LocatedProblem(line: alias.line, field: "", reason: reason)
        }
        return nil
    }

    /// What may be an anchor's or an alias's name: rather too many than too few.
    private static func names(
        after mark: Character, in text: String
    ) -> [(name: Substring, line: Int)] {
        func isName(_ character: Character) -> Bool {
            character.isLetter || character.isNumber || character == "_" || character == "-"
        }
        var found: [(name: Substring, line: Int)] = []
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        for (index, line) in lines.enumerated() {
            let parts = line.split(separator: mark, omittingEmptySubsequences: false)
            for (before, part) in zip(parts, parts.dropFirst()) {
                // Inside a word, as in R&D, the mark is a character like any other.
                if let last = before.last, last.isLetter || last.isNumber { continue }
                let name = part.prefix(while: isName)
                if !name.isEmpty { found.append((name, index + 1)) }
            }
        }
        return found
    }

    private static func syntaxProblem(_ error: any Error) -> LocatedProblem {
        switch error as? YamlError {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            let place = "column \(mark.column)"
            return LocatedProblem(
                line: mark.line, field: "", reason: "is not YAML: \(problem), \(place)")
        case .duplicatedKeysInMapping(let duplicates, let context):
            let names = duplicates.joined(separator: ", ")
            return LocatedProblem(
                line: context.mark.line, field: names, reason: "is given more than once")
        default: return LocatedProblem(line: nil, field: "", reason: "is not YAML")
        }
    }

    private static func reason(_ error: any Error) -> String {
        switch (error as? CocoaError)?.code {
        case .fileReadNoSuchFile?, .fileNoSuchFile?: "no such file"
        case .fileReadNoPermission?: "permission denied"
        default: "not a readable file"
        }
    }
}

/// Everything that is wrong with a request file.
struct RequestFileError: Error, Sendable, Hashable {
    var path: String
    /// In the order of their lines.
    var problems: [LocatedProblem]

    init(path: String, problems: [LocatedProblem]) {
        self.path = path
        self.problems = problems.sorted { ($0.line ?? .max) < ($1.line ?? .max) }
    }

    init(path: String, reason: String) {
        self.init(path: path, problems: [LocatedProblem(line: nil, field: "", reason: reason)])
    }
}

extension RequestFileError: CustomStringConvertible {
    /// One problem a line, such as `image.yaml:12: source.format: must be one of raw, qcow2`.
    var description: String {
        problems.map { problem in
            let place = problem.line.map { "\(path):\($0)" } ?? path
            return [place, problem.field, problem.reason].filter { !$0.isEmpty }
                .joined(separator: ": ")
        }.joined(separator: "\n")
    }
}

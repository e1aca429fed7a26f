// SPDX-License-Identifier: Apache-2.0
import Events
import Pipeline
import Yams

/// Reads YAML nodes as a request, noting every problem with its line instead of stopping at the
/// first. It follows the shape, not the file, so its depth is bounded.
struct RequestReader {
    private(set) var problems: [LocatedProblem] = []
    /// Where each field is, by its path.
    private(set) var lines: [String: Int] = [:]

    mutating func read(_ node: Node, as shape: RequestShape, at path: String) -> JSONValue? {
        switch shape {
        case .text: return text(node, at: path).map { .string($0) }
        case .integer: return integer(node, at: path)
        case .flag: return flag(node, at: path)
        case .choice(let words): return choice(node, among: words, at: path)
        case .list(let element, let countMax):
            return list(node, of: element, countMax: countMax, at: path)
        case .map: return map(node, at: path)
        case .table(let fields): return table(node, fields, at: path)
        case .oneOf(let fields, let placeholder):
            return oneOf(node, fields, at: path) ?? placeholder
        }
    }

    /// The line of a field, or of the nearest one around it.
    func line(of path: String) -> Int? {
        var path = Substring(path)
        while !path.isEmpty {
            if let line = lines[String(path)] { return line }
            path = path.lastIndex { $0 == "." || $0 == "[" }.map { path[..<$0] } ?? ""
        }
        return lines[""]
    }

    private mutating func refuse(_ path: String, _ node: Node, _ reason: String) {
        let line = node.mark?.line ?? self.line(of: path)
        problems.append(LocatedProblem(line: line, field: path, reason: reason))
    }

    private mutating func text(_ node: Node, at path: String) -> String? {
        guard let scalar = node.scalar else {
            refuse(path, node, "must be text")
            return nil
        }
        switch Resolver.default.resolveTag(of: node) {
        case .str: return scalar.string
        case .null: refuse(path, node, "has no value: give one, or leave the line out")
        default:
            // YAML reads 12.10 as the number 12.1; what the user means, only the user knows.
            let quoted = "\"\(scalar.string.prefix(40))\""
            refuse(path, node, "must be text: put it in quotes, \(quoted)")
        }
        return nil
    }

    private mutating func integer(_ node: Node, at path: String) -> JSONValue? {
        if Resolver.default.resolveTag(of: node) == .int, let number = node.int {
            return .integer(Int64(number))
        }
        refuse(path, node, "must be a whole number")
        return nil
    }

    private mutating func flag(_ node: Node, at path: String) -> JSONValue? {
        if Resolver.default.resolveTag(of: node) == .bool, let flag = node.bool {
            return .boolean(flag)
        }
        refuse(path, node, "must be true or false")
        return nil
    }

    private mutating func choice(
        _ node: Node, among words: [String], at path: String
    ) -> JSONValue? {
        if let word = node.scalar?.string, words.contains(word) { return .string(word) }
        refuse(path, node, "must be one of \(words.joined(separator: ", "))")
        return nil
    }

    private mutating func list(
        _ node: Node, of element: RequestShape, countMax: Int, at path: String
    ) -> JSONValue? {
        guard let sequence = node.sequence else {
            refuse(path, node, "must be a list")
            return nil
        }
        // One more than allowed is kept, so that the count is found wrong once, not each item.
        let items = sequence.prefix(countMax + 1).enumerated()
        return .array(
            items.compactMap { index, item in
                let itemPath = "\(path)[\(index)]"
                lines[itemPath] = item.mark?.line
                return read(item, as: element, at: itemPath)
            })
    }

    private mutating func map(_ node: Node, at path: String) -> JSONValue? {
        guard let mapping = node.mapping else {
            refuse(path, node, "must be a mapping, such as sha256: \"…\"")
            return nil
        }
        var members: [String: JSONValue] = [:]
        for (key, value) in mapping {
            guard let name = key.scalar?.string else {
                refuse(path, key, "a name must be text")
                continue
            }
            let memberPath = "\(path).\(name)"
            lines[memberPath] = key.mark?.line
            if let text = text(value, at: memberPath) { members[name] = .string(text) }
        }
        return .object(members)
    }

    private mutating func table(
        _ node: Node, _ fields: [RequestShape.Field], at path: String
    ) -> JSONValue? {
        guard let mapping = node.mapping else {
            let names = fields.map(\.name).joined(separator: ", ")
            refuse(path, node, names.isEmpty ? "must be {}" : "must be a mapping of \(names)")
            return nil
        }
        if lines[path] == nil { lines[path] = node.mark?.line }
        var members: [String: JSONValue] = [:]
        var meant: Set<String> = []
        for (key, value) in mapping {
            let name = key.scalar?.string ?? ""
            let fieldPath = path.isEmpty ? name : "\(path).\(name)"
            guard let field = fields.first(where: { $0.name == name }) else {
                if let near = refuseUnknown(name, fields, key, at: fieldPath) {
                    meant.insert(near)
                }
                continue
            }
            lines[fieldPath] = key.mark?.line
            members[name] = read(value, as: field.shape, at: fieldPath) ?? field.placeholder
        }
        for field in fields where members[field.name] == nil && field.placeholder != nil {
            let fieldPath = path.isEmpty ? field.name : "\(path).\(field.name)"
            members[field.name] = field.placeholder
            // A misspelt field has been told of once already.
            if meant.contains(field.name) { continue }
            problems.append(
                LocatedProblem(line: line(of: fieldPath), field: fieldPath, reason: "is required"))
        }
        return .object(members)
    }

    private mutating func oneOf(
        _ node: Node, _ fields: [RequestShape.Field], at path: String
    ) -> JSONValue? {
        guard let mapping = node.mapping, mapping.count == 1, let (key, value) = mapping.first
        else {
            let names = fields.map(\.name).joined(separator: ", ")
            refuse(path, node, "must be a mapping with exactly one of \(names)")
            return nil
        }
        let name = key.scalar?.string ?? ""
        let fieldPath = "\(path).\(name)"
        guard let field = fields.first(where: { $0.name == name }) else {
            refuseUnknown(name, fields, key, at: fieldPath)
            return nil
        }
        lines[fieldPath] = key.mark?.line
        return read(value, as: field.shape, at: fieldPath).map { .object([name: $0]) }
    }

    /// - Returns: the field that is probably meant.
    @discardableResult
    private mutating func refuseUnknown(
        _ name: String, _ fields: [RequestShape.Field], _ key: Node, at path: String
    ) -> String? {
        let known = fields.map(\.name)
        let near = Suggestion.nearest(to: name, among: known)
        let reason =
            near.map { "unknown field; did you mean \($0)?" }
            ?? (known.isEmpty
                ? "unknown field; there are none here"
                : "unknown field; known are \(known.joined(separator: ", "))")
        refuse(path, key, reason)
        return near
    }
}

/// One thing wrong with a request file.
struct LocatedProblem: Sendable, Hashable {
    /// From 1.
    var line: Int?
    var field: String
    var reason: String
}

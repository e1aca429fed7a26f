// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Yams

/// A YAML or JSON configuration file (JSON is read as the YAML it is), flattened to dotted keys.
struct ConfigurationFile {
    static let bytesMax = 1 << 20
    /// Values in a file, aliases expanded; keeps a file of nested aliases from growing for ever.
    static let valuesMax = 10_000
    static let depthMax = 16

    struct Value {
        var items: [String]
        var line: Int?
    }

    var path: String
    var values: [String: Value] = [:]

    init(path: String) throws(ConfigurationError) {
        let bytes: Data
        do {
            bytes = try Data(contentsOf: URL(filePath: path))
        } catch {
            throw Self.problem(path, line: nil, "cannot be read: \(Self.reason(error))")
        }
        guard bytes.count <= Self.bytesMax else {
            throw Self.problem(path, line: nil, "is larger than \(Self.bytesMax) bytes")
        }
        try self.init(path: path, text: String(decoding: bytes, as: UTF8.self))
    }

    init(path: String, text: String) throws(ConfigurationError) {
        self.path = path
        let root: Node?
        do {
            root = try Yams.Parser(yaml: text).singleRoot()
        } catch {
            throw Self.problem(path, line: Self.line(error), "is not YAML or JSON: \(error)")
        }
        guard let root else { return }
        if root.scalar?.string.isEmpty == true { return }
        guard root.mapping != nil else {
            throw Self.problem(path, line: root.mark?.line, "must hold keys and values")
        }
        try flatten(root, prefix: "", depth: 0)
    }

    private mutating func flatten(
        _ node: Node, prefix: String, depth: Int
    ) throws(ConfigurationError) {
        let line = node.mark?.line
        guard depth <= Self.depthMax, values.count < Self.valuesMax else {
            throw Self.problem(path, line: line, "is too large or nested too deeply")
        }
        switch node {
        case .mapping(let mapping):
            for (key, value) in mapping {
                guard let name = key.string else {
                    throw Self.problem(path, line: key.mark?.line, "has a key that is not text")
                }
                try flatten(
                    value, prefix: prefix.isEmpty ? name : prefix + "." + name, depth: depth + 1)
            }
        case .sequence(let sequence):
            var items: [String] = []
            for item in sequence {
                guard let text = item.scalar?.string else {
                    throw Self.problem(
                        path, line: item.mark?.line, "\(prefix) may only list plain values")
                }
                items.append(text)
            }
            values[prefix] = Value(items: items, line: line)
        case .scalar(let scalar): values[prefix] = Value(items: [scalar.string], line: line)
        case .alias: throw Self.problem(path, line: line, "\(prefix) refers to nothing")
        }
    }

    private static func problem(
        _ path: String, line: Int?, _ reason: String
    ) -> ConfigurationError {
        ConfigurationError(problems: [
            ConfigurationError.Problem(
                key: "configuration file", origin: .file(path, line: line), reason: reason)
        ])
    }

    private static func line(_ error: any Error) -> Int? {
        switch error as? YamlError {
        case .scanner(_, _, let mark, _), .parser(_, _, let mark, _),
            .composer(_, _, let mark, _):
            mark.line
        default: nil
        }
    }

    private static func reason(_ error: any Error) -> String {
        guard let error = error as? CocoaError else { return "\(error)" }
        return switch error.code {
        case .fileReadNoSuchFile, .fileNoSuchFile: "no such file"
        case .fileReadNoPermission: "permission denied"
        default: "error \(error.code.rawValue)"
        }
    }
}

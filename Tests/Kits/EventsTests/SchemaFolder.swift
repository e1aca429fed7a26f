// SPDX-License-Identifier: Apache-2.0
import Events
import Foundation
import TestSupport

/// The folder `schemas`, and Python's verdict on what lies in it.
enum SchemaFolder {
    static let path = "\(repositoryRoot)/schemas"

    static func schema(_ type: EventType) -> String {
        "\(path)/events/\(type.routingKey)/v1.schema.json"
    }

    /// Paths of the examples of a kind, `good` or `bad`, sorted.
    static func examples(_ type: EventType, _ kind: String) throws -> [String] {
        let folder = "\(path)/events/\(type.routingKey)/\(kind)"
        return try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
            .map { "\(folder)/\($0)" }
    }

    static func bytes(_ path: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    }

    static func value(_ bytes: some Sequence<UInt8>) throws -> JSONValue {
        try JSONDecoder().decode(JSONValue.self, from: Data(bytes))
    }

    struct Question: Encodable {
        var schema: String
        var instance: JSONValue
    }

    /// What Python's `jsonschema` finds wrong with each instance.
    static func errors(_ questions: [Question]) throws -> [[String]] {
        let input = try JSONEncoder().encode(questions)
        let answer = try PythonTools.run("validate_schema.py", ["validate"], input: input)
        return try JSONDecoder().decode([[String]].self, from: answer)
    }

    struct Document: Decodable {
        var document: JSONValue
        var unresolved: [String]
    }

    /// A YAML file as Python reads it, and its references that lead nowhere.
    static func document(_ name: String) throws -> Document {
        let answer = try PythonTools.run("validate_schema.py", ["document", "\(path)/\(name)"])
        return try JSONDecoder().decode(Document.self, from: answer)
    }
}

extension JSONValue {
    var members: [String: JSONValue] {
        if case .object(let members) = self { members } else { [:] }
    }

    var items: [JSONValue] {
        if case .array(let items) = self { items } else { [] }
    }

    /// Follows member names.
    func at(_ path: String...) -> JSONValue? {
        path.reduce(self) { value, name in value?[name] }
    }
}

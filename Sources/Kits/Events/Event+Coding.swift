// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials

extension Event {
    /// The largest event in bytes, encoded (CloudEvents 1.0, section "Size Limits").
    public static let bytesMax = 65_536
    /// AMQP content-type of CloudEvents structured mode.
    public static let contentType = "application/cloudevents+json"

    private static let attributes: Set<String> = [
        "specversion", "id", "source", "type", "subject", "time", "datacontenttype",
        "publication", "traceparent", "data",
    ]

    /// Reads an event in CloudEvents structured JSON mode and checks that the sections its type
    /// needs are there and decode.
    public init(decoding bytes: some Sequence<UInt8>) throws(EventError) {
        let body = Data(bytes)
        guard body.count <= Self.bytesMax else { throw .tooLarge(bytes: body.count) }
        let members: [String: JSONValue]
        do {
            members = try JSONDecoder().decode([String: JSONValue].self, from: body)
        } catch {
            throw .notJSON(EventCoding.describe(error))
        }
        try self.init(members: members)
    }

    private init(members: [String: JSONValue]) throws(EventError) {
        func text(_ name: String, max: Int = 1024) throws(EventError) -> String {
            guard let value = members[name]?.string else {
                throw .invalidAttribute(name, reason: "a string is required")
            }
            guard !value.isEmpty, value.utf8.count <= max else {
                throw .invalidAttribute(name, reason: "must have 1 to \(max) bytes")
            }
            return value
        }
        guard try text("specversion") == "1.0" else {
            throw .invalidAttribute("specversion", reason: "only 1.0 is supported")
        }
        guard let type = EventType(cloudEventsType: try text("type")) else {
            throw .invalidAttribute("type", reason: "unknown event type")
        }
        guard let time = Timestamp(try text("time")) else {
            throw .invalidAttribute("time", reason: "not an RFC 3339 date-time")
        }
        let publication = try text("publication", max: 36)
        guard let uuid = UUID(uuidString: publication),
            uuid.uuidString.lowercased() == publication
        else {
            throw .invalidAttribute("publication", reason: "must be a UUID in lower case")
        }
        let traceparent = members["traceparent"] == nil ? nil : try text("traceparent", max: 128)
        guard case .object(let data) = members["data"] else {
            throw .invalidAttribute("data", reason: "a JSON object is required")
        }
        self.init(
            id: try text("id", max: 128), source: try text("source"), type: type,
            subject: try text("subject", max: 256), time: time, publication: publication,
            traceparent: traceparent,
            extensions: members.filter { !Self.attributes.contains($0.key) }, data: data)
        for section in try type.requiredSections(of: self.data) { try check(section) }
    }

    private func check<S: Section>(_ type: S.Type) throws(EventError) {
        _ = try section(type)
    }

    /// The event in CloudEvents structured JSON mode: members sorted, so equal events give equal
    /// bytes.
    public func encoded() throws(EventError) -> [UInt8] {
        var members = extensions
        members["specversion"] = .string("1.0")
        members["id"] = .string(id)
        members["source"] = .string(source)
        members["type"] = .string(type.cloudEventsType)
        members["subject"] = .string(subject)
        members["time"] = .string(time.description)
        members["datacontenttype"] = .string("application/json")
        members["publication"] = .string(publication)
        members["traceparent"] = traceparent.map { .string($0) }
        members["data"] = .object(data)
        let bytes: [UInt8]
        do {
            bytes = [UInt8](try EventCoding.encoder.encode(members))
        } catch {
            throw .notJSON(EventCoding.describe(error))
        }
        guard bytes.count <= Self.bytesMax else { throw .tooLarge(bytes: bytes.count) }
        return bytes
    }
}

/// JSON as events are written: sorted members, no escaped slashes.
public enum EventCoding {
    static var encoder: JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return encoder
    }

    /// The JSON value a section is written as.
    public static func value(of section: some Encodable) throws -> JSONValue {
        try JSONDecoder().decode(JSONValue.self, from: encoder.encode(section))
    }

    /// Reads a typed value out of a JSON value.
    public static func decode<T: Decodable>(_ type: T.Type, from value: JSONValue) throws -> T {
        try JSONDecoder().decode(type, from: encoder.encode(value))
    }

    /// One line saying what is wrong and where, such as `source.url: a value is required`.
    public static func describe(_ error: any Error) -> String {
        guard let error = error as? DecodingError else { return "\(error)" }
        func at(_ path: [any CodingKey], _ reason: String) -> String {
            let place = path.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }
            return place.isEmpty ? reason : place.joined(separator: ".") + ": " + reason
        }
        switch error {
        case .keyNotFound(let key, let context):
            return at(context.codingPath + [key], "a value is required")
        case .typeMismatch(let type, let context):
            return at(context.codingPath, "must be \(type)")
        case .valueNotFound(_, let context):
            return at(context.codingPath, "must not be null")
        case .dataCorrupted(let context):
            return at(context.codingPath, context.debugDescription)
        @unknown default: return "\(error)"
        }
    }
}

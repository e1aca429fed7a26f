// SPDX-License-Identifier: Apache-2.0

/// A CloudEvents 1.0 event of this pipeline (https://github.com/cloudevents/spec, version 1.0.2).
///
/// `data` is carried as JSON and read by section (``section(_:)``), so that whatever this version
/// does not know passes through untouched.
public struct Event: Sendable, Hashable {
    /// Unique with `source`; also the AMQP message-id. 1 to 128 characters.
    public var id: String
    /// Who emitted it, a URI reference such as `/imprimatur/fetcher`.
    public var source: String
    public var type: EventType
    /// The image's name; its identifier for a revision by somebody who does not know the name;
    /// for a list event the list's.
    public var subject: String
    /// When the event was emitted. Never content: documents take their times from the request.
    public var time: Timestamp
    /// The request that everything follows from (a lower-case UUID): the AMQP correlation-id.
    public var publication: String
    /// W3C Trace Context of the request, when it came with one.
    public var traceparent: String?
    /// Context attributes this version does not know.
    public var extensions: [String: JSONValue]
    public var data: [String: JSONValue]

    public init(
        id: String, source: String, type: EventType, subject: String, time: Timestamp,
        publication: String, traceparent: String? = nil,
        extensions: [String: JSONValue] = [:], data: [String: JSONValue]
    ) {
        self.id = id
        self.source = source
        self.type = type
        self.subject = subject
        self.time = time
        self.publication = publication
        self.traceparent = traceparent
        self.extensions = extensions
        self.data = data
    }

    /// Reads one section of `data`.
    ///
    /// - Throws: ``EventError/missingSection(_:)`` or ``EventError/invalidSection(_:reason:)``.
    public func section<S: Section>(_ type: S.Type) throws(EventError) -> S {
        guard let value = data[S.key] else { throw .missingSection(S.key) }
        do {
            return try EventCoding.decode(S.self, from: value)
        } catch {
            throw .invalidSection(S.key, reason: EventCoding.describe(error))
        }
    }

    /// Reads one section of `data` that need not be there.
    ///
    /// - Throws: ``EventError/invalidSection(_:reason:)``.
    public func sectionIfPresent<S: Section>(_ type: S.Type) throws(EventError) -> S? {
        data[S.key] == nil ? nil : try section(type)
    }

    /// A copy of `data` with one section added or replaced.
    public func data<S: Section>(adding section: S) throws(EventError) -> [String: JSONValue] {
        var copy = data
        do {
            copy[S.key] = try EventCoding.value(of: section)
        } catch {
            throw .invalidSection(S.key, reason: EventCoding.describe(error))
        }
        return copy
    }
}

/// Why bytes are not an event of this pipeline. All cases are final: a redelivery changes nothing.
public enum EventError: Error, Sendable, Hashable {
    /// More than ``Event/bytesMax`` bytes.
    case tooLarge(bytes: Int)
    /// Not a JSON object.
    case notJSON(String)
    /// A context attribute is missing or wrong.
    case invalidAttribute(String, reason: String)
    /// `data` lacks a section that this event type needs.
    case missingSection(String)
    /// A section does not fit its schema.
    case invalidSection(String, reason: String)
}

extension EventError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .tooLarge(let bytes):
            "event of \(bytes) bytes exceeds the limit of \(Event.bytesMax) bytes"
        case .notJSON(let reason): "event is not a JSON object: \(reason)"
        case .invalidAttribute(let name, let reason): "event attribute '\(name)': \(reason)"
        case .missingSection(let key): "event data lacks the section '\(key)'"
        case .invalidSection(let key, let reason): "event data, section '\(key)': \(reason)"
        }
    }
}

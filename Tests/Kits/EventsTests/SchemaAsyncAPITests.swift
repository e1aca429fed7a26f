// SPDX-License-Identifier: Apache-2.0
import Events
import Testing

@Suite("asyncapi.yaml", .timeLimit(.minutes(3)))
struct SchemaAsyncAPITests {
    private let api: JSONValue
    private let unresolved: [String]

    init() throws {
        let document = try SchemaFolder.document("asyncapi.yaml")
        api = document.document
        unresolved = document.unresolved
    }

    @Test("It is AsyncAPI 3.0.0 and every reference leads somewhere")
    func references() {
        #expect(api.at("asyncapi")?.string == "3.0.0")
        #expect(unresolved == [])
        #expect(api.at("components", "messages")?.members.count == EventType.allCases.count + 1)
    }

    @Test("Its queues and their bindings are the topology's")
    func queues() throws {
        var bindings: Set<Topology.Binding> = []
        var kinds: [String: String] = [:]
        for channel in channels.values where isQueue(channel) {
            let name = try #require(channel.at("address")?.string)
            #expect(channel.at("bindings", "amqp", "queue", "name")?.string == name)
            kinds[filled(name)] = channel.at("x-queue-type")?.string
            for bound in channel.at("x-bound-to")?.items ?? [] {
                bindings.insert(
                    Topology.Binding(
                        exchange: try #require(bound["exchange"]?.string), queue: filled(name),
                        routingKey: filled(try #require(bound["routingKey"]?.string))))
            }
        }
        let topology = Topology(sites: ["example"])
        #expect(bindings == Set(topology.bindings))
        let expected = topology.queues.map { ($0.name, $0.kind.rawValue) }
        #expect(kinds == Dictionary(uniqueKeysWithValues: expected))
    }

    @Test("Its routing keys are the events, and its exchanges the topology's")
    func routingKeys() throws {
        var keys: Set<String> = []
        for channel in channels.values where !isQueue(channel) {
            let found = try #require(exchange(of: channel))
            let name = try #require(found["name"]?.string)
            let kind = Topology().exchanges.first { $0.name == name }?.kind.rawValue
            #expect(found["type"]?.string == kind)
            if name == Topology.events { keys.insert(try #require(channel["address"]?.string)) }
        }
        #expect(keys == Set(EventType.allCases.map(\.routingKey)))
    }

    @Test("Each message is the payload of its event's schema")
    func messages() {
        for type in EventType.allCases {
            let message = api.at("components", "messages", Self.name(type.routingKey))
            #expect(message?.at("name")?.string == type.cloudEventsType)
            #expect(message?.at("contentType")?.string == Event.contentType)
            #expect(
                message?.at("payload", "schema", "$ref")?.string
                    == "./events/\(type.routingKey)/v1.schema.json")
        }
    }

    @Test(
        "Each worker receives what it consumes and sends what it emits", arguments: Stage.allCases)
    func operations(_ stage: Stage) throws {
        let name = Self.name(stage.rawValue)
        let receive = try #require(api.at("operations", "\(name)Receive"))
        #expect(receive.at("action")?.string == "receive")
        let queue = try #require(channel(of: receive))
        #expect(queue.at("address")?.string == stage.queue)
        let messages = Set(queue.at("messages")?.members.keys.map { $0 } ?? [])
        #expect(messages == Set(stage.consumes.map { Self.name($0.routingKey) }))
        let sent = ["Emit", "Reject", "Progress", "Park"].map { operation in
            channel(of: api.at("operations", "\(name)\(operation)"))?.at("address")?.string
        }
        #expect(sent == [stage.emits.routingKey, "image.rejected", "image.progress", "{stage}"])
    }

    private var channels: [String: JSONValue] { api.at("channels")?.members ?? [:] }

    private func isQueue(_ channel: JSONValue) -> Bool {
        channel.at("bindings", "amqp", "is")?.string == "queue"
    }

    private func exchange(of channel: JSONValue) -> JSONValue? {
        if let exchange = channel.at("bindings", "amqp", "exchange") { return exchange }
        guard channel.at("bindings", "$ref") != nil else { return nil }
        return api.at("components", "channelBindings", "eventsKey", "amqp", "exchange")
    }

    private func channel(of operation: JSONValue?) -> JSONValue? {
        let reference = operation?.at("channel", "$ref")?.string
        return channels[String(reference?.dropFirst("#/channels/".count) ?? "")]
    }

    private func filled(_ text: String) -> String { text.replacing("{site}", with: "example") }

    /// `list.updated` and `list-publisher` as the document names them: `listUpdated`.
    private static func name(_ word: String) -> String {
        let parts = word.split { $0 == "." || $0 == "-" }
        return parts.dropFirst().reduce(String(parts[0])) {
            $0 + $1.prefix(1).uppercased() + $1.dropFirst()
        }
    }
}

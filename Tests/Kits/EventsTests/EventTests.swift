// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

@testable import Events

/// The envelope: what is kept, what is refused, and why.
@Suite("Events")
struct EventTests {
    static let request: JSONValue = .object([
        "name": .string("cirros"),
        "source": .object([
            "url": .string("http://example.org/cirros.img"), "format": .string("qcow2"),
        ]),
        "metadata": .object([
            "os": .string("cirros"), "osVersion": .string("0.3.4"), "osArch": .string("x86_64"),
        ]),
    ])

    static let members: [String: JSONValue] = [
        "specversion": .string("1.0"), "id": .string("e1"),
        "source": .string("/imprimatur/publish"), "type": .string("imprimatur.image.new.v1"),
        "subject": .string("cirros"), "time": .string("2026-01-31T12:00:00Z"),
        "datacontenttype": .string("application/json"),
        "publication": .string("5b8d6e0a-3f57-4c61-9d2e-71c408af351b"),
        "data": .object(["request": request]),
    ]

    static func bytes(_ members: [String: JSONValue]) throws -> [UInt8] {
        [UInt8](try JSONEncoder().encode(members))
    }

    static func bytes(changing name: String, to value: JSONValue?) throws -> [UInt8] {
        var members = members
        members[name] = value
        return try bytes(members)
    }

    private func refusal(_ bytes: [UInt8]) -> EventError? {
        do {
            _ = try Event(decoding: bytes)
            return nil
        } catch {
            return error
        }
    }

    @Test("an event survives encoding, and equal events give equal bytes")
    func roundTrip() throws {
        let event = try Event(decoding: Self.bytes(Self.members))
        let bytes = try event.encoded()
        #expect(try Event(decoding: bytes) == event)
        #expect(try Event(decoding: bytes).encoded() == bytes)
        #expect(event.type == .imageNew)
        #expect(event.time.description == "2026-01-31T12:00:00Z")
        #expect(try event.section(ImageRequest.self).source.format == .qcow2)
    }

    @Test("every section survives encoding", arguments: [true, false])
    func sections(isFull: Bool) throws {
        let digests = Digests(md5: "m", sha1: "s", sha256: "t", sha512: "f")
        let blob = BlobReference(sha256: "t", size: .max)
        let time = Timestamp(seconds: 1)
        func same(_ section: some Section) throws {
            let value = try EventCoding.value(of: section)
            #expect(try EventCoding.decode(type(of: section), from: value) == section)
        }
        try same(
            Fetched(
                requestTime: time, url: "u", blob: blob, digests: digests, compression: .zstd,
                uncompressed: Fetched.Content(size: 0, digests: digests),
                checksumFiles: isFull ? [Fetched.FetchedFile(url: "c", blob: blob)] : []))
        try same(
            Verified(
                blob: blob,
                evidence: [
                    Verified.Evidence(
                        algorithm: .sha512, value: "v", source: "s", line: isFull ? 3 : nil)
                ]))
        try same(BuiltMetadata(document: blob, identifier: "i", filename: "f"))
        try same(
            SignedMetadata(
                document: blob, profile: .modern,
                endorser: SignedMetadata.Endorser(email: "e", subject: "s", issuer: "i"),
                created: time, certificateSHA256: "c"))
        try same(UploadedMetadata(marketplace: "m", location: "l"))
        let entry = UpdatedList.Entry(
            name: "n", version: isFull ? "v" : nil, identifier: "i", publication: "p",
            requestTime: time, location: "l", documentSHA256: "d", endorser: "e")
        try same(
            UpdatedList(
                name: "n", serial: 7, sha256: "s", size: 1, url: isFull ? "u" : nil,
                revision: isFull ? "r7" : nil, added: [entry], removed: isFull ? [entry] : []))
        try same(NotifiedSites(sites: ["a"], mailedTo: []))
        try same(Rejection(stage: .verifier, rule: "r", message: "m", evidence: ["a": "b"]))
        try same(
            Progress(
                stage: .fetcher, activity: "download", bytes: 1, bytesTotal: isFull ? 2 : nil))
    }

    @Test("unknown attributes, sections and fields pass through untouched")
    func unknown() throws {
        var members = Self.members
        members["partitionkey"] = .string("k")
        members["future"] = .object(["deep": .array([.null, .number(1.5), .unsigned(.max)])])
        members["data"] = .object([
            "request": Self.request, "scanned": .object(["verdict": .string("clean")]),
        ])
        let event = try Event(decoding: Self.bytes(members))
        #expect(event.extensions["partitionkey"] == .string("k"))
        #expect(event.data["scanned"] == .object(["verdict": .string("clean")]))
        let again = try JSONDecoder().decode(
            [String: JSONValue].self, from: Data(try event.encoded()))
        #expect(again == members)
    }

    @Test("a field of a section that this version does not know is kept by the next stage")
    func unknownField() throws {
        guard case .object(var request) = Self.request else { return }
        request["future"] = .integer(1)
        let event = try Event(
            decoding: Self.bytes(
                changing: "data", to: .object(["request": .object(request)])))
        let data = try event.data(
            adding: Rejection(stage: .fetcher, rule: "r", message: "m"))
        #expect(data["request"]?["future"] == .integer(1))
        #expect(data["rejection"]?["rule"] == .string("r"))
    }

    @Test(
        "a wrong or missing attribute is named",
        arguments: [
            ("specversion", JSONValue.string("0.3")), ("specversion", nil), ("id", nil),
            ("id", .string("")), ("id", .string(String(repeating: "x", count: 129))),
            ("id", .integer(1)), ("source", .null), ("type", .string("imprimatur.image.new.v2")),
            ("type", .string("image.new")),
            ("subject", .string(String(repeating: "x", count: 257))),
            ("time", .string("yesterday")), ("time", .string("1969-12-31T23:59:59Z")),
            ("time", .string("2026-13-01T00:00:00Z")), ("time", .integer(0)),
            ("publication", .string("5B8D6E0A-3F57-4C61-9D2E-71C408AF351B")),
            ("publication", .string("5b8d6e0a3f574c619d2e71c408af351b")),
            ("publication", .string("{b8d6e0a-3f57-4c61-9d2e-71c408af351}")), ("publication", nil),
            ("traceparent", .integer(1)), ("data", nil), ("data", .string("{}")),
            ("data", .array([])),
        ])
    func attributes(name: String, value: JSONValue?) throws {
        guard
            case .invalidAttribute(let found, _)? = refusal(
                try Self.bytes(changing: name, to: value))
        else {
            Issue.record("\(name) was accepted or another reason given")
            return
        }
        #expect(found == name)
    }

    @Test("sections that the type needs are required and must decode")
    func requiredSections() throws {
        #expect(
            refusal(try Self.bytes(changing: "data", to: .object([:])))
                == .missingSection("request"))
        let fetched = try Self.bytes(changing: "type", to: .string("imprimatur.image.fetched.v1"))
        #expect(refusal(fetched) == .missingSection("fetched"))
        guard case .object(var request) = Self.request else { return }
        request["source"] = .object(["url": .string("u"), "format": .string("vmdk")])
        let wrong = try Self.bytes(
            changing: "data", to: .object(["request": .object(request)]))
        guard case .invalidSection("request", let reason)? = refusal(wrong) else {
            Issue.record("accepted")
            return
        }
        #expect(reason.contains("source.format"), "\(reason)")
        request["source"] = .string("u")
        guard
            case .invalidSection("request", let other)? = refusal(
                try Self.bytes(changing: "data", to: .object(["request": .object(request)])))
        else {
            Issue.record("accepted")
            return
        }
        #expect(other.contains("source"), "\(other)")
    }

    @Test(
        "bytes that are no JSON object",
        arguments: [
            "", " ", "[]", "null", "\"x\"", "{", "{\"a\":1,,}", "{\"a\":\"\u{1}\"}", "\u{feff}",
        ])
    func notJSON(text: String) {
        guard case .notJSON? = refusal(Array(text.utf8)) else {
            Issue.record("accepted")
            return
        }
    }

    @Test("bytes that are no UTF-8, and the hostile rest of the byte range")
    func bytes() {
        for byte in UInt8.min...UInt8.max {
            #expect(refusal([byte]) != nil)
            #expect(refusal(Array("{\"id\":\"".utf8) + [byte] + Array("\"}".utf8)) != nil)
        }
    }

    @Test("too large, decoding and encoding")
    func tooLarge() throws {
        let text = String(repeating: "x", count: Event.bytesMax)
        let bytes = try Self.bytes(changing: "ballast", to: .string(text))
        #expect(refusal(bytes) == .tooLarge(bytes: bytes.count))
        var event = try Event(decoding: Self.bytes(Self.members))
        event.data["ballast"] = .string(text)
        #expect(throws: EventError.self) { try event.encoded() }
    }

    @Test("deep nesting is refused or carried, and never overflows the stack")
    func nesting() {
        for depth in [65, 100, 511, 513, 10_000, 32_000] {
            for (opening, closing) in [("[", "]"), ("{\"a\":", "}")] {
                let text =
                    "{\"data\":" + String(repeating: opening, count: depth) + "1"
                    + String(repeating: closing, count: depth) + "}"
                #expect(refusal(Array(text.utf8)) != nil)
            }
        }
    }

    @Test("cut off anywhere, an event is refused")
    func truncated() throws {
        let bytes = try Event(decoding: Self.bytes(Self.members)).encoded()
        for count in 0..<bytes.count { #expect(refusal(Array(bytes.prefix(count))) != nil) }
    }

    @Test("any single changed byte is refused or gives an event that encodes again")
    func mutated() throws {
        let bytes = try Event(decoding: Self.bytes(Self.members)).encoded()
        for index in stride(from: 0, to: bytes.count, by: 3) {
            for byte in [0x22, 0x5c, 0x7b] as [UInt8] {
                var changed = bytes
                changed[index] = byte
                guard let event = try? Event(decoding: changed) else { continue }
                #expect(try Event(decoding: event.encoded()) == event)
            }
        }
    }

    @Test("types and their names")
    func types() {
        for type in EventType.allCases {
            #expect(EventType(cloudEventsType: type.cloudEventsType) == type)
            #expect(EventType(rawValue: type.routingKey) == type)
        }
        #expect(EventType(cloudEventsType: "imprimatur.image.new.v2") == nil)
    }
}

@Suite("Timestamps and digests")
struct ValueTests {
    @Test(
        "RFC 3339 in all its forms",
        arguments: [
            ("2026-01-31T12:00:00Z", "2026-01-31T12:00:00Z"),
            ("2026-01-31T12:00:00.999Z", "2026-01-31T12:00:00Z"),
            ("2026-01-31T12:00:00+02:00", "2026-01-31T10:00:00Z"),
            ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z"),
            ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"),
            ("2028-02-29T00:00:00Z", "2028-02-29T00:00:00Z"),
        ])
    func times(text: String, expected: String) {
        #expect(Timestamp(text)?.description == expected)
    }

    @Test(
        "what is no time",
        arguments: [
            "", "2026-01-31", "12:00:00Z", "2026-13-01T00:00:00Z", "2026-01-31 12:00",
            "2026-02-30T00:00:00Z", "2027-02-29T00:00:00Z", "2100-02-29T00:00:00Z",
            "2026-04-31T00:00:00Z", "2026-01-00T00:00:00Z",
            "1969-12-31T23:59:59Z", "10000-01-01T00:00:00Z", String(repeating: "2", count: 50),
        ])
    func noTimes(text: String) {
        #expect(Timestamp(text) == nil)
    }

    @Test("written as Foundation writes it, in every year and month")
    func writtenTimes() {
        let daysMax = 2_932_896  // to 9999-12-31
        let differing = stride(from: 0, through: daysMax, by: 29).filter { day in
            let seconds = Int64(day * 86_400 + day % 86_400)
            let date = Date(timeIntervalSince1970: Double(seconds))
            return Timestamp(seconds: seconds).description
                != date.formatted(Date.ISO8601FormatStyle())
        }
        #expect(differing.isEmpty)
    }

    @Test("times are clamped and ordered")
    func clamped() {
        #expect(Timestamp(seconds: -5).seconds == 0)
        #expect(Timestamp(seconds: .max).description == "9999-12-31T23:59:59Z")
        #expect(Timestamp(seconds: 1) < Timestamp(seconds: 2))
        #expect(Timestamp(seconds: 0).adding(days: 178).seconds == 178 * 86_400)
    }

    @Test("hexadecimal digits and blob references")
    func hex() {
        let good = String(repeating: "0f", count: 32)
        #expect(BlobReference(sha256: good, size: 0).isWellFormed)
        for bad in [
            good.uppercased(), String(good.dropLast()), good + "0", "../" + good.dropFirst(3),
        ] {
            #expect(!BlobReference(sha256: bad, size: 0).isWellFormed)
        }
        #expect(!BlobReference(sha256: good, size: -1).isWellFormed)
        #expect(DigestAlgorithm.allCases.map(\.hexDigits) == [32, 40, 64, 128])
    }
}

@Suite("Topology")
struct TopologyTests {
    @Test("delays say what they are")
    func labels() {
        #expect(RetryDelay.standard.map(\.label) == ["10s", "1m", "10m", "1h"])
        #expect(RetryDelay(milliseconds: 200).name == "imprimatur.delay.200ms")
        #expect(RetryDelay(milliseconds: 1500).label == "1500ms")
        #expect(RetryDelay(milliseconds: 90_000).label == "90s")
        #expect(RetryDelay(milliseconds: 0).milliseconds == 1)
        #expect(RetryDelay(milliseconds: 7_200_000).label == "2h")
    }

    @Test("every event has somebody to receive it, and every queue is named once")
    func complete() {
        let topology = Topology(sites: ["north"])
        let bound = Set(topology.bindings.map(\.routingKey))
        for type in EventType.allCases { #expect(bound.contains(type.routingKey), "\(type)") }
        #expect(Set(topology.queues.map(\.name)).count == topology.queues.count)
        #expect(Set(topology.exchanges.map(\.name)).count == topology.exchanges.count)
        let queues = Set(topology.queues.map(\.name))
        let exchanges = Set(topology.exchanges.map(\.name))
        for binding in topology.bindings {
            #expect(queues.contains(binding.queue))
            #expect(exchanges.contains(binding.exchange))
        }
        for exchange in topology.exchanges {
            #expect(exchange.alternate.map(exchanges.contains) ?? true)
        }
    }

    @Test("work queues park what is never settled, delays return it")
    func arguments() throws {
        let topology = Topology()
        for stage in Stage.allCases {
            let queue = try #require(topology.queues.first { $0.name == stage.queue })
            #expect(queue.kind == .quorum)
            #expect(queue.arguments["x-dead-letter-exchange"] == .string("imprimatur.dead"))
            #expect(queue.arguments["x-dead-letter-routing-key"] == .string(stage.rawValue))
            #expect(queue.arguments["x-delivery-limit"] == .integer(20))
            #expect(
                (queue.arguments["x-single-active-consumer"] != nil) == (stage == .listPublisher))
        }
        let delay = try #require(topology.queues.first { $0.name == "imprimatur.delay.10s" })
        #expect(delay.arguments["x-message-ttl"] == .integer(10_000))
        #expect(delay.arguments["x-dead-letter-exchange"] == .string(""))
        #expect(delay.arguments["x-dead-letter-routing-key"] == nil)
    }

    @Test("stages follow each other: what one emits another consumes")
    func chain() {
        for stage in Stage.allCases where stage.emits != .siteNotified {
            #expect(Stage.allCases.contains { $0.consumes.contains(stage.emits) }, "\(stage)")
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
import Events
import Testing

@Suite("The request file", .timeLimit(.minutes(3)))
struct SchemaRequestTests {
    private static let schema = "\(SchemaFolder.path)/request.schema.json"

    @Test("The annotated example is valid, is decoded, and publishes the seed's image")
    func annotatedExample() throws {
        let value = try SchemaFolder.document("request/cirros-0.3.4.yaml").document
        let question = SchemaFolder.Question(schema: Self.schema, instance: value)
        #expect(try SchemaFolder.errors([question]) == [[]])
        let request = try EventCoding.decode(ImageRequest.self, from: value)
        #expect(request.problems() == [])
        #expect(request.evidenceProblem() == nil)
        let folder = "http://download.cirros-cloud.net/0.3.4"
        #expect(request.source.url == "\(folder)/cirros-0.3.4-x86_64-disk.img")
        #expect(request.checksumFiles?.map(\.url) == ["\(folder)/MD5SUMS"])
        #expect(request.acceptWeakDigests == [.md5])
        #expect(request.metadata.osVersion == "0.3.4")
    }

    @Test("The schema and the Swift rules judge single fields alike")
    func rulesAgree() throws {
        let good = try #require(
            try SchemaFolder.value(
                try SchemaFolder.bytes(
                    "\(SchemaFolder.path)/events/image.new/good/full.json")
            ).at("data", "request"))
        let variants = Self.variants(of: good)
        let errors = try SchemaFolder.errors(
            variants.map { SchemaFolder.Question(schema: Self.schema, instance: $0.value) })
        for (variant, errors) in zip(variants, errors) {
            let request = try? EventCoding.decode(ImageRequest.self, from: variant.value)
            let isAccepted = request?.problems().isEmpty == true
            #expect(isAccepted == errors.isEmpty, "\(variant.name): \(errors)")
        }
    }

    private static func variants(of good: JSONValue) -> [(name: String, value: JSONValue)] {
        let urls = [
            "http://h", "http://h:80/", "HTTP://h/", "http://", "http:", "http:/h", "http://:80/",
            "http://u@h/", "http://h/@", "http://h?@", "http://h#@", "file:///a",
            "file://localhost/a",
            "file:///", "file://h/a", "file://?a", "ftp://h/%20", "http://h/é", "http://h/a\nb", "",
            "pdisk:h:1:a", "mailto:a@b", "a", ":", "1a:b", "a+b-c.d:e", "file:a", "//h/a", "a://",
        ]
        let texts = [
            "", "a", "a/b", "a\tb", "a\nb", "a\r\nb", "\u{0}", "\u{1F}", "\u{7F}", "\u{85}",
            "\u{FFFE}", "\u{FFFF}", "\u{10FFFF}", "é", String(repeating: "é", count: 64),
            String(repeating: "é", count: 65), String(repeating: "\u{1F600}", count: 256),
            String(repeating: "\u{1F600}", count: 257),
        ]
        let names = ["a", "A.b_c+d-e", "-a", "a b", "é", "a/b", String(repeating: "a", count: 128)]
        var result: [(name: String, value: JSONValue)] = []
        func add(_ path: [String], _ values: [JSONValue]) {
            for value in values {
                result.append(("\(path) = \(value)", replace(good, path, value)))
            }
        }
        add(["source", "url"], urls.map { .string($0) })
        for url in urls {
            let file = JSONValue.object([
                "url": .string("http://h/a"), "signature": .string(url),
            ])
            add(["checksumFiles"], [.array([file])])
        }
        add(["requireSignature"], [.boolean(true), .boolean(false), .string("true")])
        add(["metadata", "locations"], urls.map { .array([.string($0)]) })
        for field in ["title", "description", "os", "osVersion", "version", "tag", "disksBus"] {
            add(["metadata", field], texts.map { .string($0) })
        }
        add(["name"], names.map { .string($0) })
        add(["metadata", "validDays"], [-1, 0, 1, 178, 3650, 3651].map { .integer($0) })
        add(["metadata", "validDays"], [.string("1"), .number(1.5), .boolean(true)])
        add(["metadata", "osVersion"], [.number(0.3), .integer(12), .null])
        return result
    }

    private static func replace(
        _ value: JSONValue, _ path: [String], _ new: JSONValue
    ) -> JSONValue {
        guard let name = path.first else { return new }
        var members = value.members
        members[name] = replace(members[name] ?? .null, Array(path.dropFirst()), new)
        return .object(members)
    }
}

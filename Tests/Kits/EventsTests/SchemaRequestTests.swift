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

    @Test("The example with modifications is valid and is decoded")
    func modifiedExample() throws {
        let value = try SchemaFolder.document("request/modified.yaml").document
        let question = SchemaFolder.Question(schema: Self.schema, instance: value)
        #expect(try SchemaFolder.errors([question]) == [[]])
        let request = try EventCoding.decode(ImageRequest.self, from: value)
        #expect(request.problems() == [])
        #expect(request.modifications?.count == 10)
        #expect(request.modifications?.first == .sysprep(.init()))
        #expect(request.waivers?.count == 1)
    }

    @Test("The schema and the Swift rules judge single fields alike")
    func rulesAgree() throws {
        let good = try #require(
            try SchemaFolder.value(
                try SchemaFolder.bytes(
                    "\(SchemaFolder.path)/events/image.new/good/full.json")
            ).at("data", "request"))
        // Modified images cannot be where the example's source is, which no schema can say.
        let elsewhere = JSONValue.array([.string("http://example.org/modified.img")])
        let variants = Self.variants(of: Self.replace(good, ["metadata", "locations"], elsewhere))
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
        add(["modifications"], modifications)
        add(["waivers"], waivers(texts))
        return result
    }

    /// What the schema can say of modifications; it cannot count bytes nor see which is the last.
    private static var modifications: [JSONValue] {
        let key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g"
        let hash = "$6$rounds=5000$salt$" + String(repeating: "a", count: 86)
        let paths = [
            "/a", "/a/b.c/..d", "", "/", "a", "//a", "/a/", "/./a", "/a/..", "/dev", "/device",
            "/proc/a", "/sys", "/a\u{7F}", "/a\nb", "/é", "/" + String(repeating: "a", count: 256),
        ]
        let modes = ["0", "644", "0644", "07777", "10000", "8", "", "000000", "u+x"]
        var list: [(String, [String: JSONValue])] = []
        list += paths.map { ("write", ["path": .string($0), "content": .string("")]) }
        list += paths.map { ("remove", ["path": .string($0)]) }
        list += modes.map { mode in
            ("write", ["path": "/a", "content": "", "mode": mode].mapValues { .string($0) })
        }
        list += ["", "a", "a\u{0}"].map { ("run", ["script": .string($0)]) }
        list += ["root", "Root", "_a-0", "0", "", "a b"].map {
            ("password", ["user": .string($0), "locked": .boolean(true)])
        }
        list += [hash, hash + "a", "secret", "", "$1$salt$0123456789012345678901"].map {
            ("password", ["user": .string("a"), "hash": .string($0)])
        }
        list += [key, key + " a b", key + "\n" + key, "a " + key, "ssh-ed25519 AAAA", "ssh-dss"].map
        {
            ("sshKey", ["user": .string("a"), "add": .string($0)])
        }
        list += [
            ("sshKey", ["user": .string("a")]), ("password", ["user": .string("a")]),
            (
                "password",
                ["user": .string("a"), "hash": .string(hash), "locked": .boolean(true)]
            ),
            ("password", ["user": .string("a"), "locked": .boolean(false)]), ("update", [:]),
            ("upgrade", [:]), ("sysprep", [:]),
        ]
        list += [["a"], [], ["a b"], ["-a"], ["/a.deb"], ["a", "/a.deb"], ["/a"], ["c++", "B"]].map
        {
            ("install", ["packages": .array($0.map { .string($0) })])
        }
        list += [["machine-id"], [], ["fs-uuids"], ["a"], ["utmp", "utmp"]].map {
            ("sysprep", ["operations": .array($0.map { .string($0) })])
        }
        list += [0, 1 << 20, 1 << 44, (1 << 44) + (1 << 20), 1_000_000_000].map {
            ("resize", ["size": .integer($0)])
        }
        list += ["raw", "qcow2", "vmdk"].flatMap { format in
            [nil, false, true].map { compress in
                var members = ["format": JSONValue.string(format)]
                members["compress"] = compress.map { .boolean($0) }
                return ("convert", members)
            }
        }
        let single = list.map { JSONValue.object([$0.0: .object($0.1)]) }
        let update = JSONValue.object(["update": .object([:])])
        let resize = JSONValue.object(["resize": .object(["size": .integer(1 << 30)])])
        return single.map { .array([$0]) } + [
            .array([resize, update]), .array([resize, resize]), .object([:]), .array([]),
            .array([.object([:])]), .array([.object(["update": .object([:]), "sysprep": .null])]),
            .array(Array(repeating: update, count: 64)),
            .array(Array(repeating: update, count: 65)),
        ]
    }

    private static func waivers(_ texts: [String]) -> [JSONValue] {
        let checks = ["a", "swap-partition", "A", "", "a--b", "-a", "1a", "a1", "a b"]
        func waiver(_ check: String, _ reason: String) -> JSONValue {
            .object(["check": .string(check), "reason": .string(reason)])
        }
        return checks.map { .array([waiver($0, "because")]) }
            + texts.map { .array([waiver("a", $0)]) }
            + [32, 33].map { count in .array((0..<count).map { waiver("a\($0)", "because") }) }
            + [.array([.object(["check": .string("a")])]), .object([:])]
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

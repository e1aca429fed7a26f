// SPDX-License-Identifier: Apache-2.0
import Events
import Foundation
import TestSupport
import Testing

@testable import Control

@Suite("Request files")
struct RequestFileTests {
    private static let good = """
        name: a
        source:
          url: http://example.org/a.img
          format: raw
        digests:
          sha256: "\(String(repeating: "0a", count: 32))"
        metadata:
          os: debian
          osVersion: "12"
          osArch: x86_64
          locations: [http://example.org/b.img]

        """

    /// What is said about `text` in the file `image.yaml`; empty when it is fine.
    private static func complaints(_ text: String) -> [String] {
        do throws(RequestFileError) {
            _ = try RequestFile(text: text, path: "image.yaml")
            return []
        } catch {
            return error.description.split(separator: "\n").map(String.init)
        }
    }

    /// The good file with one piece of text replaced.
    private static func changed(_ old: String, _ new: String) -> String {
        good.replacingOccurrences(of: old, with: new)
    }

    @Test("The annotated example is read as written")
    func example() throws {
        let file = try RequestFile(path: "\(repositoryRoot)/schemas/request/cirros-0.3.4.yaml")
        let request = file.request
        #expect(request.name == "cirros-0.3.4-x86_64")
        #expect(request.source.format == .qcow2)
        #expect(request.checksumFiles?.first?.entry == "cirros-0.3.4-x86_64-disk.img")
        #expect(request.metadata.description?.hasSuffix("Do not use for production !\n") == true)
        #expect(request.metadata.validDays == 178)
    }

    @Test("The example with modifications is read as written")
    func modifiedExample() throws {
        let file = try RequestFile(path: "\(repositoryRoot)/schemas/request/modified.yaml")
        let operations = file.request.modifications?.map(\.operation)
        #expect(
            operations == [
                "sysprep", "resize", "write", "upload", "install", "remove", "run", "password",
                "sshKey", "convert",
            ])
        #expect(file.request.waivers?.count == 1)
    }

    @Test("JSON is read too")
    func json() throws {
        let request = try RequestFile(text: Self.good, path: "a").request
        let json = String(decoding: try JSONEncoder().encode(request), as: UTF8.self)
        #expect(try RequestFile(text: json, path: "a").request == request)
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var old: String
        var new: String
        var complaint: String
        var testDescription: String { complaint }

        init(_ old: String, _ new: String, _ complaint: String) {
            (self.old, self.new, self.complaint) = (old, new, complaint)
        }
    }

    @Test(
        "One fault gives one complaint with its line",
        arguments: [
            Case("raw", "vmdk", "4: source.format: must be one of raw, qcow2"),
            Case("format:", "fromat:", "4: source.fromat: unknown field; did you mean format?"),
            Case("osVersion:", "os-version:", "9: metadata.os-version: unknown field;"),
            Case("name: a", "nmae: a", "1: nmae: unknown field; did you mean name?"),
            Case("name: a\n", "", "1: name: is required"),
            Case("  url: http://example.org/a.img\n", "", "2: source.url: is required"),
            Case("name: a", "name: a b", "1: name: must be 1 to 128 of"),
            Case("name: a", "name:", "1: name: has no value"),
            Case("name: a", "name: [a]", "1: name: must be text"),
            Case("name: a", "name: 0.3", "1: name: must be text: put it in quotes, \"0.3\""),
            Case("\"12\"", "12", "9: metadata.osVersion: must be text: put it in quotes, \"12\""),
            Case("debian", "no", "8: metadata.os: must be text: put it in quotes, \"no\""),
            Case("debian", "~", "8: metadata.os: has no value"),
            Case("debian", "a/b", "8: metadata.os: must not contain '/'"),
            Case("http:", "gopher:", "3: source.url: the scheme must be one of"),
            Case(
                "url: http://", "url: http://me:pw@", "3: source.url: must not contain credentials"),
            Case("\"0a", "\"zz", "6: digests.sha256: must be 64 hexadecimal digits"),
            Case("sha256:", "sha257:", "6: digests.sha257: unknown algorithm"),
            Case("name: a", "name: a\nrequireSignature: 1", "2: requireSignature: must be true"),
            Case(
                "name: a", "name: a\nrequireSignature: true",
                "2: requireSignature: needs a checksum file (checksumFiles) that is signed"),
            Case(
                "name: a", "name: a\nchecksumFiles:\n  - url: http://h/S\n    signature: S.gpg",
                "4: checksumFiles[0].signature: must be an absolute URL"),
            Case(
                "sha256: \"", "md5: \"0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a\" #", "5: digests: md5 alone"
            ),
            Case("name: a", "name: a\nzone: 1", "2: zone: unknown field; known are name, source"),
            Case("name: a", "name: a\nchecksumFiles: {}", "2: checksumFiles: must be a list"),
            Case(
                "name: a", "name: a\nchecksumFiles:\n  - entry: b",
                "3: checksumFiles[0].url: is required"),
            Case(
                "name: a", "name: a\nacceptWeakDigests: [md5, crc]",
                "2: acceptWeakDigests[1]: must be one of md5, sha1"),
            Case(
                "name: a", "name: a\nacceptWeakDigests:\n  - md5\n  - sha256",
                "4: acceptWeakDigests[1]: sha256 is not weak"),
            Case("x86_64", "x86_64\n  validDays: 0", "11: metadata.validDays: must be 1 to 3650"),
            Case("x86_64", "x86_64\n  validDays: 1.5", "11: metadata.validDays: must be a whole"),
            Case("x86_64", "x86_64\n  validDays: \"1\"", "11: metadata.validDays: must be a whole"),
            Case("x86_64", "x86_64\n  <<: {os: a}", "11: metadata.<<: unknown field"),
            Case("name: a", "name: &a x\n? *a\n: b", "2: anchors and aliases (*a) are not allowed"),
            Case(
                "name: a", "name: a\nmodifications:\n  - updates: {}",
                "3: modifications[0].updates: unknown field; did you mean update?"),
            Case(
                "name: a", "name: a\nmodifications:\n  - update",
                "3: modifications[0]: must be a mapping with exactly one of write, upload,"),
            Case(
                "name: a", "name: a\nmodifications:\n  - {}",
                "3: modifications[0]: must be a mapping with exactly one of write, upload,"),
            Case(
                "name: a", "name: a\nmodifications:\n  - update: {}\n    sysprep: {}",
                "3: modifications[0]: must be a mapping with exactly one of write, upload,"),
            Case(
                "name: a", "name: a\nmodifications:\n  - update:",
                "3: modifications[0].update: must be {}"),
            Case(
                "name: a", "name: a\nmodifications:\n  - update: {a: b}",
                "3: modifications[0].update.a: unknown field; there are none here"),
            Case(
                "name: a", "name: a\nmodifications:\n  - write:\n      path: etc\n      content: a",
                "4: modifications[0].write.path: must be an absolute path"),
            Case(
                "name: a", "name: a\nmodifications:\n  - write:\n      path: /etc/a",
                "3: modifications[0].write.content: is required"),
            Case(
                "name: a",
                "name: a\nmodifications:\n- write: {path: /a, content: a, mode: 0644}",
                "3: modifications[0].write.mode: must be text: put it in quotes, \"0644\""),
            Case(
                "name: a", "name: a\nmodifications:\n- sysprep: {}\n- password: {user: root}",
                "4: modifications[1].password: must have exactly one of hash, locked"),
            Case(
                "name: a", "name: a\nmodifications:\n- resize: {size: 20GiB}",
                "3: modifications[0].resize.size: must be a whole number"),
            Case(
                "name: a", "name: a\nwaivers:\n- check: a\n  reason: b\n- check: a\n  reason: c",
                "5: waivers[1].check: is waived already"),
            Case("name: a", "name: a\nwaivers: [a]", "2: waivers[0]: must be a mapping of check"),
            Case("name: a", "name: a\nname: b", "name: is given more than once"),
            Case("name: a", "name: 'a", "is not YAML"),
            Case("name: a", "name: a\n---\nname: b", "is not YAML"),
        ])
    func oneFault(_ fault: Case) throws {
        let complaints = Self.complaints(Self.changed(fault.old, fault.new))
        #expect(complaints.count == 1, "\(complaints)")
        let complaint = try #require(complaints.first)
        #expect(complaint.hasPrefix("image.yaml"), "\(complaint)")
        #expect(complaint.contains(fault.complaint), "\(complaint)")
    }

    @Test("All faults are told at once, in the order of their lines")
    func allFaults() {
        let text = """
            nam: a
            source:
              url: http://example.org/a b.img
              format: vmdk
            metadata:
              os: debian
              osVersion: 12
              titel: A

            """
        #expect(
            Self.complaints(text).map { String($0.prefix { $0 != ";" }) } == [
                "image.yaml:1: nam: unknown field",
                "image.yaml:1: digests: a digest or a checksum file (checksumFiles) is required",
                "image.yaml:3: source.url: must be printable ASCII without spaces"
                    + " (percent-encode anything else)",
                "image.yaml:4: source.format: must be one of raw, qcow2",
                "image.yaml:5: metadata.osArch: is required",
                "image.yaml:7: metadata.osVersion: must be text: put it in quotes, \"12\"",
                "image.yaml:8: metadata.titel: unknown field",
            ])
    }

    @Test(
        "A file that is no request is refused quickly, whatever it is",
        arguments: [
            "", "text", "- a", "[[[[", String(repeating: "[", count: 60_000),
            String(repeating: "- ", count: 30_000), String(repeating: "{a: ", count: 15_000),
            "a: \u{0}", "\u{FEFF}", "%YAML 9.9\n---\na", "!!binary a",
        ])
    func noRequest(_ text: String) {
        #expect(Self.complaints(text).isEmpty == false)
    }

    @Test("Nested references do not blow up", .timeLimit(.minutes(1)))
    func references() {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
        for level in 1...30 {
            let references = String(repeating: "*a\(level - 1), ", count: 9)
            text += "a\(level): &a\(level) [\(references)x]\n"
        }
        text += "? [*a30]\n: b\n"
        #expect(Self.complaints(text).count == 1)
        #expect(Self.complaints(text).first?.contains("aliases") == true)
    }

    @Test("Marks that only look like references are fine")
    func marks() throws {
        let text = Self.changed("os: debian", "os: debian\n  title: 'R&D and *D&E*'")
        #expect(try RequestFile(text: text, path: "a").request.metadata.title == "R&D and *D&E*")
    }

    @Test("Files that cannot be read say why")
    func unreadable() throws {
        let folder = try TemporaryDirectory()
        func complaint(_ path: String) -> String {
            do throws(RequestFileError) {
                _ = try RequestFile(path: path)
                return ""
            } catch {
                return error.description
            }
        }
        #expect(complaint(folder.file("none")).hasSuffix("none: cannot be read: no such file"))
        #expect(complaint(folder.path).contains("not a readable file"))
        let large = try folder.write(Array(repeating: 0x23, count: 65_537), to: "large")
        #expect(complaint(large).hasSuffix("is larger than 65536 bytes"))
        let latin = try folder.write([0x61, 0x3A, 0x20, 0xE9], to: "latin")
        #expect(complaint(latin).hasSuffix("is not UTF-8 text"))
    }

    @Test("The fields are those of the schema")
    func fields() throws {
        let schema = try JSONDecoder().decode(
            JSONValue.self,
            from: Data(
                contentsOf: URL(filePath: "\(repositoryRoot)/schemas/request.schema.json")))
        expect(.request, is: schema, at: "")
    }

    private func expect(_ shape: RequestShape, is schema: JSONValue?, at path: String) {
        switch shape {
        case .table(let fields):
            guard case .object(let properties) = schema?["properties"] else {
                Issue.record("\(path) has no properties")
                return
            }
            #expect(Set(fields.map(\.name)) == Set(properties.keys), "\(path)")
            var required: [String] = []
            if case .array(let names) = schema?["required"] {
                required = names.compactMap(\.string)
            }
            let own = fields.filter { $0.placeholder != nil }.map(\.name)
            #expect(Set(own) == Set(required), "\(path)")
            for field in fields {
                expect(field.shape, is: properties[field.name], at: "\(path).\(field.name)")
            }
        case .list(let element, _): expect(element, is: schema?["items"], at: "\(path)[]")
        default: break
        }
    }
}

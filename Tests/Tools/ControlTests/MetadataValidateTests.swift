// SPDX-License-Identifier: Apache-2.0
import Events
import Foundation
import TestSupport
import Testing

@Suite("imprimatur metadata validate", .timeLimit(.minutes(2)))
struct MetadataValidateTests {
    private let desk: MetadataDesk

    init() throws { desk = try MetadataDesk() }

    @Test("Every file has its line; one that is invalid makes the end 1")
    func several() async throws {
        let good = try await desk.signed()
        let text = try desk.text(good)
        try desk.folder.write(text.replacing("cirros", with: "cirrus"), to: "changed.xml")
        try desk.folder.write("not XML", to: "text.xml")
        let result = try await desk.validate("changed.xml", good, "\(good).orig", "text.xml")
        #expect(result.status == 1)
        let lines = result.output.components(separatedBy: "\n")
        #expect(lines.first == "Invalid: changed.xml")
        #expect(lines.contains("Valid: \(good)"))
        let unsigned = try #require(lines.firstIndex(of: "Invalid: \(good).orig"))
        #expect(lines[unsigned + 1] == "  no signature")
        #expect(lines.contains("Invalid: text.xml"))
        #expect(try await desk.xmlsec1("changed.xml").status != 0)
    }

    @Test("--quiet leaves out remarks, twice what is valid, and never what is not")
    func quiet() async throws {
        let good = try await desk.signed()
        let remark = "  signature intact, endorser not checked\n"
        let plain = try await desk.metadata(["validate", good])
        #expect(plain.status == 3 && plain.output == "Valid: \(good)\n" + remark)
        let quiet = try await desk.metadata(["validate", "-q", good])
        #expect(quiet.status == 3 && quiet.output == "Valid: \(good)\n")
        let silent = try await desk.metadata(["validate", "-qq", good])
        #expect(silent.status == 3 && silent.output == "")
        let told = try await desk.metadata(["validate", "-qq", "\(good).orig", good])
        #expect(told.status == 1)
        #expect(told.output == "Invalid: \(good).orig\n  no signature\n")
    }

    @Test("--json tells a script the same")
    func json() async throws {
        let good = try await desk.signed("--created", "2026-03-02T09:30:00Z")
        let result = try await desk.metadata([
            "validate", "--json", "--signature-only", good, "\(good).orig",
        ])
        #expect(result.status == 1)
        let reports = try result.output.lines.map(Workbench.object)
        #expect(reports.map { $0["file"]?.string } == [good, "\(good).orig"])
        #expect(reports.map { $0["valid"] } == [.boolean(true), .boolean(false)])
        #expect(reports.first?["email"]?.string == "endorser@example.org")
        #expect(reports.first?["created"]?.string == "2026-03-02T09:30:00Z")
        #expect(reports.first?["profile"]?.string == "stratuslab")
        #expect(reports.last?["reasons"] == .array([.string("no signature")]))
    }

    @Test("A signature over a SHA-1 digest is accepted only when asked to")
    func sha1Digest() async throws {
        let old = try await desk.signedAsStratusLabDid(try await desk.signed())
        let refused = try await desk.metadata(["validate", old])
        #expect(refused.status == 1, "\(refused.output)")
        #expect(refused.output.hasPrefix("Invalid: \(old)\n"))
        let accepted = try await desk.validate("--allow-sha1-digest", old)
        #expect(accepted.status == 0, "\(accepted.output)")
        #expect(
            accepted.output
                == "Valid: \(old)\n  warning: DigestMethod: sha1 is weak [weak-digest]\n")
    }

    @Test("A file that is not there ends with 64 before anything is judged")
    func missing() async throws {
        let good = try await desk.signed()
        let result = try await desk.metadata(["validate", good, "absent.xml"])
        #expect(result.status == 64)
        #expect(
            result.output
                == "imprimatur: Metadata file doesn't exist or is not a file: absent.xml\n")
        #expect(try await desk.metadata(["validate"]).status == 64)
    }
}

// SPDX-License-Identifier: Apache-2.0
import Foundation
import Signatures
import TestSupport
import Testing

@Suite struct EndorserListTests {
    private func certificate(_ names: String...) throws -> Certificate {
        let subject = names.map { [([0x55, 4, 3] as [UInt8], UInt8(0x0C), Array($0.utf8))] }
        return try Certificate(der: SyntheticCertificate(subject: subject).der)
    }

    @Test func namesMustBeExact() throws {
        let list = EndorserList(distinguishedNames: ["CN=b,CN=a", "CN=é"])
        #expect(list.contains(try certificate("a", "b")))
        #expect(!list.contains(try certificate("b", "a")))
        #expect(!list.contains(try certificate("A", "b")))
        #expect(!list.contains(try certificate("b")))
        #expect(list.contains(try certificate("\u{E9}")))
        #expect(!list.contains(try certificate("e\u{301}")), "another spelling")
        #expect(!EndorserList(distinguishedNames: []).contains(try certificate("a")))
    }

    @Test func readsFiles() throws {
        let folder = try TemporaryDirectory()
        let text = "# endorsers\r\n\r\n  CN=b,CN=a \t\r\nCN=behind\\ \n\tCN=back\\\\ \n#CN=no\n"
        let list = try EndorserList(path: try folder.write(text, to: "list"))
        #expect(list.contains(try certificate("a", "b")))
        #expect(list.contains(try certificate("behind ")))
        #expect(list.contains(try certificate("back\\")))
        #expect(!list.contains(try certificate("no")))
        #expect(try EndorserList(parsing: "# none\n").isEmpty)
    }

    @Test(arguments: ["CN=a\n/O=Slash/CN=form", "CN=a\njust words"])
    func refusesWhatIsNoName(_ text: String) {
        do {
            _ = try EndorserList(parsing: text)
            Issue.record("accepted")
        } catch {
            guard case .invalidEndorserList(line: 2, _) = error else {
                Issue.record("\(error)")
                return
            }
        }
    }

    @Test func refusesFilesThatAreNotText() throws {
        let folder = try TemporaryDirectory()
        let path = folder.file("list")
        try Data([0x43, 0x4E, 0x3D, 0xFF]).write(to: URL(fileURLWithPath: path))
        #expect(throws: SignaturesError.unreadableFile(path: path, reason: "not UTF-8")) {
            try EndorserList(path: path)
        }
    }
}

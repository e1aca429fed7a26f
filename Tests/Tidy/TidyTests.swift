// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

/// The rules of this code base that no compiler checks.
@Suite struct TidyTests {
    /// Every C module and the one kit that may import it. CXML2 and CXMLSec share libxml2's types,
    /// which xmlsec1 signs in place, hence the second name there.
    private let owners: [String: Set<String>] = [
        "CRabbitMQ": ["AMQP"], "CCurl": ["Transfer"], "CXML2": ["XMLDocuments", "Signatures"],
        "COpenSSL": ["Signatures"], "CXMLSec": ["Signatures"], "CCodecs": ["Compression"],
    ]

    @Test func eachCLibraryIsImportedByItsKitAlone() throws {
        for file in try swiftFiles(below: "Sources") {
            for name in file.imports where name.hasPrefix("C") && owners[name] != nil {
                let allowed = try #require(owners[name])
                let isOwner = allowed.contains { file.path.hasPrefix("Sources/Kits/\($0)/") }
                #expect(isOwner, "\(file.path) imports \(name)")
            }
        }
    }

    @Test func sourcesDoNotImportFullFoundation() throws {
        for file in try swiftFiles(below: "Sources") {
            #expect(!file.imports.contains("Foundation"), "\(file.path) imports Foundation")
        }
    }

    @Test func workersAndToolsAreNotImportedByKits() throws {
        let above = try FileManager.default.contentsOfDirectory(
            atPath: repositoryRoot + "/Sources/Workers"
        ).map { "\($0)Worker" }
        for file in try swiftFiles(below: "Sources/Kits") {
            #expect(Set(above).isDisjoint(with: file.imports), "\(file.path)")
        }
    }

    @Test func everyFileBearsItsLicence() throws {
        for folder in ["Sources", "Tests"] {
            for file in try swiftFiles(below: folder) {
                #expect(
                    file.lines.first == "// SPDX-License-Identifier: Apache-2.0", "\(file.path)")
            }
        }
    }

    @Test func uncheckedConcurrencyIsProved() throws {
        for file in try swiftFiles(below: "Sources") {
            for (index, line) in file.lines.enumerated()
            where line.contains("@unchecked Sendable") || line.contains("nonisolated(unsafe)") {
                guard !line.trimmingCharacters(in: .whitespaces).hasPrefix("//") else { continue }
                let neighbours = file.lines[
                    max(0, index - 6)...min(file.lines.count - 1, index + 3)]
                let isProved = neighbours.contains { $0.contains("//") }
                #expect(isProved, "\(file.path):\(index + 1) lacks the reason why it is sound")
            }
        }
    }

    @Test func nothingUnfinishedIsLeft() throws {
        let marks = ["TO" + "DO", "FIX" + "ME", "fatal" + "Error(", "try" + "!", " as" + "! "]
        for file in try swiftFiles(below: "Sources") {
            for (index, line) in file.lines.enumerated() {
                for mark in marks {
                    #expect(!line.contains(mark), "\(file.path):\(index + 1) has \(mark)")
                }
            }
        }
    }

    @Test func filesStayReadable() throws {
        for folder in ["Sources", "Tests"] {
            for file in try swiftFiles(below: folder) {
                #expect(file.lines.count <= 450, "\(file.path) has \(file.lines.count) lines")
            }
        }
    }

    @Test func eachStageHasItsFolderAndItsProduct() throws {
        let manifest = try String(
            contentsOfFile: repositoryRoot + "/Package.swift", encoding: .utf8)
        let stages = [
            "fetcher": "Fetcher", "verifier": "Verifier", "metadata": "Metadata",
            "signer": "Signer", "uploader": "Uploader", "list-publisher": "ListPublisher",
            "site-notifier": "SiteNotifier",
        ]
        for (word, folder) in stages {
            #expect(manifest.contains("\"imprimatur-\(word)\", targets: [\"\(folder)Worker\"]"))
            for place in ["Sources/Workers/\(folder)", "Tests/Workers/\(folder)Tests"] {
                #expect(FileManager.default.fileExists(atPath: "\(repositoryRoot)/\(place)"))
            }
        }
    }

    private struct SourceFile {
        var path: String
        var lines: [String]

        /// Names of imported modules.
        var imports: [String] {
            lines.compactMap { line in
                let words = line.split(separator: " ").filter { $0 != "@testable" }
                guard let place = words.firstIndex(of: "import"), place <= 1,
                    words.count > place + 1
                else { return nil }
                return String(words[place + 1])
            }
        }
    }

    private func swiftFiles(below folder: String) throws -> [SourceFile] {
        let root = repositoryRoot + "/" + folder
        let paths = try #require(FileManager.default.enumerator(atPath: root))
        let files = try paths.compactMap { $0 as? String }.filter { $0.hasSuffix(".swift") }
            .map { path in
                let text = try String(contentsOfFile: root + "/" + path, encoding: .utf8)
                return SourceFile(
                    path: folder + "/" + path, lines: text.components(separatedBy: "\n"))
            }
        try #require(!files.isEmpty)
        return files
    }
}

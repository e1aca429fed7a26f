// SPDX-License-Identifier: Apache-2.0
import Foundation
import Logging
import Pipeline
import PipelineTesting
import Synchronization
import Testing

@Suite("Log lines")
struct LogTests {
    private func lines(_ format: LogFormat, _ body: (Logger) -> Void) -> [String] {
        let written = Lines()
        let logger = Logger(label: "fetcher") { label in
            LineLogHandler(label: label, level: .info, format: format) { written.add($0) }
        }
        body(logger)
        return written.all
    }

    private final class Lines: Sendable {
        private let content = Mutex<[String]>([])
        func add(_ line: String) { content.withLock { $0.append(line) } }
        var all: [String] { content.withLock { $0 } }
    }

    private struct Failure: Error {}

    @Test("a JSON line is one JSON object, whatever is logged")
    func json() throws {
        let lines = lines(.json) { logger in
            logger.info(
                "say \"hi\"\n\u{1b}[31m",
                metadata: ["publication": "p", "text": "a\\b\u{0}ü\u{9b}"])
            logger.debug("not this")
            logger.error("broken", error: Failure())
        }
        #expect(lines.count == 2)
        #expect(lines[0].hasSuffix("}\n"))
        #expect(lines[0].filter(\.isNewline).count == 1)
        let object = try JSONDecoder().decode([String: String].self, from: Data(lines[0].utf8))
        #expect(object["message"] == "say \"hi\"\n\u{1b}[31m")
        #expect(object["text"] == "a\\b\u{0}ü\u{9b}")
        #expect(object["level"] == "info")
        #expect(object["worker"] == "fetcher")
        #expect(object["publication"] == "p")
        let second = try JSONDecoder().decode([String: String].self, from: Data(lines[1].utf8))
        #expect(second["error"] == "Failure()")
    }

    @Test("a text line is one line without terminal sequences")
    func text() {
        let lines = lines(.text) { logger in
            logger.warning("a\nb\u{1b}[31m", metadata: ["url": "http://x/y", "why": "two words"])
        }
        #expect(lines.count == 1)
        #expect(lines[0].hasSuffix("warning  fetcher: a b [31m url=http://x/y why=\"two words\"\n"))
        #expect(lines[0].contains("T"))
    }

    @Test("a long value is cut")
    func long() {
        let lines = lines(.text) { logger in
            logger.info("x", metadata: ["long": "\(String(repeating: "y", count: 100_000))"])
        }
        #expect(lines[0].count < 5000)
    }
}

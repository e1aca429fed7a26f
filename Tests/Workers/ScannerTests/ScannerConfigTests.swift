// SPDX-License-Identifier: Apache-2.0
import Events
import Pipeline
import TestSupport
import Testing

@testable import ScannerWorker

/// A scanner that could not scan does not start, and says what to do.
@Suite("The scanner's settings", .timeLimit(.minutes(2)))
struct ScannerConfigTests {
    private let bench: ScannerBench

    init() throws { bench = try ScannerBench() }

    private func problem(_ settings: [String: String]) async throws -> (key: String, text: String) {
        let error = await #expect(throws: ConfigurationError.self) {
            try await bench.handler(settings)
        }
        let problem = try #require(error?.problems.first)
        return (problem.key, problem.reason)
    }

    @Test("Without an inspector it says how to install one")
    func inspector() async throws {
        let none = try await problem(["scanner.python": "/nonexistent/bin/python"])
        #expect(none.key == "scanner.python")
        #expect(none.text.contains("ops/dissect"))
        let system = try await problem(["scanner.python": "/usr/bin/python3"])
        #expect(system.key == "scanner.python")
        let appliance = try await problem(["scanner.inspector": "libguestfs"])
        #expect(appliance.key == "scanner.appliance")
        #expect(appliance.text.contains("libguestfs-make-fixed-appliance"))
    }

    @Test(
        "Checks that there are not, or that have to be, are told at once",
        arguments: [
            ("scanner.disabled-checks", "swop", "'swap'"),
            ("scanner.disabled-checks", "readable", "cannot be left out"),
            ("scanner.never-waived", "swop", "'swap'"),
            ("scanner.severities", "swap=bad", "CHECK=SEVERITY"),
            ("scanner.severities", "swop=low", "'swap'"),
            ("scanner.checks-directory", "/nonexistent", "/nonexistent"),
            ("scanner.advisory-feed", "/nonexistent", "/nonexistent"),
            ("scanner.releases-file", "/nonexistent", "/nonexistent"),
        ])
    func policy(_ key: String, _ value: String, _ reason: String) async throws {
        let problem = try await problem([key: value])
        #expect(problem.key == key)
        #expect(problem.text.contains(reason), "\(problem.text)")
    }

    @Test("Files of the policy are read again when they have changed")
    func watchedFile() async throws {
        let path = try bench.folder.write(
            #"{"source": "test", "releases": [{"id": "other", "version": "1"}]}"#,
            to: "releases.json")
        let handler = try await bench.handler(["scanner.releases-file": path])
        let event = try await bench.modified(try await ScannerBench.bytes(of: .clean))
        guard case .reject(let rejection) = try await handler.handle(event, bench.context) else {
            Issue.record("the release is unknown, but the image passed")
            return
        }
        #expect(rejection.evidence["checks"] == "os-release")
        try bench.folder.write(
            #"{"source": "test", "releases": [{"id": "debian", "version": "13"}]}"#,
            to: "releases.json")
        guard case .done = try await handler.handle(event, bench.context) else {
            Issue.record("the release is known now, but the image was rejected")
            return
        }
    }
}

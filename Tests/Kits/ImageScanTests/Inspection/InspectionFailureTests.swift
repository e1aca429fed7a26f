// SPDX-License-Identifier: Apache-2.0
import Foundation
import ImageScan
import TestSupport
import Testing

/// How an inspection ends that yields no facts, or not all.
@Suite(.timeLimit(.minutes(5))) struct InspectionFailureTests {
    @Test(arguments: [
        // A crash, as of a module in C.
        ("kill -SEGV $$", "signal 11"),
        ("echo '{}'", "no inspection"),
        ("printf '\\377\\0garbage'", "no inspection"),
        ("head -c 3000000 /dev/zero", "more than"),
        ("echo 'it is cut off' >&2; exit 65", "it is cut off"),
        ("exec sleep 600", "no end within"),
        ("exec 2>&-; while :; do :; done", "processor time"),
    ])
    func whatTheInspectorDoesIsTheImagesFault(script: String, reason: String) async throws {
        let limits = Inspection.Limits(
            timeMax: .seconds(script.contains("sleep") ? 2 : 60), cpuTimeMax: .seconds(1),
            outputBytesMax: 2 << 20)
        let error = await failure(script, limits: limits)
        guard case .unreadable(let text) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(text.contains(reason))
    }

    @Test(arguments: [
        ("echo 'no module' >&2; exit 69", "no module"), ("exit 1", "status 1"),
        ("exit 127", "status 127"),
    ])
    func whatIsMissingIsOurs(script: String, reason: String) async throws {
        let error = await failure(script)
        guard case .unavailable(let text) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(text.contains(reason), "\(text)")
        #expect(error?.isTransient == true)
    }

    @Test func anInterpreterThatIsMissingOrLacksModulesIsOurs() async throws {
        for python in ["/nowhere/bin/python", "/usr/bin/python3"] {
            let inspection = Inspection(backend: .dissect(python: python))
            let error = await #expect(throws: InspectionError.self) {
                try await inspection.version()
            }
            #expect(error?.isTransient == true, "\(python)")
        }
    }

    @Test func factsThatCannotBeAreRefused() async throws {
        let entry = { (path: String, more: String) in
            """
            {"path": "\(path)", "kind": "file", "mode": 420, "uid": 0, "gid": 0, "size": 9, \
            "modified": 0\(more)}
            """
        }
        let faults = [
            (entry("/a/../b", ""), "entries"), (entry("a", ""), "entries"),
            (entry("/a/", ""), "entries"), (entry("/a\\u0000", ""), "entries"),
            (entry("/b", "") + "," + entry("/a", ""), "entries"),
            (entry("/a", "") + "," + entry("/a", ""), "entries"),
            (entry("/a", ", \"content\": \"A\", \"isTruncated\": true"), "entries"),
            (entry("/a", ", \"content\": \"QUJDREU=\", \"isTruncated\": true"), "entries"),
            (entry("/a", ", \"target\": \"b\""), "entries"),
        ]
        for (entries, field) in faults {
            let facts = """
                {"inspector": {"name": "x", "version": "1"}, "disk": {"size": 1, "scheme": "none"},
                "volumes": [], "entries": [\(entries)], "malware": [], "isComplete": true,
                "problems": []}
                """
            let error = await failure("cat <<'END'\n\(facts)\nEND")
            #expect(
                error == .unreadable("the inspector's output is no inspection: \(field)"),
                "\(entries)")
        }
    }

    @Test(arguments: ["raw", "qcow2", "vmdk", "vdi", "vpc", "vhdx", "iso"])
    func whatIsNoImageIsRefused(format: String) async throws {
        let folder = try TemporaryDirectory()
        let path = try folder.write(Array(repeating: 0x41, count: 3_000), to: "image")
        let inspection = Inspection(backend: .dissect(python: try DissectTools.interpreter()))
        do {
            let facts = try await inspection.facts(
                of: path, format: format, query: InspectionQuery())
            #expect(format == "raw" && facts.root == nil)
            #expect(facts.problems == ["no volume holds a guest's root that can be read"])
        } catch {
            #expect(error.isTransient == false && format != "raw")
        }
    }

    @Test(arguments: [
        ("-b /etc/passwd -F raw", "backing file"), ("-o data_file=data", "data file"),
    ])
    func referencesToOtherFilesAreRefused(options: String, reason: String) async throws {
        let folder = try TemporaryDirectory()
        let (status, output) = try await run(
            "sh", ["-c", "cd \(folder.path) && qemu-img create -q -u -f qcow2 \(options) image 1M"])
        try #require(status == 0, "\(output)")
        let inspection = Inspection(backend: .dissect(python: try DissectTools.interpreter()))
        let error = await #expect(throws: InspectionError.self) {
            try await inspection.facts(
                of: folder.file("image"), format: "qcow2", query: InspectionQuery())
        }
        #expect("\(String(describing: error))".contains(reason))
        #expect(error?.isTransient == false)
    }

    /// The error of an inspection whose interpreter is a shell script.
    private func failure(
        _ script: String, limits: Inspection.Limits = Inspection.Limits()
    ) async -> InspectionError? {
        await #expect(throws: InspectionError.self) {
            let folder = try TemporaryDirectory()
            let text = try folder.write("#!/bin/sh\n\(script)\n", to: "script")
            let python = folder.file("python")
            // Not written by this process: another child might be born meanwhile with the file
            // open for writing, and Linux would not run it.
            _ = try await run("install", ["-m", "755", text, python])
            let image = try folder.write(Array(repeating: 0, count: 512), to: "image")
            let inspection = Inspection(backend: .dissect(python: python), limits: limits)
            let query = InspectionQuery(paths: [
                InspectionQuery.Pattern("/**", contentBytesMax: 4)
            ])
            _ = try await inspection.facts(of: image, format: "raw", query: query)
        }
    }
}

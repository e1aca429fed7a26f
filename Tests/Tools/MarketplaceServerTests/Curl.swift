// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport

/// One request made with the `curl` command.
struct Curl: Sendable {
    var status: Int
    /// Header fields by lower-case name.
    var headers: [String: String]
    var body: [UInt8]

    /// It got no answer.
    struct Failure: Error {
        var status: Int32
        var output: String
    }

    var text: String { String(decoding: body, as: UTF8.self) }

    static func get(_ url: String, accept: String? = nil) async throws -> Curl {
        try await send(url, (accept.map { ["-H", "Accept: \($0)"] } ?? []))
    }

    static func post(
        _ url: String, _ body: [UInt8], type: String = "application/rdf+xml",
        accept: String = "application/xml", _ more: [String] = []
    ) async throws -> Curl {
        let folder = try TemporaryDirectory()
        let file = try folder.write(body, to: "body")
        return try await send(
            url,
            [
                "-H", "Content-Type: \(type)", "-H", "Accept: \(accept)", "-H", "Expect:",
                "--data-binary", "@\(file)",
            ] + more)
    }

    static func send(_ url: String, _ arguments: [String] = []) async throws -> Curl {
        let folder = try TemporaryDirectory()
        let result = try await run(
            "curl",
            [
                "--silent", "--show-error", "--max-time", "60", "--dump-header",
                folder.file("head"), "--output", folder.file("body"), "--write-out",
                "%{http_code}",
            ] + arguments + [url])
        guard result.status == 0, let status = Int(result.output) else {
            throw Failure(status: result.status, output: result.output)
        }
        let head = FileManager.default.contents(atPath: folder.file("head")) ?? Data()
        var headers: [String: String] = [:]
        for line in String(decoding: head, as: UTF8.self).split(separator: "\r\n") {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2 else { continue }
            headers[parts[0].lowercased()] = parts[1].trimmingCharacters(in: .whitespaces)
        }
        let body = FileManager.default.contents(atPath: folder.file("body")) ?? Data()
        return Curl(status: status, headers: headers, body: Array(body))
    }
}

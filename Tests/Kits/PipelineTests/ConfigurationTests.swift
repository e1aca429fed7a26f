// SPDX-License-Identifier: Apache-2.0
import Foundation
import Pipeline
import TestSupport
import Testing

/// What a user may write, and what each mistake is told.
@Suite("Configuration")
struct ConfigurationTests {
    static let settings: [Setting] = [
        Setting("fetcher.size-max", .bytes(1...(1 << 50)), default: "20GiB", help: "Size."),
        Setting("fetcher.time-max", .duration(.seconds(1) ... .seconds(3600)), help: "Time."),
        Setting("fetcher.hosts", .list, help: "Hosts."),
        Setting("fetcher.mode", .choice(["fast", "safe"]), default: "safe", help: "Mode."),
        Setting("fetcher.private", .flag, help: "Private addresses."),
        Setting("fetcher.redirects", .integer(0...20), default: "5", help: "Redirects."),
        Setting("fetcher.proxy", .url, help: "Proxy."),
        Setting("fetcher.agent", .text, required: true, help: "Agent."),
        Setting("fetcher.token", .secret, help: "Token."),
        Setting("concurrency", .integer(1...100), default: "4", help: "At once."),
    ]

    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func load(
        flags: [String: String] = [:], file: String? = nil, environment: [String: String] = [:]
    ) throws -> SettingValues {
        let path = try file.map { try directory.write($0, to: "config.yaml") }
        return try SettingSources(flags: flags, file: path, environment: environment)
            .load(Self.settings)
    }

    private func problems(
        flags: [String: String] = [:], file: String? = nil, environment: [String: String] = [:]
    ) -> [String] {
        do {
            _ = try load(flags: flags, file: file, environment: environment)
            return []
        } catch let error as ConfigurationError {
            return error.description.replacing(directory.path + "/", with: "")
                .split(separator: "\n").map(String.init)
        } catch {
            return ["\(error)"]
        }
    }

    @Test("flags win over the environment, the environment over the file")
    func precedence() throws {
        let file = """
            concurrency: 1
            fetcher:
              agent: from-file
              size-max: 1MiB
              mode: fast
              hosts: [a.example, b.example]
            """
        let values = try load(
            flags: ["fetcher.agent": "from-flag"], file: file,
            environment: [
                "IMPRIMATUR_FETCHER_AGENT": "from-environment",
                "IMPRIMATUR_FETCHER_SIZE_MAX": "2MiB",
            ])
        #expect(values.string("fetcher.agent") == "from-flag")
        #expect(try values.bytes("fetcher.size-max") == 2 << 20)
        #expect(values.string("fetcher.mode") == "fast")
        #expect(values.list("fetcher.hosts") == ["a.example", "b.example"])
        #expect(try values.integer("concurrency") == 1)
        #expect(try values.integer("fetcher.redirects") == 5)
        #expect(values.duration(ifSet: "fetcher.time-max") == nil)
        #expect(!values.flag("fetcher.private"))
        #expect(values.origin("fetcher.agent") == .commandLine)
        #expect(
            values.origin("fetcher.size-max") == .environment("IMPRIMATUR_FETCHER_SIZE_MAX"))
        #expect(
            values.origin("fetcher.mode") == .file(directory.file("config.yaml"), line: 5))
        #expect(values.origin("fetcher.redirects") == .defaultValue)
    }

    @Test("JSON is read as well, and lists from all sources")
    func json() throws {
        let file = #"{"fetcher": {"agent": "x", "private": true, "time-max": "90s"}}"#
        let values = try load(
            file: file, environment: ["IMPRIMATUR_FETCHER_HOSTS": "a.example, b.example"])
        #expect(values.flag("fetcher.private"))
        #expect(try values.duration("fetcher.time-max") == .seconds(90))
        #expect(values.list("fetcher.hosts") == ["a.example", "b.example"])
    }

    @Test("one file serves several programs: other programs' sections are left alone")
    func sharedFile() throws {
        let values = try load(
            file: "fetcher: {agent: x}\nsigner: {anything: 1}\namqp: {url: 'amqp://h/v'}\n")
        #expect(values.string("fetcher.agent") == "x")
        #expect(
            problems(file: "fetcher: {agent: x}\nfetchr: {agent: y}\n") == [
                "fetchr.agent (config.yaml, line 2): there is no such setting;"
                    + " did you mean fetcher.agent?"
            ])
    }

    @Test("the file may be named by IMPRIMATUR_CONFIG; --config goes before it")
    func fileFromEnvironment() throws {
        let named = try directory.write("fetcher: {agent: variable}", to: "named.yaml")
        let environment = ["IMPRIMATUR_CONFIG": named]
        let values = try load(environment: environment)
        #expect(values.string("fetcher.agent") == "variable")
        #expect(values.origin("fetcher.agent") == .file(named, line: 1))
        let given = try load(file: "fetcher: {agent: flag}", environment: environment)
        #expect(given.string("fetcher.agent") == "flag")
        #expect(problems(environment: ["IMPRIMATUR_CONFIG": ""]).count == 1)
        #expect(
            problems(environment: ["IMPRIMATUR_CONFIG": "/no/such.yaml"]) == [
                "configuration file (/no/such.yaml): cannot be read: no such file"
            ])
    }

    @Test("a section with nothing in it is nothing; an empty setting or unknown key is told")
    func emptySection() throws {
        let values = try load(
            flags: ["fetcher.agent": "x"],
            file: "fetcher:\n  # size-max: 1MiB\nsigner:\namqp:\nlog:\n")
        #expect(try values.bytes("fetcher.size-max") == 20 << 30)
        let found = problems(flags: ["fetcher.agent": "x"], file: "fetchr:\nconcurrency:\n")
        #expect(found.count == 2, "\(found)")
    }

    @Test(
        "a malformed value names key, origin and what is accepted",
        arguments: [
            ("fetcher.size-max", "20 GB", "bytes such as 4096, 512KiB or 10GiB, from 1 to 1024TiB"),
            ("fetcher.size-max", "0", "bytes such as"),
            ("fetcher.size-max", "99999999999999999999", "bytes such as"),
            ("fetcher.time-max", "10", "a duration such as 250ms, 30s, 10m or 1h, from 1s to 1h"),
            ("fetcher.time-max", "2h", "from 1s to 1h"),
            ("fetcher.mode", "quick", "one of fast, safe"),
            ("fetcher.private", "maybe", "true or false"),
            ("fetcher.redirects", "21", "an integer from 0 to 20"),
            ("fetcher.redirects", "five", "an integer from 0 to 20"),
            ("fetcher.proxy", "proxy:3128", "a URL such as https://host/path"),
            ("concurrency", "-1", "an integer from 1 to 100"),
        ])
    func malformed(key: String, value: String, accepted: String) throws {
        for source in ["flag", "environment", "file"] {
            var flags = ["fetcher.agent": "x"]
            var environment: [String: String] = [:]
            var file = "{}"
            let origin: String
            switch source {
            case "flag":
                flags[key] = value
                origin = "command line"
            case "environment":
                let name =
                    "IMPRIMATUR_"
                    + key.uppercased().replacing(".", with: "_").replacing("-", with: "_")
                environment[name] = value
                origin = "environment variable \(name)"
            default:
                file = "\"\(key)\": \"\(value)\""
                origin = "config.yaml, line 1"
            }
            let found = problems(flags: flags, file: file, environment: environment)
            #expect(found.count == 1, "\(found)")
            let text = try #require(found.first)
            #expect(text.hasPrefix("\(key) (\(origin)): '\(value)' is not accepted; expected "))
            #expect(text.contains(accepted), "\(text)")
        }
    }

    @Test("all problems are told at once")
    func allAtOnce() {
        let found = problems(
            flags: ["fetcher.redirects": "x"], file: "fetcher: {mode: quick, colour: red}",
            environment: ["IMPRIMATUR_CONCURRENCY": "0"])
        #expect(found.count == 5, "\(found)")
        #expect(
            found.contains(
                "fetcher.agent: a value is required; set it with --fetcher-agent,"
                    + " IMPRIMATUR_FETCHER_AGENT or in the configuration file"))
    }

    @Test("a secret is read from its file or the environment, and its value is never told")
    func secrets() throws {
        let path = try directory.write("s3cret\n", to: "token")
        let agent = ["fetcher.agent": "x"]
        #expect(
            try load(flags: agent.merging(["fetcher.token-file": path]) { $1 })
                .secret("fetcher.token") == "s3cret")
        #expect(
            try load(flags: agent, file: "fetcher: {token-file: '\(path)'}")
                .secret("fetcher.token") == "s3cret")
        #expect(
            try load(flags: agent, environment: ["IMPRIMATUR_FETCHER_TOKEN": "s3cret"])
                .secret("fetcher.token") == "s3cret")
        let refused = [
            problems(flags: agent.merging(["fetcher.token": "s3cret"]) { $1 }),
            problems(flags: agent, file: "fetcher: {token: s3cret}"),
        ]
        for found in refused {
            #expect(found.count == 1)
            #expect(found.first?.contains("is a secret and is not taken from here") == true)
            #expect(found.first?.contains("--fetcher-token-file") == true)
            #expect(found.first?.contains("s3cret") == false)
        }
        let missing = problems(flags: agent.merging(["fetcher.token-file": "/no/such"]) { $1 })
        #expect(
            missing == [
                "fetcher.token-file (command line): the file '/no/such' cannot be read"
            ])
    }

    @Test(
        "a file that cannot be used says why and where",
        arguments: [
            ("fetcher: [", "is not YAML or JSON"), ("- a\n", "must hold keys and values"),
            ("fetcher: {hosts: [[1]]}", "may only list plain values"),
            (String(repeating: "{a: ", count: 40), "is not YAML or JSON"),
            (
                "a: &a {x: 1, y: 1}\nb: &b {c: *a, d: *a, e: *a, f: *a, g: *a, h: *a, i: *a}\n"
                    + "c: &c {c: *b, d: *b, e: *b, f: *b, g: *b, h: *b, i: *b}\n"
                    + "d: &d {c: *c, d: *c, e: *c, f: *c, g: *c, h: *c, i: *c}\n"
                    + "e: &e {c: *d, d: *d, e: *d, f: *d, g: *d, h: *d, i: *d}\n"
                    + "f: &f {c: *e, d: *e, e: *e, f: *e, g: *e, h: *e, i: *e}\n",
                "too large"
            ),
        ])
    func badFile(text: String, reason: String) {
        let found = problems(flags: ["fetcher.agent": "x"], file: text).joined()
        #expect(found.hasPrefix("configuration file (config.yaml"), "\(found)")
        #expect(found.contains(reason), "\(found)")
    }

    @Test("a missing file is named")
    func missingFile() {
        #expect(throws: ConfigurationError.self) {
            try SettingSources(file: "/no/such.yaml", environment: [:]).load([])
        }
    }

    @Test("exit codes are those of sysexits.h")
    func exitCodes() {
        #expect(ConfigurationError("a", "b").exitCode == 78)
        let usage = ConfigurationError.Problem(key: "--x", origin: .commandLine, reason: "no")
        #expect(ConfigurationError(problems: [usage]).exitCode == 64)
    }

    @Test("quantities")
    func quantities() {
        #expect(Quantity.duration("250ms") == .milliseconds(250))
        #expect(Quantity.duration("1h") == .seconds(3600))
        #expect(Quantity.duration("2d") == .seconds(172_800))
        #expect(Quantity.bytes("10GiB") == 10 << 30)
        #expect(Quantity.bytes("4096") == 4096)
        for text in ["", "s", "-1s", "1.5h", "9223372036854775807h", "1 s", "1S", "١s"] {
            #expect(Quantity.duration(text) == nil, "\(text)")
        }
        for text in ["", "KiB", "-1", "1kb", "9223372036854775807KiB"] {
            #expect(Quantity.bytes(text) == nil, "\(text)")
        }
        #expect(Quantity.text(.seconds(600)) == "10m")
        #expect(Quantity.text(.milliseconds(1500)) == "1500ms")
        #expect(Quantity.text(bytes: 1 << 20) == "1MiB")
    }
}

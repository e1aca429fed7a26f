// SPDX-License-Identifier: Apache-2.0
import Foundation
import Pipeline
import Testing

/// The command line of a worker.
@Suite("Command line")
struct CommandLineTests {
    private func parse(_ arguments: String...) -> WorkerCommand {
        WorkerCommand(arguments: arguments, settings: ConfigurationTests.settings)
    }

    private func refusal(_ arguments: String...) -> String {
        guard
            case .run(_, _, let problems) = WorkerCommand(
                arguments: arguments, settings: ConfigurationTests.settings)
        else { return "" }
        return ConfigurationError(problems: problems).description
    }

    @Test("flags with and without =, switches, the file, help and version")
    func accepted() {
        #expect(
            parse(
                "--fetcher-agent", "x", "--concurrency=8", "--fetcher-private", "--config", "f")
                == .run(
                    flags: [
                        "fetcher.agent": "x", "concurrency": "8", "fetcher.private": "true",
                    ], file: "f"))
        #expect(
            parse("--fetcher-token-file=/t")
                == .run(
                    flags: ["fetcher.token-file": "/t"], file: nil))
        #expect(parse() == .run(flags: [:], file: nil))
        #expect(parse("--help") == .help)
        #expect(parse("--fetcher-agent", "x", "-h") == .help)
        #expect(parse("--version") == .version)
    }

    @Test("what is not understood is named, with what may have been meant")
    func refused() {
        #expect(
            refusal("--fetcher-agnet", "x")
                == "--fetcher-agnet (command line): there is no such flag;"
                + " did you mean --fetcher-agent?")
        #expect(refusal("--fetcher-agent") == "--fetcher-agent (command line): needs a value")
        #expect(refusal("run").contains("is not a flag"))
        #expect(refusal("--zzz", "--yyy").split(separator: "\n").count == 2)
    }

    @Test("mistakes of the command line are told with all others")
    func together() throws {
        guard
            case .run(let flags, _, let problems) = parse("--zzz", "1", "--fetcher-token", "s3cret")
        else { return }
        let error = #expect(throws: ConfigurationError.self) {
            try SettingSources(flags: flags, environment: [:])
                .load(ConfigurationTests.settings, problems: problems)
        }
        #expect(error?.problems.map(\.key) == ["--zzz", "fetcher.token", "fetcher.agent"])
        #expect(error?.description.contains("s3cret") == false)
    }

    @Test("help shows every setting with flag, variable, default and what is accepted")
    func help() {
        let text = SettingHelp.text(ConfigurationTests.settings)
        for setting in ConfigurationTests.settings {
            #expect(text.contains(setting.flag), "\(setting.key)")
            #expect(text.contains(setting.variable), "\(setting.key)")
            #expect(text.contains(setting.help))
        }
        #expect(text.contains("default 20GiB"))
        #expect(text.contains("one of fast, safe"))
        #expect(text.contains("--fetcher-token-file <path>"))
        #expect(!text.contains("--fetcher-token <value>"))
        #expect(text.split(separator: "\n").allSatisfy { $0.count <= 100 })
    }
}

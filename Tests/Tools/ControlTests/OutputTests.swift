// SPDX-License-Identifier: Apache-2.0
import AMQP
import Events
import Pipeline
import PipelineTesting
import TestSupport
import Testing

@testable import Control

@Suite("What the command shows")
struct OutputTests {
    @Test("Text from events cannot control a terminal")
    func plain() {
        #expect(Terminal.plain("a\u{1B}[2J\r\nb\u{9B}\u{202E}c é") == "a [2J  b  c é")
    }

    @Test(
        "Sizes",
        arguments: [
            (0, "0 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (13_287_936, "12.7 MiB"),
            (1 << 40, "1.0 TiB"), (Int.max, "8192.0 PiB"), (Int.min, "\(Int.min) B"),
        ])
    func sizes(_ bytes: Int, _ text: String) { #expect(Size.text(bytes) == text) }

    @Test("Progress bars")
    func bars() {
        func bar(_ bytes: Int, _ total: Int?) -> String {
            ProgressLine.bar(
                Progress(stage: .fetcher, activity: "download", bytes: bytes, bytesTotal: total))
        }
        #expect(bar(0, 1000).hasPrefix("[..............................] download 0 %"))
        #expect(bar(500, 1000).hasPrefix("[###############...............] download 50 %"))
        #expect(bar(1000, 1000).hasPrefix("[##############################] download 100 %"))
        #expect(bar(5000, 1000).hasPrefix("[##############################] download 100 %"))
        #expect(bar(5000, nil) == "download 4.9 KiB")
        #expect(bar(-5, 10).hasPrefix("[......"))
        #expect(bar(Int.max, Int.max).hasPrefix("[######"))
        #expect(bar(Int.min, 1).hasSuffix("download 0 % (\(Int.min) B of 1 B)"))
    }

    @Test("Progress that claims more than there is ends no watcher")
    func hostileProgress() {
        var line = ProgressLine(isInteractive: false)
        for bytes in [Int.min, -1, 0, .max] {
            line.show(
                Progress(stage: .fetcher, activity: "download", bytes: bytes, bytesTotal: 1))
        }
    }

    @Test(
        "Each event has a line of its own",
        arguments: [
            (Fixture.imageNew(), "requested, from http"),
            (Fixture.fetched(), "fetched 64.0 KiB, sha256"),
            (
                Fixture.verified(),
                "verified: md5 by http://download.cirros-cloud.net/0.3.4/MD5SUMS line 2"
            ),
            (Fixture.modified(), "passed on unmodified"),
            (Fixture.modified(into: [1]), "modified (write), now sha256 4bf5122f344554c5"),
            (Fixture.scanned(), "scanned: nothing found"),
            (
                Fixture.scanned(waived: [Waiver(check: "swap-partition", reason: "none")]),
                "scanned; waived: swap-partition"
            ),
            (Fixture.metadataBuilt(), "document built for LHfKVPoHcv4oMirHU0KuOQc-TvI"),
            (Fixture.metadataSigned(), "signed by ada@example.org (stratuslab)"),
            (Fixture.metadataUploaded(), "at http://marketplace.stratuslab.eu/metadata/"),
            (Fixture.listUpdated(), "serial 1, 1 added, 0 removed"),
        ])
    func lines(_ event: Event, _ text: String) {
        let line = EventLine.text(event)
        #expect(line.contains(text), "\(line)")
        #expect(line.contains(" \(event.type.routingKey) "))
    }

    @Test("An event whose sections are wrong still has a line")
    func brokenEvent() {
        var event = Fixture.fetched()
        event.data["fetched"] = .null
        #expect(EventLine.text(event).contains("section 'fetched'"))
    }

    @Test("A watch ends at its milestone, and only for its publication")
    func watch() throws {
        let list = Fixture.listUpdated()
        var watch = PublicationWatch(publication: Fixture.publication(), milestone: .listed)
        guard case .ignore = watch.take(.event(Fixture.fetched(name: "other"))) else {
            Issue.record("another publication is shown")
            return
        }
        guard case .show = watch.take(.event(Fixture.fetched())) else {
            Issue.record("its own event is not shown")
            return
        }
        guard case .ignore = watch.take(.event(Fixture.fetched())) else {
            Issue.record("a repetition is shown")
            return
        }
        guard case .end(.reached(let event)) = watch.take(.event(list)), event == list else {
            Issue.record("the milestone is not seen")
            return
        }
    }

    @Test("--version and --help")
    func version() async throws {
        let version = try await run(Workbench.program(), ["--version"])
        #expect(version.status == 0)
        #expect(version.output == "imprimatur \(Version.text)\n")
        for arguments in [["--help"], ["publish", "--help"], ["help", "dead-letters"]] {
            let help = try await run(Workbench.program(), arguments)
            #expect(help.status == 0)
            #expect(help.output.contains("USAGE: imprimatur"))
            #expect(help.output.contains("  imprimatur "), "an example")
        }
        #expect(try await run(Workbench.program(), ["--help"]).output.contains("EXIT STATUS"))
    }

    @Test("--wait stands for --wait=listed, and file names stay what they are")
    func waitArgument() {
        #expect(
            Imprimatur.arguments(["publish", "--wait", "a.yaml", "--", "--wait"])
                == ["publish", "--wait=listed", "a.yaml", "--", "--wait"])
    }
}

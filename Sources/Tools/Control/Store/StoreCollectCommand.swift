// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import BlobStore
import Pipeline

struct StoreCollectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gc",
        abstract: "Delete what no publication needs any more.",
        discussion: """
            Safe while workers run. A blob is first set aside and deleted by a later run, so that \
            a machine that still needs it can take it back.

            Example:
              imprimatur store gc --store-path /srv/imprimatur --older-than 7d --dry-run
            """)

    @OptionGroup var store: StoreOptions
    @OptionGroup var file: ConfigurationFileOption

    @Option(help: "Spare what was stored or last used within this time.")
    var olderThan: DurationArgument = DurationArgument(.seconds(86_400))

    @Option(help: "Time between setting aside and deleting; 0s where one machine has the store.")
    var settling: DurationArgument = DurationArgument(.seconds(600))

    @Flag(help: "Only say what would be done now.")
    var dryRun = false

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() async throws {
        let result = try await store.open(config: file.config)
            .gc(olderThan: olderThan.duration, settling: settling.duration, dryRun: dryRun)
        let report = Report(result, isDryRun: dryRun)
        if json {
            Terminal.line(try JSONLine.text(report))
            return
        }
        let would = dryRun ? "would be " : ""
        for item in report.deleted { Terminal.line("\(would)deleted: \(item)") }
        for item in report.setAside { Terminal.line("\(would)set aside: \(item)") }
        for item in report.restored { Terminal.line("\(would)put back: \(item)") }
        for item in report.leftovers { Terminal.line("\(would)removed: \(Terminal.plain(item))") }
        Terminal.line("\(report.kept) blobs kept, \(Size.text(report.bytesFreed)) \(would)freed")
    }

    private struct Report: Encodable {
        var isDryRun: Bool
        var deleted: [String]
        var setAside: [String]
        var restored: [String]
        var leftovers: [String]
        var kept: Int
        var bytesFreed: Int

        init(_ result: StoreCollection, isDryRun: Bool) {
            self.isDryRun = isDryRun
            deleted = result.deleted.map(\.name)
            setAside = result.setAside.map(\.name)
            restored = result.restored
            leftovers = result.leftovers.map(\.name)
            kept = result.kept
            bytesFreed = (result.deleted + result.leftovers).reduce(0) { $0 + $1.size }
        }
    }
}

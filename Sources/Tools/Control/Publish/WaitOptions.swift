// SPDX-License-Identifier: Apache-2.0
import ArgumentParser

/// Whether and how a command that asks the pipeline for something waits for its end.
struct WaitOptions: ParsableArguments {
    @Option(
        help: "Wait until the list has it, or the sites know; listed when only --wait is given.")
    var wait: Milestone?

    @Option(help: "How long to wait, such as 30m.")
    var timeout: DurationArgument = DurationArgument(.seconds(6 * 3600))

    @Flag(help: "Check all, print the event as JSON, and publish nothing.")
    var dryRun = false

    @Flag(help: "Print JSON: the publication's id, then the events themselves with --wait.")
    var json = false
}

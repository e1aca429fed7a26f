// SPDX-License-Identifier: Apache-2.0
import ArgumentParser

/// How much is said beside the result, as the `stratus` commands count it.
struct VerbosityOptions: ParsableArguments {
    @Flag(name: .shortAndLong, help: "Say what is done; may be repeated.")
    var verbose: Int

    @Flag(
        name: .shortAndLong,
        help: "Print less: no remarks; twice, no warnings and nothing about what is well.")
    var quiet: Int

    /// Whether the steps taken are told.
    var isVerbose: Bool { verbose > 0 }
    /// Whether remarks on a success are left out.
    var isQuiet: Bool { quiet > 0 }
    /// Whether only failures are told.
    var isSilent: Bool { quiet > 1 }

    func note(_ text: String) {
        if isVerbose { Terminal.note(Terminal.plain(text)) }
    }

    func warn(_ text: String) {
        if !isSilent { Terminal.note("  [WARNING] " + text) }
    }
}

// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Our side of `make bench`: each command does one measured piece of work and prints its figures
/// as one line of JSON. `ops/bench/run` sets them beside their peers.
///
/// Arguments are read as the C programs beside it read theirs: a parser for people would be a good
/// part of what a program measured from its start to its end takes.
@main
enum BenchmarkTool {
    private static let commands: [any MeasuredCommand.Type] = [
        QueueCommand.self, PublishCommand.self, ConsumeCommand.self, StageCommand.self,
        LatencyCommand.self, OnceCommand.self, DigestCommand.self, DownloadCommand.self,
        DocumentCommand.self, SignCommand.self,
    ]

    static func main() async {
        var arguments = Arguments()
        let name = try? arguments.text()
        guard let command = commands.first(where: { $0.name == name }) else {
            let usages = commands.map { "\n  \($0.name) \($0.usage)" }.joined()
            fail("run by ops/bench/run, with one of:\(usages)", code: EX_USAGE)
        }
        do {
            try await command.init(&arguments).run()
        } catch {
            fail("\(command.name) \(command.usage): \(error)", code: EX_SOFTWARE)
        }
    }

    private static func fail(_ text: String, code: Int32) -> Never {
        var text = "imprimatur-benchmark: \(text)\n"
        text.withUTF8 { bytes in
            // The pointer is used within the call it is lent for.
            _ = unsafe write(STDERR_FILENO, bytes.baseAddress, bytes.count)
        }
        exit(code)
    }
}

/// One measured piece of work.
protocol MeasuredCommand: SendableMetatype {
    static var name: String { get }
    /// What its arguments are.
    static var usage: String { get }

    init(_ arguments: inout Arguments) throws
    func run() async throws
}

/// The command line, taken word by word.
struct Arguments {
    private var words = CommandLine.arguments.dropFirst()

    mutating func text() throws(BenchmarkError) -> String {
        guard let word = words.popFirst() else { throw BenchmarkError(reason: "too few arguments") }
        return word
    }

    mutating func number() throws(BenchmarkError) -> Int {
        let word = try text()
        guard let number = Int(word), number > 0 else {
            throw BenchmarkError(reason: "not a number above zero: \(word)")
        }
        return number
    }

    mutating func rest() -> [String] {
        defer { words = [] }
        return Array(words)
    }
}

/// A wrong command line, or surroundings in which there is nothing to measure.
struct BenchmarkError: Error, CustomStringConvertible {
    var reason: String

    var description: String { reason }
}

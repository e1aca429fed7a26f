// SPDX-License-Identifier: Apache-2.0
import Glibc
import Signatures

/// MD5, SHA-1, SHA-256 and SHA-512 of a file in one pass.
struct DigestCommand: MeasuredCommand {
    static let name = "digest"
    static let usage = "FILE"

    private let file: String

    init(_ arguments: inout Arguments) throws {
        file = try arguments.text()
    }

    func run() throws {
        let descriptor = unsafe open(file, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw BenchmarkError(reason: "cannot open \(file)") }
        defer { close(descriptor) }
        let stopwatch = Stopwatch()
        let pool = DigestPool()
        try pool.update(readingFrom: descriptor)
        let digests = pool.finish()
        printFigures(["mb_s": Double(digests.size) / 1e6 / stopwatch.seconds])
    }
}

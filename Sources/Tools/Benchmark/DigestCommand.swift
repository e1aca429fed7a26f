// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Glibc
import Signatures

struct DigestCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "digest", abstract: "MD5, SHA-1, SHA-256 and SHA-512 of a file in one pass.")

    @Argument var file: String

    func run() throws {
        let descriptor = unsafe open(file, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw ValidationError("cannot open \(file)") }
        defer { close(descriptor) }
        let stopwatch = Stopwatch()
        let pool = DigestPool()
        try pool.update(readingFrom: descriptor)
        let digests = pool.finish()
        printFigures(["mb_s": Double(digests.size) / 1e6 / stopwatch.seconds])
    }
}

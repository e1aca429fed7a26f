// SPDX-License-Identifier: Apache-2.0
public import Pipeline
public import Programs
public import Signatures
import Threads

/// Has gpgv judge OpenPGP signatures: it knows the given keys and no others, asks nobody, and
/// sees nothing but a directory of its own.
struct GPGV: Sendable, Hashable {
    /// A path, or a name to look for in `PATH`.
    var program: String

    /// The longest that one file may take.
    private static let timeMax: Duration = .seconds(30)
    private static let outputBytesMax = 1 << 18

    /// Judges detached signatures.
    ///
    /// - Throws: ``GPGVError`` or ``OutOfTime``.
    func report(
        on signature: OpenPGPSignature, of file: [UInt8], keyrings: [OpenPGPKeyring],
        deadline: ContinuousClock.Instant
    ) async throws -> GPGVReport {
        let files = ["signature": signature.bytes, "file": file]
        return try await run(["signature", "file"], files, keyrings, deadline).report
    }

    /// Judges a clearsigned text.
    ///
    /// - Returns: also the text that was judged, as gpgv itself writes it.
    /// - Throws: ``GPGVError`` or ``OutOfTime``.
    func report(
        onClearsigned file: [UInt8], keyrings: [OpenPGPKeyring], deadline: ContinuousClock.Instant
    ) async throws -> (report: GPGVReport, text: [UInt8]) {
        let (report, directory) = try await run(
            ["file"], ["file": file], keyrings, deadline, output: "text")
        let text = try await OwnThread.run { () throws(ProgramsError) in
            try directory.read("text", bytesMax: ChecksumListing.bytesMax)
        }
        return (report, text ?? [])
    }

    private func run(
        _ names: [String], _ files: [String: [UInt8]], _ keyrings: [OpenPGPKeyring],
        _ deadline: ContinuousClock.Instant, output: String? = nil
    ) async throws -> (report: GPGVReport, directory: PrivateDirectory) {
        let left = deadline - .now
        guard left > .zero else { throw OutOfTime() }
        let directory = try await OwnThread.run { () throws(ProgramsError) in
            let directory = try PrivateDirectory()
            for (name, bytes) in files { try directory.write(bytes, to: name) }
            for (index, keyring) in keyrings.enumerated() {
                try directory.write(keyring.bytes, to: "keys-\(index)")
            }
            return directory
        }
        var arguments = ["--homedir", directory.path, "--status-fd", "1"]
        for index in keyrings.indices {
            arguments += ["--keyring", directory.file("keys-\(index)")]
        }
        if let output { arguments += ["--output", directory.file(output)] }
        arguments += ["--"] + names.map(directory.file)
        let result = try await Program(
            program, environment: ["GNUPGHOME": directory.path], timeMax: min(Self.timeMax, left)
        ).run(arguments, outputBytesMax: Self.outputBytesMax)
        return (try Self.report(result), directory)
    }

    /// gpgv ends with 0, 1 or 2 when it has judged.
    private static func report(_ result: Program.Result) throws(GPGVError) -> GPGVReport {
        let report = GPGVReport(result.output)
        let isDone = !result.isSignalled && (0...2).contains(result.status)
        guard isDone, !report.hasKeyError, !report.findings.isEmpty || report.hasNoSignature else {
            throw GPGVError(status: result.status, text: Program.cleaned(result.errorText))
        }
        return report
    }
}

/// gpgv ended without a judgement. Nothing is accepted then; another attempt may do better.
struct GPGVError: Error, Sendable, Disposed, CustomStringConvertible {
    var status: Int
    /// What it said, cleaned and cut.
    var text: String

    var disposition: Disposition { .transient }
    var description: String { "gpgv did not judge (status \(status)): \(text)" }
}

extension ProgramsError: Disposed {
    public var disposition: Disposition { needsPerson ? .fatal : .transient }
}

extension SignaturesError: Disposed {
    /// Only the keys of the configuration come this far, and a person has to mend those.
    public var disposition: Disposition { .fatal }
}

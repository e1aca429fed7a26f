// SPDX-License-Identifier: Apache-2.0
public import Pipeline
public import Programs
public import Signatures
import Threads

/// Has gpgv judge OpenPGP signatures: it knows the given keys and no others, asks nobody, and
/// sees nothing but a directory of its own, from within a sandbox.
struct GPGV: Sendable, Hashable {
    /// A path, or a name to look for in `PATH`.
    var program: String

    /// The longest that one file may take.
    private static let timeMax: Duration = .seconds(30)
    private static let outputBytesMax = 1 << 18
    private static let limits = Sandbox.Limits(
        cpuTimeMax: .seconds(20), memoryBytesMax: 512 << 20,
        fileBytesMax: ChecksumListing.bytesMax, openFilesMax: 64, processesMax: 8)
    /// Where its directory lies inside.
    private static let home = "/work"

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
            let directory = try PrivateDirectory(forSandbox: true)
            for (name, bytes) in files { try directory.write(bytes, to: name) }
            for (index, keyring) in keyrings.enumerated() {
                try directory.write(keyring.bytes, to: "keys-\(index)")
            }
            return directory
        }
        var arguments = ["--homedir", Self.home, "--status-fd", "1"]
        for index in keyrings.indices {
            arguments += ["--keyring", "\(Self.home)/keys-\(index)"]
        }
        if let output { arguments += ["--output", "\(Self.home)/\(output)"] }
        arguments += ["--"] + names.map { "\(Self.home)/\($0)" }
        let sandbox = Sandbox(
            writable: [Sandbox.Bind(host: directory.path, inside: Self.home)],
            limits: Self.limits)
        let result = try await Program(
            program, environment: ["GNUPGHOME": Self.home], timeMax: min(Self.timeMax, left),
            sandbox: sandbox
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

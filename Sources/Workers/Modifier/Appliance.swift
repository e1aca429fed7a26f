// SPDX-License-Identifier: Apache-2.0
import Files
import FoundationEssentials
import Glibc
import Programs
import Threads

/// libguestfs's virtual machine as files: a kernel and a small system made of this machine's own
/// packages. Images never see the making of it; they are opened by what is made.
struct Appliance {
    /// One made by somebody else, or nil.
    let configured: String?
    /// Where the worker makes its own.
    let workDirectory: String

    /// A kernel, an initial RAM disk, a disk, and the mark that `libguestfs-make-fixed-appliance`
    /// writes last.
    private static let files = ["kernel", "initrd", "root", "README.fixed"]
    private static let lockedDelay: Duration = .seconds(1)
    private static let maker = "libguestfs-make-fixed-appliance"

    /// The appliance's directory. Makes it, unless it is there, which takes a minute.
    ///
    /// - Throws: ``ModifierError``, `ProgramsError`, `CancellationError`.
    func directory(until end: ContinuousClock.Instant) async throws -> String {
        if let configured {
            guard Self.isWhole(configured) else {
                throw ModifierError.appliance(
                    reason: "modifier.appliance '\(configured)' does not hold "
                        + Self.files.joined(separator: ", "))
            }
            return configured
        }
        let directory = "\(workDirectory)/appliance"
        while !Self.isWhole(directory) {
            guard let lock = try FileLock<ModifierError>("\(directory).lock") else {
                // Another image's handler makes it just now.
                guard ContinuousClock.now < end else { throw ModifierError.outOfTime }
                try await Task.sleep(for: Self.lockedDelay)
                continue
            }
            if !Self.isWhole(directory) { try await make(directory, until: end) }
            withExtendedLifetime(lock) {}
        }
        return directory
    }

    private static func isWhole(_ directory: String) -> Bool {
        files.allSatisfy { unsafe access("\(directory)/\($0)", R_OK) == 0 }
    }

    private func make(_ directory: String, until end: ContinuousClock.Instant) async throws {
        let parts = "\(directory).parts"
        try? FileManager.default.removeItem(atPath: parts)
        try? FileManager.default.removeItem(atPath: directory)
        try LocalFile<ModifierError>.makeDirectory(parts, mode: 0o755)
        defer { try? FileManager.default.removeItem(atPath: parts) }
        for folder in ["appliance", "cache"] {
            try LocalFile<ModifierError>.makeDirectory("\(parts)/\(folder)", mode: 0o755)
        }
        let program = Program(
            Self.maker,
            environment: [
                "LIBGUESTFS_BACKEND": "direct", "LIBGUESTFS_BACKEND_SETTINGS": "force_tcg",
                "LIBGUESTFS_CACHEDIR": "\(parts)/cache", "TMPDIR": "\(parts)/cache",
                "HOME": parts,
            ], timeMax: max(end - .now, .seconds(1)))
        let result: Program.Result
        do throws(ProgramsError) {
            result = try await program.run(["\(parts)/appliance"])
        } catch {
            throw ModifierError.naming(error)
        }
        guard result.status == 0, Self.isWhole("\(parts)/appliance") else {
            let text = Program.cleaned(String(result.errorText.suffix(1_000)))
            throw ModifierError.appliance(
                reason: "\(Self.maker) ended with status \(result.status): \(text)")
        }
        try LocalFile<ModifierError>.rename("\(parts)/appliance", to: directory)
    }
}

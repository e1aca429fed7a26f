// SPDX-License-Identifier: Apache-2.0
import Events
import Programs

/// A program that works on images, whose version is part of their lineage.
struct ToolVersion {
    /// As the lineage names it.
    let name: String
    /// What knows `--version`.
    let program: String

    static let qemuImg = ToolVersion(name: "qemu-img", program: "qemu-img")
    static let libguestfs = ToolVersion(name: "libguestfs", program: "guestfish")
    static let virtSysprep = ToolVersion(name: "virt-sysprep", program: "virt-sysprep")

    private static let timeMax: Duration = .seconds(60)

    func tool() async throws -> Tool {
        let result: Program.Result
        do throws(ProgramsError) {
            result = try await Program(program, timeMax: Self.timeMax).run(["--version"])
        } catch {
            throw ModifierError.naming(error)
        }
        guard result.status == 0,
            let version = Self.version(in: String(decoding: result.output, as: UTF8.self))
        else {
            throw ModifierError.program(
                program, reason: "--version ended with status \(result.status)")
        }
        return Tool(name: name, version: version)
    }

    /// `1.48.2` of `virt-sysprep 1.48.2`, `7.2.22` of `qemu-img version 7.2.22 (Debian …)`.
    static func version(in text: String) -> String? {
        text.split { $0 == " " || $0.isNewline }
            .first { $0.utf8.first.map { (48...57).contains($0) } == true }
            .map { String($0.prefix(64)) }
    }
}

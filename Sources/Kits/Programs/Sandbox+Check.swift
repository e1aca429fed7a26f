// SPDX-License-Identifier: Apache-2.0

extension Sandbox {
    /// Tells a failure to make the sandbox from one of the program inside.
    func check(_ result: Program.Result, of name: String) async throws(ProgramsError) {
        let makers = ["bwrap: ", "setpriv: ", "prlimit: ", "sh: "]
        let text = result.errorText
        guard result.status != 0, makers.contains(where: { text.hasPrefix($0) }) else { return }
        // The program may have said so itself. If another sandbox can be made, the trouble is with
        // this one.
        if name != Self.probeName { try await probe() }
        if text.hasPrefix("sh: ") && !text.contains(Self.inputPath) { return }
        throw .notRun(name, reason: Program.cleaned(text))
    }

    private static let probeName = "/usr/bin/true"

    /// Makes a sandbox in which nothing is done.
    ///
    /// - Throws: ``ProgramsError/sandboxUnavailable(reason:)`` when that is impossible here.
    public static func probe() async throws(ProgramsError) {
        try await Sandbox(limits: probeLimits).probe()
    }

    private static let probeLimits = Limits(
        cpuTimeMax: .seconds(10), memoryBytesMax: 1 << 30, fileBytesMax: 1 << 20)

    private func probe() async throws(ProgramsError) {
        var bare = Sandbox(limits: Self.probeLimits, directory: "/")
        bare.bubblewrap = bubblewrap
        let program = Program(Self.probeName, timeMax: .seconds(30), sandbox: bare)
        do throws(ProgramsError) {
            let result = try await program.run([])
            guard result.status == 0 else {
                throw .notRun(Self.probeName, reason: "status \(result.status)")
            }
        } catch {
            guard case .notRun(_, let reason) = error else { throw error }
            throw .sandboxUnavailable(reason: "\(reason); \(Self.remedy)")
        }
    }

    private static let remedy =
        "needed are bubblewrap 0.8 or later and either unprivileged user namespaces"
        + " (user.max_user_namespaces above 0; where they exist, kernel.unprivileged_userns_clone=1"
        + " and kernel.apparmor_restrict_unprivileged_userns=0; a container's seccomp profile must"
        + " permit them) or root with CAP_SYS_ADMIN"
}

// SPDX-License-Identifier: Apache-2.0
import Events
import FoundationEssentials
import Programs

/// The programs that work on one image, each in a sandbox that shows it that image and little
/// else, all of them together in bounded time.
struct GuestPrograms {
    let config: ModifierConfig
    let room: WorkRoom
    let end: ContinuousClock.Instant
    /// Whether ``end`` is the event's time rather than what an image may take.
    let endsWithEvent: Bool

    /// Where things are inside.
    private static let appliancePath = "/appliance"
    private static let planPath = "/plan"
    private static let scratchPath = "/scratch"
    private static let resolverPath = "/etc/resolv.conf"
    static let diskPath = "/disk/image"
    private static let resultPath = "/result/image"

    /// QEMU maps the machine's memory and, for what it translates, up to as much again.
    private static let emulatorBytes = 6 << 30
    private static let toolBytesMax = 4 << 30
    private static let processesMax = 128
    private static let openFilesMax = 1_024
    /// qcow2's tables take less than a hundredth of the disk, at least 64 MiB are free for all.
    private static let overheadBytes = 1 << 30
    /// The script's exit code for a fault of the image's or of a modification.
    private static let faultCode = 3

    // MARK: - qemu-img

    /// Copies the image, without what it does not need, into the room.
    func copy(_ source: String, _ format: ImageRequest.Format) async throws {
        do {
            try await image(
                [
                    "convert", "-f", format.rawValue, "-O", format.rawValue, "/source",
                    Self.diskPath,
                ],
                reading: [Sandbox.Bind(host: source, inside: "/source")])
        } catch ModifierError.program(let name, let reason)
            where !Self.machineReasons.contains(where: reason.contains)
        {
            throw Refusal(
                "image-unsafe", "the image cannot be read to its end: \(name): \(reason)",
                ["format": format.rawValue])
        }
    }

    /// What says that this machine, not the image, is to blame.
    private static let machineReasons = [
        "No space left", "Permission denied", "Input/output error", "Disk quota exceeded",
        "Cannot allocate memory",
    ]

    func resize(_ format: ImageRequest.Format, to size: Int) async throws {
        try await image(["resize", "-q", "-f", format.rawValue, Self.diskPath, "\(size)"])
    }

    func convert(_ format: ImageRequest.Format, into form: Modification.Convert) async throws {
        try await image(
            ["convert", "-f", format.rawValue, "-O", form.format.rawValue]
                + (form.compress == true ? ["-c"] : []) + [Self.diskPath, Self.resultPath])
    }

    private func image(_ arguments: [String], reading: [Sandbox.Bind] = []) async throws {
        var sandbox = Sandbox(
            readOnly: reading,
            writable: [
                Sandbox.Bind(host: room.disk, inside: "/disk"),
                Sandbox.Bind(host: room.result, inside: "/result"),
            ], limits: limits(memoryBytesMax: Self.toolBytesMax))
        sandbox.directory = "/"
        let result = try await run("qemu-img", arguments, in: sandbox)
        guard result.status == 0 else {
            throw ModifierError.program("qemu-img \(arguments[0])", reason: Self.said(result))
        }
    }

    // MARK: - libguestfs

    /// What the script says at its end.
    private struct ScriptResult: Decodable {
        var failure: String?
        var number: Int?
        var output: String?
    }

    /// Applies the modifications, in one start of the appliance at `appliance`.
    ///
    /// - Parameter uploads: paths of the store's blobs for modifications that need files, by their
    ///   number.
    func apply(
        _ steps: [ModificationPlan.Step], uploads: [Int: String],
        _ format: ImageRequest.Format, appliance: String
    ) async throws {
        let plan = try ScriptPlan(
            steps, uploads: uploads, format: format, config: config, room: room)
        var sandbox = guestSandbox(appliance)
        sandbox.readOnly += plan.binds
        let result = try await run(
            "/usr/bin/python3", ["-I", "-B", "\(Self.planPath)/modify.py", plan.path],
            in: sandbox)
        if result.status == 0 { return }
        try checkLimits(result, "the modifications")
        guard result.status == Self.faultCode,
            let line = result.output.split(separator: UInt8(ascii: "\n")).last,
            let said = try? JSONDecoder().decode(ScriptResult.self, from: Data(line))
        else { throw ModifierError.appliance(reason: Self.said(result)) }
        let step = steps.first { $0.number == said.number }
        throw Self.failed(step, said.failure ?? "it failed", output: said.output ?? "")
    }

    /// Runs virt-sysprep, without the operations whose results differ each time.
    func sysprep(
        _ step: ModificationPlan.Step, _ operations: [String]?, _ format: ImageRequest.Format,
        appliance: String
    ) async throws {
        let names =
            operations?.joined(separator: ",") ?? "defaults,-customize,-lvm-uuids,-script"
        let result = try await run(
            "virt-sysprep",
            [
                "--quiet", "--no-network", "--format", format.rawValue, "-a", Self.diskPath,
                "--operations", names,
            ], in: guestSandbox(appliance))
        if result.status == 0 { return }
        try checkLimits(result, "virt-sysprep")
        guard !result.errorText.contains("guestfs_launch failed") else {
            throw ModifierError.appliance(reason: Self.said(result))
        }
        throw Self.failed(step, "virt-sysprep failed", output: result.errorText)
    }

    private func guestSandbox(_ appliance: String) -> Sandbox {
        var sandbox = Sandbox(
            readOnly: [
                Sandbox.Bind(host: appliance, inside: Self.appliancePath),
                Sandbox.Bind(host: room.plan, inside: Self.planPath),
            ],
            writable: [
                Sandbox.Bind(host: room.disk, inside: "/disk"),
                Sandbox.Bind(host: room.scratch, inside: Self.scratchPath),
            ], limits: limits(memoryBytesMax: 2 * config.memory + Self.emulatorBytes))
        sandbox.directory = "/"
        if config.usesKVM { sandbox.devices = ["/dev/kvm"] }
        if config.usesNetwork {
            sandbox.sharesNetwork = true
            sandbox.readOnly.append(
                Sandbox.Bind(host: Self.resolverPath, inside: Self.resolverPath))
        }
        return sandbox
    }

    private var environment: [String: String] {
        var environment = [
            "LIBGUESTFS_PATH": Self.appliancePath, "LIBGUESTFS_BACKEND": "direct",
            "LIBGUESTFS_MEMSIZE": "\(config.memory >> 20)",
            "LIBGUESTFS_CACHEDIR": Self.scratchPath, "TMPDIR": Self.scratchPath,
            "XDG_RUNTIME_DIR": Self.scratchPath,
        ]
        if !config.usesKVM { environment["LIBGUESTFS_BACKEND_SETTINGS"] = "force_tcg" }
        return environment
    }

    // MARK: - What they share

    private func limits(memoryBytesMax: Int) -> Sandbox.Limits {
        let (overhead, overflow) = config.diskSizeMax.addingReportingOverflow(
            config.diskSizeMax / 64 + Self.overheadBytes)
        return Sandbox.Limits(
            // Some threads' time together; real time is what bounds.
            cpuTimeMax: config.timeMax * 4, memoryBytesMax: memoryBytesMax,
            fileBytesMax: overflow ? .max : overhead, openFilesMax: Self.openFilesMax,
            processesMax: Self.processesMax)
    }

    private func run(
        _ name: String, _ arguments: [String], in sandbox: Sandbox
    ) async throws -> Program.Result {
        let left = end - .now
        guard left > .zero else { throw timeIsOver }
        let program = Program(name, environment: environment, timeMax: left, sandbox: sandbox)
        do throws(ProgramsError) {
            return try await program.run(arguments)
        } catch {
            if case .timedOut = error { throw timeIsOver }
            throw ModifierError.naming(error)
        }
    }

    private var timeIsOver: any Error {
        guard !endsWithEvent else { return ModifierError.outOfTime }
        return Refusal(
            "modification-failed",
            "the modifications did not end within \(config.timeMax) (modifier.time-max)",
            ["limit": "time"])
    }

    /// What the guest, or what it is asked to do, has used up.
    private func checkLimits(_ result: Program.Result, _ name: String) throws(Refusal) {
        let limit: String
        switch result.ending {
        case .cpuTimeExceeded: limit = "processor time"
        case .fileTooLarge: limit = "size of a file (modifier.disk-size-max)"
        default: return
        }
        throw Refusal(
            "modification-failed", "\(name) exceeded the limit of \(limit)", ["limit": limit])
    }

    private static func failed(
        _ step: ModificationPlan.Step?, _ reason: String, output: String
    ) -> Refusal {
        let last = lastLines(of: output)
        var evidence: [String: String] = [:]
        var name = "the modifications"
        if let step {
            let operation = step.modification.operation
            name = "modification \(step.number) (\(operation))"
            evidence = ["step": "\(step.number)", "operation": operation]
        }
        if !last.isEmpty { evidence["output"] = last }
        return Refusal(
            "modification-failed", "\(name) failed: \(Program.cleaned(reason))", evidence)
    }

    /// The end of what a program said, on one line.
    private static func lastLines(of text: String) -> String {
        let lines = text.split(whereSeparator: \.isNewline).suffix(10)
        return Program.cleaned(String(lines.joined(separator: " | ").suffix(900)))
    }

    private static func said(_ result: Program.Result) -> String {
        "status \(result.status): \(lastLines(of: result.errorText))"
    }
}

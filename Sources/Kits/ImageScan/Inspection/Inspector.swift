// SPDX-License-Identifier: Apache-2.0
internal import FoundationEssentials
internal import Programs

/// One run of the inspection's script in its sandbox.
struct Inspector: Sendable {
    private let inspection: Inspection

    /// Where things are inside the sandbox.
    private static let scriptPath = "/inspector"
    private static let pythonPath = "/python"
    private static let appliancePath = "/appliance"
    static let clamdPath = "/clamd.socket"

    /// Bound of what one file in the sandbox may hold: libguestfs' overlay of the image.
    private static let fileBytesMax = 1 << 30
    private static let processesMax = 64
    /// The script's exit codes, of sysexits.h.
    private static let unreadableCode = 65
    private static let unavailableCode = 69

    init(_ inspection: Inspection) {
        self.inspection = inspection
    }

    /// What the script wrote.
    func run(
        _ request: InspectorRequest, imagePath: String?
    ) async throws(InspectionError) -> [UInt8] {
        do {
            let files = try PrivateDirectory(forSandbox: true)
            try files.write(Self.encoded(request), to: "query.json")
            for (name, text) in Self.modules { try files.write(text, to: "\(name).py") }
            let (program, python) = self.program(files, showsFiles: request.clamd != nil)
            let arguments = ["-I", "-B", "-c", Self.start]
            let outputBytesMax = inspection.limits.outputBytesMax
            let result =
                if let imagePath {
                    try await program.run(
                        arguments, inputFile: imagePath, outputBytesMax: outputBytesMax)
                } else {
                    try await program.run(arguments, outputBytesMax: outputBytesMax)
                }
            withExtendedLifetime(files) {}
            return try Self.output(of: result, python: python)
        } catch let error as InspectionError {
            throw error
        } catch let error as ProgramsError {
            throw Self.error(error)
        } catch {
            throw .unavailable("\(error)")
        }
    }

    private static let start =
        "import sys; sys.path.insert(0, '\(scriptPath)'); import inspector;"
        + " inspector.main('\(scriptPath)/query.json')"

    private static let modules: [(String, [UInt8])] = [
        ("collecting", PackageResources.collecting_py),
        ("dissect_ext", PackageResources.dissect_ext_py),
        ("dissect_file_systems", PackageResources.dissect_file_systems_py),
        ("dissect_modules", PackageResources.dissect_modules_py),
        ("dissect_reader", PackageResources.dissect_reader_py),
        ("file_system", PackageResources.file_system_py),
        ("guest", PackageResources.guest_py),
        ("guestfs_reader", PackageResources.guestfs_reader_py),
        ("image_header", PackageResources.image_header_py),
        ("inspector", PackageResources.inspector_py),
        ("malware", PackageResources.malware_py),
        ("packages", PackageResources.packages_py),
        ("results", PackageResources.results_py),
        ("rpm_database", PackageResources.rpm_database_py),
        ("volumes", PackageResources.volumes_py),
    ]

    private static func encoded(_ request: InspectorRequest) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(request))
    }

    /// The interpreter in its sandbox, and its path on the host.
    private func program(
        _ files: PrivateDirectory, showsFiles: Bool
    ) -> (Program, String) {
        var binds = [Sandbox.Bind(host: files.path, inside: Self.scriptPath)]
        var environment: [String: String] = [:]
        var devices: [String] = []
        var name: String
        let host: String
        switch inspection.backend {
        case .dissect(let python):
            (name, host) = (python, python)
            if let folder = Self.virtualEnvironment(of: python) {
                binds.append(Sandbox.Bind(host: folder, inside: Self.pythonPath))
                name = Self.pythonPath + python.dropFirst(folder.count)
            }
        case .libguestfs(let appliance, let usesKVM):
            (name, host) = ("/usr/bin/python3", "/usr/bin/python3")
            binds.append(Sandbox.Bind(host: appliance, inside: Self.appliancePath))
            environment["LIBGUESTFS_PATH"] = Self.appliancePath
            environment["LIBGUESTFS_BACKEND"] = "direct"
            if usesKVM {
                devices = ["/dev/kvm"]
            } else {
                environment["LIBGUESTFS_BACKEND_SETTINGS"] = "force_tcg"
            }
        }
        if showsFiles, let clamd = inspection.clamd {
            binds.append(Sandbox.Bind(host: clamd, inside: Self.clamdPath))
        }
        let limits = Sandbox.Limits(
            cpuTimeMax: inspection.limits.cpuTimeMax,
            memoryBytesMax: inspection.limits.memoryBytesMax, fileBytesMax: Self.fileBytesMax,
            processesMax: Self.processesMax)
        var sandbox = Sandbox(readOnly: binds, limits: limits)
        sandbox.devices = devices
        let program = Program(
            name, environment: environment, timeMax: inspection.limits.timeMax, sandbox: sandbox)
        return (program, host)
    }

    /// The folder of the virtual environment that an interpreter belongs to. Outside of one, the
    /// modules are the system's.
    private static func virtualEnvironment(of python: String) -> String? {
        let parts = python.split(separator: "/", omittingEmptySubsequences: false)
        guard python.hasPrefix("/"), parts.count > 2, parts[parts.count - 2] == "bin" else {
            return nil
        }
        let folder = parts.dropLast(2).joined(separator: "/")
        return FileManager.default.fileExists(atPath: folder + "/pyvenv.cfg") ? folder : nil
    }

    private static func output(
        of result: Program.Result, python: String
    ) throws(InspectionError) -> [UInt8] {
        let text = Program.cleaned(result.errorText)
        switch (result.status, result.ending) {
        case (0, _): return result.output
        case (unreadableCode, _): throw .unreadable(text)
        case (unavailableCode, _): throw .unavailable(text)
        case (_, .signalled(let signal)):
            throw .unreadable("the inspector was ended by signal \(signal)")
        case (_, .cpuTimeExceeded): throw .unreadable("the processor time is not enough")
        case (_, .fileTooLarge): throw .unreadable("a file of the inspector's became too large")
        case (_, .outOfMemory): throw .unreadable("the memory is not enough")
        // The script itself never ends so: it has not begun.
        case (let status, _):
            throw .unavailable("\(python) ended with status \(status): \(text)")
        }
    }

    private static func error(_ error: ProgramsError) -> InspectionError {
        switch error {
        case .timedOut(_, let max): .unreadable("no end within \(max)")
        case .outputExceeded(_, let max): .unreadable("facts of more than \(max) bytes")
        case .missing, .notRun, .sandboxUnavailable, .system: .unavailable("\(error)")
        }
    }
}

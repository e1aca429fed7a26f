// SPDX-License-Identifier: Apache-2.0
import Events
import FoundationEssentials
import Programs

/// What our script is told: the modifications as JSON and as files. Contents, scripts and hashes
/// travel in files that nobody else can read, never as arguments.
struct ScriptPlan {
    /// Of the plan, as seen inside the sandbox.
    let path: String
    /// The files that the plan names, beside those in the room's plan directory.
    let binds: [Sandbox.Bind]

    private static let inside = "/plan"

    private static let script: [(String, [UInt8])] = [
        ("accounts", PackageResources.accounts_py), ("growth", PackageResources.growth_py),
        ("guest", PackageResources.guest_py), ("modify", PackageResources.modify_py),
        ("packages", PackageResources.packages_py), ("steps", PackageResources.steps_py),
    ]

    /// Writes the script, the plan and the contents of files into the room. Blocks.
    ///
    /// - Parameter uploads: paths of the host for modifications that need files, by their number.
    init(
        _ steps: [ModificationPlan.Step], uploads: [Int: String],
        format: ImageRequest.Format, config: ModifierConfig, room: WorkRoom
    ) throws {
        for (name, text) in Self.script { try room.write(text, toPlan: "\(name).py") }
        var binds: [Sandbox.Bind] = []
        var list: [JSONValue] = []
        for step in steps {
            guard case .object(var members) = try EventCoding.value(of: step.modification) else {
                continue
            }
            members["number"] = .integer(Int64(step.number))
            if case .write(let write) = step.modification {
                try room.write(Array(write.content.utf8), toPlan: "content-\(step.number)")
                members["file"] = .string("\(Self.inside)/content-\(step.number)")
            } else if let host = uploads[step.number] {
                // No folder of the host's is shown with it.
                let inside = "/uploads/\(step.number)"
                binds.append(Sandbox.Bind(host: host, inside: inside))
                members["file"] = .string(inside)
            }
            list.append(.object(members))
        }
        let plan = JSONValue.object([
            "disk": .string(GuestPrograms.diskPath), "format": .string(format.rawValue),
            "uses_kvm": .boolean(config.usesKVM), "uses_network": .boolean(config.usesNetwork),
            "memory_mebibytes": .integer(Int64(config.memory >> 20)), "steps": .array(list),
        ])
        try room.write(Array(try JSONEncoder().encode(plan)), toPlan: "plan.json")
        path = "\(Self.inside)/plan.json"
        self.binds = binds
    }
}

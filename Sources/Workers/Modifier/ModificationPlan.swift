// SPDX-License-Identifier: Apache-2.0
import Events

/// A request's modifications in as few runs of programs as their order allows: starting the
/// virtual machine takes longer than most of them.
struct ModificationPlan: Sendable, Hashable {
    /// What one program does in one go.
    enum Run: Sendable, Hashable {
        /// Our script over libguestfs.
        case script([Step])
        /// virt-sysprep, with its default operations when nil.
        case sysprep(Step, operations: [String]?)
    }

    struct Step: Sendable, Hashable {
        /// Of the modification in the request, from 1.
        var number: Int
        var modification: Modification
    }

    private(set) var runs: [Run] = []
    /// The disk's new size, given to it before anything else.
    private(set) var resize: (step: Step, size: Int)?
    /// The form that the finished disk gets.
    private(set) var convert: (step: Step, form: Modification.Convert)?

    init(_ modifications: [Modification]) {
        var script: [Step] = []
        for (index, modification) in modifications.enumerated() {
            let step = Step(number: index + 1, modification: modification)
            switch modification {
            case .convert(let form): convert = (step, form)
            case .sysprep(let sysprep):
                if !script.isEmpty { runs.append(.script(script)) }
                script = []
                runs.append(.sysprep(step, operations: sysprep.operations))
            case .resize(let change):
                // The disk grows before the machine starts; its file system in its turn.
                resize = (step, change.size)
                script.append(step)
            default: script.append(step)
            }
        }
        if !script.isEmpty { runs.append(.script(script)) }
    }

    static func == (left: Self, right: Self) -> Bool {
        left.runs == right.runs && left.resize?.size == right.resize?.size
            && left.convert?.form == right.convert?.form
    }

    func hash(into hasher: inout Hasher) { hasher.combine(runs) }
}

// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials

extension ImageRequest {
    /// Most checks that one request may waive.
    public static let waiversMax = 32
    /// Largest number of characters in a waiver's reason.
    public static let waiverReasonLengthMax = 256

    /// Everything that is wrong with ``modifications``, each by itself and all together.
    func modificationProblems() -> [FieldProblem] {
        let all = modifications ?? []
        guard all.count <= Modification.countMax else {
            let reason = "at most \(Modification.countMax) are allowed, found \(all.count)"
            return [FieldProblem(field: "modifications", reason: reason)]
        }
        var problems: [FieldProblem] = []
        var resizes = 0
        for (index, modification) in all.enumerated() {
            let field = "modifications[\(index)]"
            problems += modification.problems(at: field)
            switch modification {
            case .convert where index != all.count - 1:
                let reason = "must be the last modification: nothing is changed after it"
                problems.append(FieldProblem(field: "\(field).convert", reason: reason))
            case .resize:
                resizes += 1
                if resizes == 2 {
                    let reason = "a disk is resized once at most"
                    problems.append(FieldProblem(field: "\(field).resize", reason: reason))
                }
            default: break
            }
        }
        if problems.isEmpty, let bytes = try? EventCoding.encoder.encode(all),
            bytes.count > Modification.bytesMax
        {
            let reason =
                "have \(bytes.count) bytes as JSON; at most \(Modification.bytesMax) are allowed"
                + " (upload larger files)"
            problems.append(FieldProblem(field: "modifications", reason: reason))
        }
        return problems
    }

    /// A modified image is nowhere yet, least of all at its source's URL, where the unmodified one
    /// is: so the request says where sites will find it.
    func modifiedLocationProblems() -> [FieldProblem] {
        guard !(modifications ?? []).isEmpty else { return [] }
        guard let locations = metadata.locations, !locations.isEmpty else {
            let reason =
                "is required with modifications: the modified image is not at the source's URL,"
                + " so say where it will be"
            return [FieldProblem(field: "metadata.locations", reason: reason)]
        }
        return locations.enumerated().filter { $0.element == source.url }.map { index, _ in
            FieldProblem(
                field: "metadata.locations[\(index)]",
                reason: "is where the unmodified image is; the modified one needs another place")
        }
    }

    /// Everything that is wrong with ``waivers``.
    func waiverProblems() -> [FieldProblem] {
        let all = waivers ?? []
        guard all.count <= Self.waiversMax else {
            let reason = "at most \(Self.waiversMax) are allowed, found \(all.count)"
            return [FieldProblem(field: "waivers", reason: reason)]
        }
        var problems: [FieldProblem] = []
        var seen: Set<String> = []
        for (index, waiver) in all.enumerated() {
            let isNew = seen.insert(waiver.check).inserted
            let check =
                isNew ? ModificationRule.check(waiver.check) : "is waived already, further up"
            let reason = RequestRule.text(waiver.reason, 1...Self.waiverReasonLengthMax)
            for (name, problem) in [("check", check), ("reason", reason)] {
                guard let problem else { continue }
                problems.append(
                    FieldProblem(field: "waivers[\(index)].\(name)", reason: problem))
            }
        }
        return problems
    }
}

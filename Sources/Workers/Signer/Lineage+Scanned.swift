// SPDX-License-Identifier: Apache-2.0
import Events

extension Lineage {
    /// What was scanned is what was modified, and the request waives what the scanner let pass.
    func checkScanned() throws(LineageBreach) {
        guard scanned.report.isWellFormed else {
            throw LineageBreach("malformed", "the scanned facts are malformed")
        }
        try same(
            "scanned-blob", "the scanned blob", text(scanned.blob),
            "the modified one", text(modified.blob))
        let asked = request.waivers ?? []
        for waiver in scanned.waived where !asked.contains(waiver) {
            throw LineageBreach(
                "waiver", "the request does not waive the check '\(waiver.check.prefix(64))'",
                evidence: ["check": waiver.check, "reason": waiver.reason])
        }
        let names = scanned.waived.map(\.check)
        guard Set(names).count == names.count else {
            throw LineageBreach("waiver", "a check is waived twice")
        }
    }
}

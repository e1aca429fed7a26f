// SPDX-License-Identifier: Apache-2.0
import Attestation
public import Events

extension Fixture {
    /// A scan's report of an image: one check passed, the waived ones found something, and those
    /// named in `failing` reject the image.
    public static func scanReport(
        of image: [UInt8] = imageBytes, waived: [Waiver] = [], failing: [String] = []
    ) -> [UInt8] {
        func check(_ name: String, _ outcome: String, waiver: String? = nil) -> JSONValue {
            var members: [String: JSONValue] = [
                "name": .string(name), "title": .string(name), "severity": .string("high"),
                "outcome": .string(outcome), "findings": .array([]), "findingCount": .integer(0),
            ]
            if let waiver { members["waiver"] = .string(waiver) }
            return .object(members)
        }
        let checks =
            [check("empty-password", "passed")]
            + waived.map { check($0.check, "waived", waiver: $0.reason) }
            + failing.map { check($0, "failed") }
        let blob = blob(of: image)
        let report: JSONValue = .object([
            "schemaVersion": .integer(1),
            "image": .object([
                "sha256": .string(blob.sha256), "size": .integer(Int64(blob.size)),
                "format": .string("qcow2"),
            ]),
            "time": .string("\(requestTime)"),
            "verdict": .string(failing.isEmpty ? "accepted" : "rejected"),
            "rejectsFrom": .string("high"), "isComplete": .boolean(true), "problems": .array([]),
            "checks": .array(checks), "notes": .array([]),
        ])
        return text(of: report)
    }

    private static func text(of value: JSONValue) -> [UInt8] {
        do {
            return try CanonicalJSON.bytes(of: value)
        } catch {
            preconditionFailure("the sample report does not encode: \(error)")
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
import Events

extension Check {
    static let osRelease = Check(
        "os-release", .high, "The system is unknown or gets no more security updates",
        documentation: Documentation(
            finds: """
                Systems whose os-release file is missing, names a release that the table of \
                releases does not have, or one whose support ended before the image was requested. \
                What counts is support that everybody gets: long-term support of Debian, standard \
                support of Ubuntu.
                """,
            matters: "Holes that become known stay open for ever.",
            mend: """
                Build the image on a supported release. When the release is newer than the table, \
                the operator configures a newer table.
                """,
            waive: """
                When updates come from elsewhere, such as a support contract, or when the system \
                is an appliance whose maker looks after it.
                """),
        needs: OSRelease.paths.map {
            InspectionQuery.Pattern($0, contentBytesMax: OSRelease.bytesMax)
        }
    ) { guest, context in
        guard let system = OSRelease(guest) else {
            return .failed([Finding("no os-release file names the system")])
        }
        let name = "\(system.id) \(system.version ?? "without a version")"
        guard let release = context.releases.release(id: system.id, version: system.version) else {
            return .failed([Finding("\(name) is not in the table of releases")])
        }
        // The day that is named is the last one with support.
        guard let end = release.end, context.time >= end.adding(days: 1) else { return .passed }
        return .failed([Finding("support of \(name) ended on \(end.day)")])
    }
}

extension Timestamp {
    /// The date alone, such as `2026-11-22`.
    var day: String { String(description.prefix(10)) }
}

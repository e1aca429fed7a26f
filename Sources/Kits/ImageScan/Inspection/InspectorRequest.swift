// SPDX-License-Identifier: Apache-2.0

/// What the script is told: the content of its file `query.json`.
struct InspectorRequest: Encodable {
    /// `dissect` or `libguestfs`.
    var reader: String
    var asksVersion = false
    var format = ""
    var paths: [InspectionQuery.Pattern] = []
    /// After that time it stops collecting.
    var secondsMax: Double
    var visitsMax: Int
    var entriesMax: Int
    /// Of all files' content together.
    var contentBytesMax: Int
    /// Path of the socket inside the sandbox.
    var clamd: String?

    /// Asks for versions only.
    init(_ inspection: Inspection) {
        switch inspection.backend {
        case .dissect: reader = "dissect"
        case .libguestfs: reader = "libguestfs"
        }
        asksVersion = true
        let limits = inspection.limits
        secondsMax = limits.timeMax / .seconds(1) * 0.8
        visitsMax = limits.visitsMax
        entriesMax = limits.entriesMax
        // Base64 makes it a third more, and there is the rest.
        contentBytesMax = limits.outputBytesMax / 2
    }

    init(_ inspection: Inspection, format: String, query: InspectionQuery) {
        self.init(inspection)
        asksVersion = false
        self.format = format
        paths = query.paths
        clamd = inspection.clamd.map { _ in Inspector.clamdPath }
    }
}

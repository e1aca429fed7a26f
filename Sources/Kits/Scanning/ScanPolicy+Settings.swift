// SPDX-License-Identifier: Apache-2.0
internal import ImageScan
internal import Pipeline

extension ScanPolicy {
    /// As the settings say; a site's own checks are asked what they are.
    init(_ values: SettingValues) async throws(ConfigurationError) {
        let severityMin = values.string("scanner.severity-min").flatMap(Severity.init)
        do throws(ImageScanError) {
            var custom: [Check] = []
            if let directory = values.string("scanner.checks-directory") {
                custom = try await CustomCheck.checks(in: directory)
            }
            try self.init(
                custom: custom,
                disabled: values.list("scanner.disabled-checks"),
                severities: values.list("scanner.severities"),
                rejectsFrom: severityMin ?? .low,
                neverWaived: values.list("scanner.never-waived"))
        } catch {
            throw values.problem(Self.key(of: error, values), "\(error)")
        }
    }

    /// The setting that an error is about.
    private static func key(of error: ImageScanError, _ values: SettingValues) -> String {
        switch error {
        case .unknownSeverity: "scanner.severities"
        case .customCheck, .unreadable, .malformed: "scanner.checks-directory"
        case .unknownCheck(let name, _), .mandatoryCheck(let name):
            ["scanner.disabled-checks", "scanner.never-waived"].first {
                values.list($0).contains(name)
            } ?? "scanner.severities"
        }
    }
}

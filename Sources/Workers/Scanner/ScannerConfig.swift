// SPDX-License-Identifier: Apache-2.0
import Pipeline
import Scanning

/// What the scanner can be told.
struct ScannerConfig: WorkerConfiguration {
    /// What ``ScanSettings`` are about is read when the scanner starts, as it takes time.
    let values: SettingValues
    /// Compute all digests from the stored bytes instead of believing the event.
    let recomputes: Bool

    static let settings = ScanSettings.all

    init(_ values: SettingValues) throws(ConfigurationError) {
        self.values = values
        recomputes = values.flag(ScanSettings.recompute.key)
    }
}

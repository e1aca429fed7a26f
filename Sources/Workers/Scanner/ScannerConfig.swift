// SPDX-License-Identifier: Apache-2.0
import Pipeline

/// What the scanner can be told.
struct ScannerConfig: WorkerConfiguration {
    static let settings: [Setting] = []

    init(_ values: SettingValues) throws(ConfigurationError) {}
}

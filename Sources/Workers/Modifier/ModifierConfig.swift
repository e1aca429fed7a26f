// SPDX-License-Identifier: Apache-2.0
import Pipeline

/// What the modifier can be told.
struct ModifierConfig: WorkerConfiguration {
    static let settings: [Setting] = []

    init(_ values: SettingValues) throws(ConfigurationError) {}
}

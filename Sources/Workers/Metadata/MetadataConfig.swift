// SPDX-License-Identifier: Apache-2.0
import Pipeline

/// The metadata stage has no settings of its own: all it writes comes from the event.
struct MetadataConfig: WorkerConfiguration {
    static let settings: [Setting] = []

    init(_ values: SettingValues) throws(ConfigurationError) {}
}

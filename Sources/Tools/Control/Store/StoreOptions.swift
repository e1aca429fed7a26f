// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import BlobStore
import FoundationEssentials
import Pipeline

/// Where the artifact store is.
struct StoreOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Directory of the artifact store; also IMPRIMATUR_STORE_PATH, or store.path in the "
                + "file given with --config.", valueName: "directory"))
    var storePath: String?

    /// The store's directory, where one is configured.
    func path(config: String?) throws(ConfigurationError) -> String? {
        var setting = CommonSettings.store
        setting.isRequired = false
        let flags = storePath.map { [setting.key: $0] } ?? [:]
        return try SettingSources(flags: flags, file: config).load([setting]).string(setting.key)
    }

    /// Opens the store; unlike a worker, never makes a new one.
    func open(config: String?) throws -> BlobStore {
        guard let path = try path(config: config) else {
            throw CommandFailure(
                .usage,
                "which store? Give --store-path, IMPRIMATUR_STORE_PATH, or store.path in a file "
                    + "(--config)")
        }
        guard FileManager.default.fileExists(atPath: path) else {
            throw CommandFailure(.unavailable, "there is no store in '\(path)'")
        }
        return try BlobStore(directory: path)
    }
}

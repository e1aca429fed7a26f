// SPDX-License-Identifier: Apache-2.0
import Events
import Signatures

/// The keys that may sign checksum files from some source.
struct TrustedKeys: Sendable, Hashable {
    var keyrings: [OpenPGPKeyring] = []
    var minisign: [MinisignPublicKey] = []

    var isEmpty: Bool { keyrings.isEmpty && minisign.isEmpty }
}

/// Which key files are trusted for which sources.
///
/// The files are read for each event anew: a key is added or revoked without a restart.
struct KeyringSettings: Sendable, Hashable {
    struct Entry: Sendable, Hashable {
        var source: SourcePattern
        var path: String

        /// `SOURCE=PATH`; nil for anything else.
        init?(_ text: String) {
            let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2, let source = SourcePattern(parts[0]) else { return nil }
            self.source = source
            path = parts[1]
        }
    }

    var entries: [Entry] = []

    /// All keys of the entries that speak of `url`. Blocks.
    func keys(for url: String) throws(SignaturesError) -> TrustedKeys {
        var keys = TrustedKeys()
        for entry in entries where entry.source.matches(url) {
            switch try PublicKeyFile(path: entry.path) {
            case .openPGP(let keyring): keys.keyrings.append(keyring)
            case .minisign(let key): keys.minisign.append(key)
            }
        }
        return keys
    }
}

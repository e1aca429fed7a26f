// SPDX-License-Identifier: Apache-2.0
public import Events
public import Signatures

/// The public keys of the stages: whose word counts for what.
public struct AttestationKeys: Sendable {
    private let keys: [Stage: [Ed25519PublicKey]]

    /// More than a change of keys needs; each costs a check.
    private static let keyMax = 16

    /// Reads `<stage>.pub` of each stage that attests.
    ///
    /// - Throws: ``AttestationError/key(path:_:)``, or ``AttestationError/sharedKey(_:_:)`` when
    ///   one worker could speak for another.
    public init(directory: String) throws(AttestationError) {
        var keys: [Stage: [Ed25519PublicKey]] = [:]
        var owners: [Ed25519PublicKey: String] = [:]
        for stage in AttestedWay.allStages {
            let path = "\(directory)/\(stage.rawValue).pub"
            let found: [Ed25519PublicKey]
            do throws(SignaturesError) {
                found = try Ed25519PublicKey.read(pemPath: path)
                guard found.count <= Self.keyMax else {
                    throw .unsupportedKey("more than \(Self.keyMax) keys")
                }
            } catch {
                throw .key(path: path, error)
            }
            for key in found {
                if let owner = owners[key], owner != path { throw .sharedKey(owner, path) }
                owners[key] = path
            }
            keys[stage] = found
        }
        self.keys = keys
    }

    /// The keys that speak for a stage, old and new.
    public subscript(stage: Stage) -> [Ed25519PublicKey] { keys[stage] ?? [] }
}

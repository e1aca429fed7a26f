// SPDX-License-Identifier: Apache-2.0

/// What ``BlobStore/verify(quarantine:progress:)`` found.
public struct StoreVerification: Sendable, Hashable {
    /// Entries looked at.
    public var blobs = 0
    /// Bytes read.
    public var bytes = 0
    /// Everything that is not as it should be, in the order of the names.
    public var findings: [Finding] = []

    public init() {}

    public struct Finding: Sendable, Hashable {
        public var path: String
        public var fault: Fault

        public init(path: String, fault: Fault) {
            self.path = path
            self.fault = fault
        }
    }

    public enum Fault: Sendable, Hashable {
        /// The bytes have another SHA-256 than the name says.
        case damaged(found: String)
        /// The bytes cannot be read; why.
        case unreadable(String)
        /// Not a blob's name, or in the wrong directory.
        case foreign
    }

    /// How far a verification is.
    public struct Progress: Sendable, Hashable {
        public var blobs: Int
        public var blobsTotal: Int
        public var bytes: Int
    }
}

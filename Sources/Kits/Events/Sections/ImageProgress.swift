// SPDX-License-Identifier: Apache-2.0

/// How far a long job is: the section `progress` of `image.progress`. Lost ones do no harm.
public struct Progress: Section {
    public static let key = "progress"

    public var stage: Stage
    /// What is happening, such as `download`.
    public var activity: String
    /// Bytes done.
    public var bytes: Int
    /// Bytes to do, when known.
    public var bytesTotal: Int?

    public init(stage: Stage, activity: String, bytes: Int, bytesTotal: Int? = nil) {
        self.stage = stage
        self.activity = activity
        self.bytes = bytes
        self.bytesTotal = bytesTotal
    }
}

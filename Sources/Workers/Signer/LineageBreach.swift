// SPDX-License-Identifier: Apache-2.0
import Events
import Pipeline

/// The image could not be read within the event's time. Another attempt may find a faster disk.
struct OutOfTime: Error, Disposed, CustomStringConvertible {
    var disposition: Disposition { .transient }
    var description: String { "the image could not be checked before the deadline" }
}

/// A place where an image's lineage is broken.
struct LineageBreach: Error, Equatable {
    let rule: String
    let message: String
    let evidence: [String: String]

    /// - Parameter rule: without the prefix `lineage-`.
    init(_ rule: String, _ message: String, evidence: [String: String] = [:]) {
        self.rule = "lineage-" + rule
        self.message = message
        self.evidence = evidence.mapValues { String($0.prefix(256)) }
    }

    var rejection: Rejection {
        Rejection(
            stage: .signer, rule: rule, message: "not signed: \(message)", evidence: evidence)
    }
}

// SPDX-License-Identifier: Apache-2.0
import Foundation

/// The path of an executable product, such as `imprimatur-fetcher`, that was built beside the
/// running tests.
public func builtProduct(_ name: String) throws -> String {
    let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    let path = URL(fileURLWithPath: tests).deletingLastPathComponent().appending(path: name).path
    guard FileManager.default.isExecutableFile(atPath: path) else {
        throw NeverHappened(description: "\(path) is not built; run swift build first")
    }
    return path
}

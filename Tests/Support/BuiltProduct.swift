// SPDX-License-Identifier: Apache-2.0
import Foundation

/// The path of an executable that was built beside the running tests.
///
/// - Parameter names: of the product, such as `imprimatur-fetcher`; also of its target where a test
///   takes either. The first that is there.
public func builtProduct(_ names: String...) throws -> String {
    let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    let folder = URL(fileURLWithPath: tests).deletingLastPathComponent()
    for name in names {
        let path = folder.appending(path: name).path
        if FileManager.default.isExecutableFile(atPath: path) { return path }
    }
    throw NeverHappened(
        description:
            "no \(names.joined(separator: " or ")) in \(folder.path); run swift build first")
}

// SPDX-License-Identifier: Apache-2.0
import Foundation
import ImageFile

/// The report on a file, read as the pipeline reads it.
func report(onFile path: String, limits: ImageLimits = .standard) throws -> ImageReport {
    let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
    defer { try? handle.close() }
    return try ImageProbe.report(
        on: try FileBytes(descriptor: handle.fileDescriptor), limits: limits)
}

// SPDX-License-Identifier: Apache-2.0
internal import Glibc
public import ImageFile
internal import Threads

/// An uncompressed image file whose structure we have looked at ourselves, before any other
/// program opens it.
public struct ProbedImage: Sendable {
    public let path: String
    public let report: ImageReport

    /// Looks at the file's bytes, with bounded effort. Runs on a thread of its own.
    ///
    /// - Throws: `ImageFileError` when they cannot be read; what is wrong with them is in
    ///   ``report``.
    public init(path: String, limits: ImageLimits) async throws(ImageFileError) {
        self.path = path
        report = try await OwnThread.run { () throws(ImageFileError) -> ImageReport in
            let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
            guard file >= 0 else { throw ImageFileError.unreadable(code: errno) }
            defer { close(file) }
            return try ImageProbe.report(on: try FileBytes(descriptor: file), limits: limits)
        }
    }
}

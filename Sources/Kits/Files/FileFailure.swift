// SPDX-License-Identifier: Apache-2.0

/// An error that a failed file operation can become.
///
/// Each kit and worker has one error type and says itself what of it passes by waiting. So the
/// functions of this kit throw the error of whoever calls them, which the compiler checks.
public protocol FileFailure: Error {
    /// - Parameters:
    ///   - operation: what was tried, such as `renaming`.
    ///   - code: the `errno` it failed with.
    init(operation: String, path: String, code: Int32)
}

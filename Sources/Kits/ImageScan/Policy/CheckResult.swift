// SPDX-License-Identifier: Apache-2.0

/// What a check says of one image.
public enum CheckResult: Sendable, Hashable {
    case passed
    /// It found something; never empty.
    case failed([Finding])
    /// There is nothing in this image that it could judge.
    case notApplicable(reason: String)

    /// Failed with these findings, or passed when there are none.
    public init(_ findings: [Finding]) {
        self = findings.isEmpty ? .passed : .failed(findings)
    }
}

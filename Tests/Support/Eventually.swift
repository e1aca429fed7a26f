// SPDX-License-Identifier: Apache-2.0

/// What ``eventually(timeout:_:condition:sourceLocation:)`` throws.
public struct NeverHappened: Error, CustomStringConvertible {
    public let description: String

    public init(description: String) { self.description = description }
}

/// Polls `condition` until it is true.
///
/// - Throws: ``NeverHappened`` after `timeout`, or what the condition throws.
public func eventually(
    timeout: Duration = .seconds(10), _ what: String = "the condition",
    file: StaticString = #fileID, line: UInt = #line,
    condition: () async throws -> Bool
) async throws {
    let end = ContinuousClock.now + timeout
    while try await !condition() {
        guard ContinuousClock.now < end else {
            throw NeverHappened(description: "\(file):\(line): \(what) not within \(timeout)")
        }
        try await Task.sleep(for: .milliseconds(10))
    }
}

/// Polls `value` until it is there.
public func eventually<Value>(
    timeout: Duration = .seconds(10), _ what: String = "the value",
    file: StaticString = #fileID, line: UInt = #line,
    value: () async throws -> Value?
) async throws -> Value {
    var found: Value?
    try await eventually(timeout: timeout, what, file: file, line: line) {
        found = try await value()
        return found != nil
    }
    guard let found else {
        throw NeverHappened(description: "\(file):\(line): \(what) came and went")
    }
    return found
}

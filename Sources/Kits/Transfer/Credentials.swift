// SPDX-License-Identifier: Apache-2.0

/// A user name and a password. Neither is ever printed.
public struct Credentials: Sendable, Hashable {
    let user: String
    let password: String

    /// - Throws: ``TransferError/invalidRequest(field:reason:)`` when either holds a control
    ///   character, or the user name a colon (RFC 7617 section 2).
    public init(user: String, password: String) throws(TransferError) {
        guard !Self.hasControl(user), !user.utf8.contains(UInt8(ascii: ":")) else {
            throw .invalidRequest(field: "user", reason: "has a control character or a colon")
        }
        guard !Self.hasControl(password) else {
            throw .invalidRequest(field: "password", reason: "has a control character")
        }
        self.user = user
        self.password = password
    }

    private static func hasControl(_ text: String) -> Bool {
        text.utf8.contains { $0 < 0x20 || $0 == 0x7f }
    }
}

extension Credentials: CustomStringConvertible, CustomReflectable {
    public var description: String { "Credentials(hidden)" }
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

// SPDX-License-Identifier: Apache-2.0
internal import FoundationEssentials

/// The rules of password hashes and SSH keys that a request puts into an image. What they return
/// never repeats the value.
enum CredentialRule {
    /// A hash as crypt(5) writes it, by a method that is not broken: yescrypt, gost-yescrypt,
    /// scrypt, bcrypt, SHA-512 or SHA-256.
    static func hash(_ hash: String) -> String? {
        let parts = hash.utf8.split(
            separator: UInt8(ascii: "$"), omittingEmptySubsequences: false
        ).map { String($0) ?? "" }
        let isWhole = parts.count >= 3 && parts[0].isEmpty && hash.utf8.count <= hashBytesMax
        guard isWhole, isHash(method: parts[1], Array(parts.dropFirst(2))) else {
            return "must be a crypt(5) hash of the methods $y$, $gy$, $7$, $2b$, $6$ or $5$,"
                + " as mkpasswd writes it"
        }
        return nil
    }

    private static let hashBytesMax = 256

    private static func isHash(method: String, _ parts: [String]) -> Bool {
        switch (method, parts.count) {
        case ("y", 3), ("gy", 3):
            return isText(parts[0], 1...16) && isText(parts[1], 1...86) && isText(parts[2], 43...43)
        case ("7", 2): return isText(parts[0], 11...97) && isText(parts[1], 43...43)
        case ("2a", 2), ("2b", 2), ("2y", 2):
            return isNumber(parts[0], 2...2) && isText(parts[1], 53...53)
        case ("6", 2...3), ("5", 2...3):
            let digits = method == "6" ? 86 : 43
            let hasRounds = parts.count == 2 || isRounds(parts[0])
            return hasRounds && isText(parts[parts.count - 2], 1...16)
                && isText(parts[parts.count - 1], digits...digits)
        default: return false
        }
    }

    private static func isRounds(_ text: String) -> Bool {
        guard text.hasPrefix("rounds=") else { return false }
        return isNumber(String(text.dropFirst("rounds=".count)), 4...9)
    }

    private static func isNumber(_ text: String, _ lengths: ClosedRange<Int>) -> Bool {
        lengths.contains(text.utf8.count) && text.utf8.allSatisfy(ModificationRule.isDigit)
    }

    /// The digits that crypt(5) writes numbers with.
    private static func isText(_ text: String, _ lengths: ClosedRange<Int>) -> Bool {
        lengths.contains(text.utf8.count)
            && text.utf8.allSatisfy {
                ModificationRule.isAlphanumeric($0) || "./".utf8.contains($0)
            }
    }

    /// Types of keys that OpenSSH 9 accepts (ssh-dss is gone).
    static let keyTypes = [
        "ssh-ed25519", "ssh-rsa", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384",
        "ecdsa-sha2-nistp521", "sk-ssh-ed25519@openssh.com",
        "sk-ecdsa-sha2-nistp256@openssh.com",
    ]

    /// A line of authorized_keys without options (sshd(8)): type, key, and maybe a comment.
    static func sshKey(_ line: String) -> String? {
        guard line.utf8.count <= ModificationRule.keyBytesMax,
            line.unicodeScalars.allSatisfy({ !isControl($0) })
        else {
            return "must be one line of at most \(ModificationRule.keyBytesMax) bytes without"
                + " control characters"
        }
        let parts = line.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
        guard let type = parts.first.map(String.init), keyTypes.contains(type) else {
            return "must begin with the key's type, one of \(keyTypes.joined(separator: ", "))"
        }
        guard parts.count >= 2, let key = Data(base64Encoded: String(parts[1])),
            key.starts(with: lengthPrefixed(type)), key.count > type.utf8.count + 4 + 32
        else {
            return "must be a public key as ssh-keygen writes it: type, key in base64, comment"
        }
        return nil
    }

    /// RFC 4251, section 5: a string.
    private static func lengthPrefixed(_ text: String) -> [UInt8] {
        [0, 0, 0, UInt8(truncatingIfNeeded: text.utf8.count)] + Array(text.utf8)
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
    }
}

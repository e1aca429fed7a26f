// SPDX-License-Identifier: Apache-2.0

/// Versions as apk writes them: `NUMBER{.NUMBER}[LETTER]{_SUFFIX[NUMBER]}[~HASH][-rRELEASE]`
/// (apk-package(5)).
enum AlpineVersion {
    static func order(_ one: String, _ two: String) -> VersionOrder {
        var one = Tokens(one)
        var two = Tokens(two)
        while true {
            let (first, second) = (one.next(), two.next())
            guard first.kind == second.kind else { return order(first, second) }
            let order = orderAlike(first, second)
            if order != .same || first.kind == .end || first.kind == .invalid { return order }
        }
    }

    /// Of tokens of one kind.
    private static func orderAlike(_ one: Token, _ two: Token) -> VersionOrder {
        switch one.kind {
        case .number where [one.text.first, two.text.first].contains(UInt8(ascii: "0")):
            // Behind a dot, leading zeros make a fraction.
            VersionOrder.ofText(one.text, two.text)
        case .firstNumber, .number, .suffixNumber, .release:
            VersionOrder.ofNumbers(one.text, two.text)
        case .suffix: VersionOrder.of(Suffix.rank(one.text), Suffix.rank(two.text))
        case .letter, .hash, .invalid: VersionOrder.ofText(one.text, two.text)
        case .end: .same
        }
    }

    /// Of tokens of two kinds, when everything before was alike: what goes on is newer, unless it
    /// says that it comes before the release.
    private static func order(_ one: Token, _ two: Token) -> VersionOrder {
        if one.isEarly { return .ascending }
        if two.isEarly { return .descending }
        return VersionOrder.of(two.kind.rawValue, one.kind.rawValue)
    }

    private enum Suffix {
        private static let early = ["alpha", "beta", "pre", "rc"]
        private static let late = ["cvs", "svn", "git", "hg", "p"]

        /// Negative for what comes before the release; nil for no suffix of apk's.
        static func known(_ text: ArraySlice<UInt8>) -> Int? {
            let word = String(decoding: text, as: UTF8.self)
            return early.firstIndex(of: word).map { $0 - early.count }
                ?? late.firstIndex(of: word).map { $0 + 1 }
        }

        static func rank(_ text: ArraySlice<UInt8>) -> Int { known(text) ?? 0 }
    }

    private struct Token {
        /// In the order in which they may follow each other.
        enum Kind: Int {
            case firstNumber, number, letter, suffix, suffixNumber, hash, release, end, invalid
        }

        var kind: Kind
        var text: ArraySlice<UInt8>

        var isEarly: Bool { kind == .suffix && Suffix.rank(text) < 0 }
    }

    private struct Tokens {
        private var rest: ArraySlice<UInt8>
        private var last: Token.Kind?

        init(_ text: String) { rest = Array(text.utf8)[...] }

        mutating func next() -> Token {
            let token = read()
            last = token.kind
            return token
        }

        private mutating func read() -> Token {
            guard let last else { return take(.firstNumber, skip: 0, while: \.isDigit) }
            guard let first = rest.first else { return Token(kind: .end, text: []) }
            switch first {
            case UInt8(ascii: ".") where last.rawValue <= Token.Kind.number.rawValue:
                return take(.number, skip: 1, while: \.isDigit)
            case _ where first.isLowerCase && last.rawValue <= Token.Kind.number.rawValue:
                rest = rest.dropFirst()
                return Token(kind: .letter, text: [first])
            case UInt8(ascii: "_") where last.rawValue <= Token.Kind.suffixNumber.rawValue:
                let token = take(.suffix, skip: 1, while: \.isLowerCase)
                return Suffix.known(token.text) == nil ? invalid(token.text) : token
            case _ where first.isDigit && last == .suffix:
                return take(.suffixNumber, skip: 0, while: \.isDigit)
            case UInt8(ascii: "~") where last.rawValue <= Token.Kind.suffixNumber.rawValue:
                return take(.hash, skip: 1) { $0.isDigit || $0.isLowerCase }
            case UInt8(ascii: "-")
            where last != .release && rest.dropFirst().first == UInt8(ascii: "r"):
                return take(.release, skip: 2, while: \.isDigit)
            default: return invalid(rest)
            }
        }

        private mutating func take(
            _ kind: Token.Kind, skip: Int, while belongs: (UInt8) -> Bool
        ) -> Token {
            let text = rest.dropFirst(skip).prefix(while: belongs)
            guard !text.isEmpty else { return invalid(rest) }
            rest = rest[text.endIndex...]
            return Token(kind: kind, text: text)
        }

        private mutating func invalid(_ text: ArraySlice<UInt8>) -> Token {
            rest = []
            return Token(kind: .invalid, text: text)
        }
    }
}

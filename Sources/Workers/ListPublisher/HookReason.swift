// SPDX-License-Identifier: Apache-2.0

/// What a repository's hook says when it stops a commit.
enum HookReason {
    /// A hook that could not decide, and asks for another try, writes this word
    /// (ops/svn-hooks/README.md).
    static let temporary = "[temporary]"

    /// - Throws: ``ListTargetError/hookUndecided(text:)``.
    static func answer(_ text: String) throws(ListTargetError) -> CommitAnswer {
        let reason = Program.cleaned(text)
        guard !text.contains(temporary) else { throw .hookUndecided(text: reason) }
        return .refused(reason: reason.isEmpty ? "the hook gave no reason" : reason)
    }
}

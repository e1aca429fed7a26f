// SPDX-License-Identifier: Apache-2.0

/// One rule of the security policy, as data: what it is called, how bad it is to break it, what
/// it has to see of an image, and how it judges that.
public struct Check: Sendable {
    /// Lower-case words with hyphens. Requests, settings and reports use it: it never changes.
    public let name: String
    public internal(set) var severity: Severity
    /// What is wrong when the check fails, in a few words.
    public let title: String
    public let documentation: Documentation
    /// What the inspection has to report for it.
    public let needs: [InspectionQuery.Pattern]
    /// Whether a request may waive it, and a policy leave it out or change its severity.
    public let isWaivable: Bool
    /// Whether it judges files of the guest, so that it has nothing to say without a root.
    let judgesGuest: Bool
    let judge: @Sendable (Guest, ScanContext) async -> CheckResult

    /// What people should know about a check.
    public struct Documentation: Codable, Sendable, Hashable {
        /// What it finds, and what it lets pass.
        public var finds: String
        /// Why that matters.
        public var matters: String
        /// How to mend an image.
        public var mend: String
        /// When it is right to waive it.
        public var waive: String

        public init(finds: String, matters: String, mend: String, waive: String) {
            self.finds = finds
            self.matters = matters
            self.mend = mend
            self.waive = waive
        }
    }

    init(
        _ name: String, _ severity: Severity, _ title: String, documentation: Documentation,
        needs: [InspectionQuery.Pattern] = [], isWaivable: Bool = true, judgesGuest: Bool = true,
        judge: @escaping @Sendable (Guest, ScanContext) async -> CheckResult
    ) {
        self.name = name
        self.severity = severity
        self.title = title
        self.documentation = documentation
        self.needs = needs
        self.isWaivable = isWaivable
        self.judgesGuest = judgesGuest
        self.judge = judge
    }

    /// Judges one image. A site's own check runs its program.
    public func evaluate(_ facts: GuestFacts, _ context: ScanContext) async -> CheckResult {
        await evaluate(Guest(facts), context)
    }

    func evaluate(_ guest: Guest, _ context: ScanContext) async -> CheckResult {
        if judgesGuest, guest.facts.root == nil {
            return .notApplicable(reason: "no file system with a root was found")
        }
        return await judge(guest, context)
    }
}

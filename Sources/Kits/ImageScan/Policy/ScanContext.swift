// SPDX-License-Identifier: Apache-2.0
public import Events

/// What checks judge by, beside the image.
public struct ScanContext: Sendable {
    /// When the image was requested. Ages and ends of support are told from it, never from the
    /// clock, so that scanning again says the same.
    public var time: Timestamp
    /// How old the package database may be, in days.
    public var packageAgeMaxDays: Int
    /// Known security updates; nil when none are configured.
    public var advisories: AdvisoryFeed?
    /// Until when each system gets security updates.
    public var releases: ReleaseTable
    /// Whether clamd was asked, so that finding nothing means something.
    public var isMalwareSought: Bool

    public static let packageAgeMaxDaysDefault = 90

    public init(
        time: Timestamp, packageAgeMaxDays: Int = packageAgeMaxDaysDefault,
        advisories: AdvisoryFeed? = nil, releases: ReleaseTable = .builtIn,
        isMalwareSought: Bool = false
    ) {
        self.time = time
        self.packageAgeMaxDays = packageAgeMaxDays
        self.advisories = advisories
        self.releases = releases
        self.isMalwareSought = isMalwareSought
    }
}

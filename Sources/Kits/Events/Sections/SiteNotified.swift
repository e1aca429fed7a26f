// SPDX-License-Identifier: Apache-2.0

/// Who was told of a list's new serial: the section `notified` of `site.notified`.
public struct NotifiedSites: Section {
    public static let key = "notified"

    /// Names of the sites whose queues hold the message.
    public var sites: [String]
    /// Mail addresses the changelog went to.
    public var mailedTo: [String]

    public init(sites: [String], mailedTo: [String]) {
        self.sites = sites
        self.mailedTo = mailedTo
    }
}

// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Events

/// How far a publication has to come for a waiting command to succeed.
enum Milestone: String, CaseIterable, ExpressibleByArgument {
    /// In the image list.
    case listed
    /// The sites know.
    case notified

    var event: EventType {
        switch self {
        case .listed: .listUpdated
        case .notified: .siteNotified
        }
    }
}

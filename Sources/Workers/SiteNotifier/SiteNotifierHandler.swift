// SPDX-License-Identifier: Apache-2.0
import BlobStore
import Events
import ImageLists
import Logging
import Pipeline
import Transfer

/// `list.updated` in; the same event to every site, a mail to the mailing list, and
/// `site.notified` out.
///
/// Repeated and late announcements do no harm: sites get the same event, with the same id, and
/// keep the highest serial they have seen; each serial is mailed once.
struct SiteNotifierHandler: Handler {
    let sites: [String]
    /// Nil when nobody is mailed.
    let mail: ListMail?

    func handle(_ event: Event, _ context: HandlerContext) async throws -> Outcome {
        let list = try event.section(UpdatedList.self)
        guard ImageList.nameProblem(list.name) == nil, Digests.isHex(list.sha256, digits: 64),
            (1...ImageList.serialMax).contains(list.serial)
        else {
            return .reject(
                Rejection(
                    stage: .siteNotifier, rule: "invalid-list",
                    message: "The announcement has no proper list name, serial or digest."))
        }
        let unbound = try await tell(sites, event, context)
        if let mail { try await send(mail, of: list, event, context) }
        if let unbound { throw unbound }
        let notified = NotifiedSites(sites: sites, mailedTo: mail?.to.map(\.address) ?? [])
        return .done([try context.emit(.siteNotified, from: event, adding: notified)])
    }

    /// A site whose queue is gone keeps neither the others nor the mail waiting.
    ///
    /// - Returns: why the first of such sites was not told, for another attempt.
    private func tell(
        _ sites: [String], _ event: Event, _ context: HandlerContext
    ) async throws -> BrokerError? {
        var unbound: BrokerError?
        for site in sites {
            do {
                try await context.publish(
                    event, exchange: Topology.sites, routingKey: Topology.siteRoutingKey(site))
            } catch let error as BrokerError {
                guard case .unroutable = error else { throw error }
                context.logger.warning("site not told", error: error, metadata: ["site": "\(site)"])
                unbound = unbound ?? error
            }
        }
        return unbound
    }

    /// Once per serial. The mark is written after the server took the mail, so a crash between
    /// the two sends it a second time, under the same Message-ID; SMTP has no way to ask.
    private func send(
        _ mail: ListMail, of list: UpdatedList, _ event: Event, _ context: HandlerContext
    ) async throws {
        let mark = MailMark(list)
        guard try !mark.isSet(in: context.store) else { return }
        try await mail.send(list, at: event.time)
        try await mark.set(in: context.store)
        context.logger.info("mailed", metadata: ["serial": "\(list.serial)"])
    }
}

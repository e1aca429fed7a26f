// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Events
import Pipeline

/// Which topology is meant.
struct TopologyOptions: ParsableArguments {
    @Option(help: ArgumentHelp("A site with a queue of its own; repeat it.", valueName: "name"))
    var site: [String] = []

    @Option(
        help: ArgumentHelp(
            "Ladder of delays between attempts, as the workers' setting retry.delays.",
            valueName: "10s,1m,…"))
    var retryDelays: String?

    @OptionGroup(title: "Broker") var connection: ConnectionOptions

    func validate() throws {
        for name in site where !Topology.isSiteName(name) {
            throw ValidationError("--site: '\(name)' must be \(Topology.siteNameRule)")
        }
    }

    func topology() throws -> Topology {
        Topology(delays: try delays(), sites: site)
    }

    private func delays() throws -> [RetryDelay] {
        let settings = CommonSettings.worker.filter { $0.key == "retry.delays" }
        let flags = retryDelays.map { ["retry.delays": $0] } ?? [:]
        let values = try SettingSources(flags: flags, file: connection.file.config).load(settings)
        return try values.list("retry.delays").map { text in
            guard let milliseconds = Quantity.milliseconds(text), milliseconds > 0 else {
                throw values.problem(
                    "retry.delays",
                    "'\(text.prefix(40))' is not accepted; expected durations such as 10s,1m")
            }
            return RetryDelay(milliseconds: milliseconds)
        }
    }
}

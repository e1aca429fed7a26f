// SPDX-License-Identifier: Apache-2.0
import Events

/// What every worker can be told, beside its own settings.
public enum CommonSettings {
    /// First components of keys that may stand in one configuration file shared by all programs.
    public static let sections: Set<String> = Set(Stage.allCases.map(\.rawValue)).union([
        "amqp", "store", "log", "retry", "shutdown", "handler", "marketplace", "concurrency",
        "prefetch", "attempts", "attestation", "console", "site-agent", "metrics",
    ])

    public static let log: [Setting] = [
        Setting(
            "log.level", .choice(["trace", "debug", "info", "notice", "warning", "error"]),
            default: "info", help: "Least severe level that is logged, on standard error."),
        Setting(
            "log.format", .choice(["auto", "text", "json"]), default: "auto",
            help: "One JSON object a line, or text; auto is text on a terminal."),
    ]

    public static let store = Setting(
        "store.path", .path, required: true,
        help: "Directory of the artifact store, shared by all workers.")

    public static let worker: [Setting] =
        ConnectionSettings.settings + [store] + [
            Setting(
                "concurrency", .integer(1...1024), default: "4",
                help: "How many events are handled at once."),
            Setting(
                "prefetch", .integer(1...65_535),
                help: "How many events are held at once, handled or waiting for confirms;"
                    + " twice the concurrency when not set."),
            Setting(
                "attempts", .integer(1...1000), default: "8",
                help: "How often an event is tried before it is parked in imprimatur.dead."),
            Setting(
                "retry.delays", .list, default: "10s,1m,10m,1h",
                help: "Ladder of delays between attempts; the broker's topology must have them."),
            Setting(
                "handler.deadline", .duration(.seconds(1) ... .seconds(86_400)), default: "12m",
                help: "How long one event may take; keep it below the broker's consumer_timeout."),
            Setting(
                "shutdown.grace", .duration(.zero ... .seconds(3600)), default: "30s",
                help: "How long running events may go on after SIGTERM before they are given back."
            ),
            AttestationSetting.keys,
        ] + log
}

// SPDX-License-Identifier: Apache-2.0
import CoreMetrics
import Events

/// A worker's counters and timers, named `imprimatur_<stage>_…`, made once: a lookup per message
/// would cost more than the count.
///
/// - `_events`: events by `outcome` (done, rejected, retried, yielded, parked, given-back, fatal)
/// - `_parked`: parked messages by `reason`, a ``DeadLetter/Kind``
/// - `_unsettled`: events whose acknowledgement failed and that will come again
/// - `_handling_seconds`: time in the handler
struct StageMetrics: Sendable {
    private let outcomes: [String: Counter]
    private let reasons: [DeadLetter.Kind: Counter]
    let unsettled: Counter
    let handling: CoreMetrics.Timer

    init(_ stage: Stage, factory: any MetricsFactory) {
        let prefix = "imprimatur_" + stage.rawValue.replacing("-", with: "_")
        outcomes = Dictionary(
            uniqueKeysWithValues: Resolution.labels.map { label in
                let counter = Counter(
                    label: prefix + "_events", dimensions: [("outcome", label)], factory: factory)
                return (label, counter)
            })
        reasons = Dictionary(
            uniqueKeysWithValues: DeadLetter.Kind.allCases.map { kind in
                let counter = Counter(
                    label: prefix + "_parked", dimensions: [("reason", kind.rawValue)],
                    factory: factory)
                return (kind, counter)
            })
        unsettled = Counter(label: prefix + "_unsettled", dimensions: [], factory: factory)
        handling = CoreMetrics.Timer(
            label: prefix + "_handling_seconds", dimensions: [], factory: factory)
    }

    func count(_ resolution: Resolution) {
        outcomes[resolution.label]?.increment()
        if case .park(let kind, _) = resolution { reasons[kind]?.increment() }
    }
}

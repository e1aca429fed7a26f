// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Pipeline

/// A time such as `250ms`, `30s`, `10m`, `1h` or `7d`.
struct DurationArgument: ExpressibleByArgument, CustomStringConvertible {
    var duration: Duration

    init(_ duration: Duration) { self.duration = duration }

    init?(argument: String) {
        guard let duration = Quantity.duration(argument) else { return nil }
        self.duration = duration
    }

    var description: String { Quantity.text(duration) }
    var defaultValueDescription: String { description }
}

// SPDX-License-Identifier: Apache-2.0

/// Amounts as people read them.
enum Size {
    /// Such as `12.7 MiB`.
    static func text(_ bytes: Int) -> String {
        let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"]
        var unit = 0
        var tenths = bytes.multipliedReportingOverflow(by: 10).overflow ? bytes : bytes * 10
        while tenths >= 10_240, unit < units.count - 1 {
            tenths = (tenths + 512) / 1024
            unit += 1
        }
        return unit == 0 ? "\(bytes) B" : "\(tenths / 10).\(tenths % 10) \(units[unit])"
    }
}

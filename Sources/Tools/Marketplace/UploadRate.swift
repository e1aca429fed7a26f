// SPDX-License-Identifier: Apache-2.0
internal import Events
internal import Synchronization

/// How many uploads are examined in a minute, over all callers.
final class UploadRate: Sendable {
    private let max: Int
    private let window = Mutex<(minute: Int64, count: Int)>((0, 0))

    init(perMinute max: Int) { self.max = max }

    /// - Throws: 429 with the seconds until the next minute.
    func admit(at now: Timestamp) throws(Refusal) {
        let isAdmitted = window.withLock { window in
            let minute = now.seconds / 60
            if window.minute != minute { window = (minute, 0) }
            window.count += 1
            return window.count <= max
        }
        guard isAdmitted else {
            throw Refusal(
                429, "too many uploads", headers: ["retry-after": "\(60 - now.seconds % 60)"])
        }
    }
}

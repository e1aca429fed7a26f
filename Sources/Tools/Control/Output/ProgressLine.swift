// SPDX-License-Identifier: Apache-2.0
import Events
import Glibc

/// A long job's progress: a bar that redraws itself on a terminal, now and then a line elsewhere.
struct ProgressLine {
    private static let barWidth = 30
    /// Bytes between two lines when the total is not known.
    private static let step = 256 << 20

    let isInteractive: Bool
    private var isDrawn = false
    /// The last tenth, or step, for which a line was written.
    private var mark = 0

    init(isInteractive: Bool) {
        self.isInteractive = isInteractive
    }

    mutating func show(_ progress: Progress) {
        if isInteractive {
            Terminal.write("\r\u{1B}[K" + Self.bar(progress), to: STDOUT_FILENO)
            isDrawn = true
        } else if reaches(progress) {
            Terminal.line("  " + Terminal.plain(EventLine.progress(progress)))
        }
    }

    /// Removes the bar before another line is written.
    mutating func clear() {
        if isDrawn { Terminal.write("\r\u{1B}[K", to: STDOUT_FILENO) }
        isDrawn = false
    }

    static func bar(_ progress: Progress) -> String {
        let text = Terminal.plain(EventLine.progress(progress))
        guard let total = progress.bytesTotal, total > 0 else { return text }
        let filled = Int(EventLine.fraction(of: progress, total) * Double(barWidth))
        let bar = String(repeating: "#", count: filled)
        return "[\(bar)\(String(repeating: ".", count: barWidth - filled))] \(text)"
    }

    /// Whether there is a new tenth of the whole, or a new step.
    private mutating func reaches(_ progress: Progress) -> Bool {
        var now = progress.bytes / Self.step
        if let total = progress.bytesTotal, total > 0 {
            now = Int(10 * EventLine.fraction(of: progress, total))
        }
        guard now != mark else { return false }
        mark = now
        return true
    }
}

// SPDX-License-Identifier: Apache-2.0

/// The delivery tags of one channel, from the oldest one not settled.
struct OpenTags {
    private enum Mark: UInt8 { case open, closed, written }

    private var marks: [Mark] = []
    /// Where in `marks` the oldest tag of interest stands, and which it is.
    private var head = 0
    private var first: UInt64 = 1

    /// More than any prefetch lets through.
    private static let newMax: UInt64 = 65_536

    mutating func admit(through tag: UInt64) -> Bool {
        let end = first + UInt64(marks.count - head)
        guard tag >= end, tag - end < Self.newMax else { return false }
        marks.append(contentsOf: repeatElement(.open, count: Int(tag - end) + 1))
        return true
    }

    /// - Parameter isWritten: whether the caller writes its settlement himself.
    /// - Returns: false when the tag is not open.
    mutating func close(_ tag: UInt64, isWritten: Bool) -> Bool {
        guard tag >= first, tag - first < UInt64(marks.count - head) else { return false }
        let index = head + Int(tag - first)
        guard marks[index] == .open else { return false }
        marks[index] = isWritten ? .written : .closed
        return true
    }

    /// Forgets the closed tags up to the first open one.
    ///
    /// - Returns: the last of them that is to be acknowledged with all before it.
    mutating func forgetRun() -> UInt64? {
        var last: UInt64?
        while head < marks.count, marks[head] != .open {
            if marks[head] == .closed { last = first }
            head += 1
            first += 1
        }
        if head > 1024, head * 2 > marks.count {
            marks.removeFirst(head)
            head = 0
        }
        return last
    }

    /// The closed tags behind an open one; they count as written.
    mutating func writeRest() -> [UInt64] {
        var tags: [UInt64] = []
        for index in head..<marks.count where marks[index] == .closed {
            marks[index] = .written
            tags.append(first + UInt64(index - head))
        }
        return tags
    }
}

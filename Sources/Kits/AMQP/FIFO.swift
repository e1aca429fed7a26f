// SPDX-License-Identifier: Apache-2.0

/// A queue with constant time at both ends of its life: append behind, take in front.
struct FIFO<Element> {
    private var storage: [Element?] = []
    private var head = 0

    var count: Int { storage.count - head }
    var isEmpty: Bool { head == storage.count }
    var first: Element? { isEmpty ? nil : storage[head] }

    subscript(index: Int) -> Element? {
        index >= 0 && index < count ? storage[head + index] : nil
    }

    mutating func append(_ element: Element) { storage.append(element) }

    mutating func popFirst() -> Element? {
        guard head < storage.count else { return nil }
        let element = storage[head].take()
        head += 1
        if head == storage.count {
            storage.removeAll(keepingCapacity: true)
            head = 0
        } else if head > 1024, head * 2 > storage.count {
            storage.removeFirst(head)
            head = 0
        }
        return element
    }

    /// Puts elements before all others; takes time in proportion to the whole.
    mutating func prepend(_ elements: [Element]) {
        storage = elements.map { $0 } + storage[head...]
        head = 0
    }

    mutating func removeAll() -> [Element] {
        defer { self = FIFO() }
        return storage[head...].compactMap { $0 }
    }

    mutating func removeAll(where condition: (Element) -> Bool) {
        storage = storage[head...].filter { $0.map { !condition($0) } ?? false }
        head = 0
    }

    func forEach(_ body: (Element) -> Void) {
        for index in head..<storage.count {
            if let element = storage[index] { body(element) }
        }
    }
}

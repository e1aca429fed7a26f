// SPDX-License-Identifier: Apache-2.0
internal import Glibc

/// The blocks of a ``DigestPool`` and the threads that digest them.
///
/// Block `n` lies in slot `n % blockCountMax`. `given` counts the blocks handed to the threads,
/// `done` those that each digest has behind it; a slot is free again when all four have. A giver
/// who finds no free slot digests, too, instead of waiting.
final class DigestRing: @unchecked Sendable {
    // Sound: `lock` guards the counters. A block's bytes belong to the giver until `given` passes
    // it, and are only read from then until all of `done` have. A context belongs to the thread
    // that set its `busy`. `turn` lets one giver in at a time, who owns `filled`,
    // `length` and `threads`.
    private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let turn = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    /// A block is there for the threads, or the end is.
    private let work = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    /// A digest has got ahead.
    private let progress = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private let contexts: ContextStorage
    private let blocks = UnsafeMutableRawBufferPointer.allocate(
        byteCount: DigestPool.blockCountMax * DigestPool.blockBytes, alignment: 4096)

    private var counts = [Int](repeating: 0, count: DigestPool.blockCountMax)
    private var given = 0
    private var done = [Int](repeating: 0, count: ContextStorage.count)
    private var busy = [Bool](repeating: false, count: ContextStorage.count)
    private var isStopping = false
    /// Bytes in the current block, and in all blocks handed over.
    private var filled = 0
    private var length: Int
    private var threads: [pthread_t] = []

    init(contexts state: FourContexts) {
        contexts = ContextStorage(state)
        length = state.length
        pthread_mutex_init(lock, nil)
        pthread_mutex_init(turn, nil)
        pthread_cond_init(work, nil)
        pthread_cond_init(progress, nil)
    }

    deinit {
        pthread_cond_destroy(progress)
        pthread_cond_destroy(work)
        pthread_mutex_destroy(turn)
        pthread_mutex_destroy(lock)
        lock.deallocate()
        turn.deallocate()
        work.deallocate()
        progress.deallocate()
        contexts.deallocate()
        blocks.deallocate()
    }

    /// Ends the threads, whatever is left undigested, and waits for them.
    func stop() {
        locked { isStopping = true }
        pthread_cond_broadcast(work)
        for thread in threads { pthread_join(thread, nil) }
        threads = []
    }
}

// MARK: - The giver's side

extension DigestRing {
    /// Runs `body` as the only giver.
    func give<T, Failure: Error>(
        _ body: (DigestRing) throws(Failure) -> T
    ) throws(Failure) -> T {
        pthread_mutex_lock(turn)
        defer { pthread_mutex_unlock(turn) }
        return try body(self)
    }

    /// Where the next bytes go; at least one byte. Works until a block is free.
    func room() -> UnsafeMutableRawBufferPointer {
        if filled == 0 {
            digest { given - leastDone < DigestPool.blockCountMax }
        }
        let start = given % DigestPool.blockCountMax * DigestPool.blockBytes
        return UnsafeMutableRawBufferPointer(
            rebasing: blocks[start + filled..<start + DigestPool.blockBytes])
    }

    /// The giver has put `count` bytes into ``room()``.
    func took(_ count: Int) {
        filled += count
        guard filled == DigestPool.blockBytes else { return }
        if threads.isEmpty { startThreads() }
        seal()
    }

    /// The contexts after all given bytes.
    func settled() -> FourContexts {
        if filled > 0 { seal() }
        digest { leastDone == given }
        return contexts.contexts(length: length)
    }

    /// Hands the current block to the threads.
    private func seal() {
        locked {
            counts[given % DigestPool.blockCountMax] = filled
            given += 1
        }
        length += filled
        filled = 0
        pthread_cond_broadcast(work)
    }

    /// A system that gives no thread at all still gets its digests, more slowly.
    private func startThreads() {
        for _ in 0..<DigestPool.threadCount {
            var thread = pthread_t()
            let argument = Unmanaged.passRetained(self)
            let code = pthread_create(
                &thread, nil,
                { pointer in
                    if let pointer {
                        Unmanaged<DigestRing>.fromOpaque(pointer).takeRetainedValue().run()
                    }
                    return nil
                }, argument.toOpaque())
            guard code == 0 else { return argument.release() }
            threads.append(thread)
        }
    }
}

// MARK: - The threads' side

extension DigestRing {
    private func run() {
        while let item = nextItem() { digest(item) }
    }

    /// One block for one digest.
    private struct Item {
        var digest: Int
        var bytes: UnsafeRawBufferPointer
    }

    /// Waits for an item; nil at the end.
    private func nextItem() -> Item? {
        locked {
            while !isStopping {
                if let item = takeItem() { return item }
                pthread_cond_wait(work, lock)
            }
            return nil
        }
    }

    /// Digests on the caller's thread until `isEnough`, and waits where the threads have it all.
    private func digest(until isEnough: () -> Bool) {
        while true {
            let item: Item? = locked {
                while !isEnough() {
                    if let item = takeItem() { return item }
                    pthread_cond_wait(progress, lock)
                }
                return nil
            }
            guard let item else { return }
            digest(item)
        }
    }

    /// The next block of the digest furthest behind that nobody is working on. Called with the
    /// lock held.
    private func takeItem() -> Item? {
        var best: Int?
        for index in 0..<ContextStorage.count where !busy[index] && done[index] < given {
            if best.map({ done[index] < done[$0] }) ?? true { best = index }
        }
        guard let best else { return nil }
        busy[best] = true
        let slot = done[best] % DigestPool.blockCountMax
        let start = slot * DigestPool.blockBytes
        return Item(
            digest: best,
            bytes: UnsafeRawBufferPointer(rebasing: blocks[start..<start + counts[slot]]))
    }

    private func digest(_ item: Item) {
        contexts.absorb(item.bytes, digest: item.digest)
        let isBehind = locked {
            done[item.digest] += 1
            busy[item.digest] = false
            return done[item.digest] < given
        }
        pthread_cond_signal(progress)
        // A giver may leave its digest to a thread that has found nothing to do.
        if isBehind { pthread_cond_signal(work) }
    }

    private var leastDone: Int { done.min() ?? 0 }

    private func locked<T>(_ body: () -> T) -> T {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        return body()
    }
}

// SPDX-License-Identifier: Apache-2.0
internal import Glibc

extension Program {
    /// How a program ended that neither time nor the amount of its output stopped.
    public struct Result: Sendable {
        /// The exit code, or 128 + the signal's number.
        public var status: Int
        /// Whether a signal ended it. Of a program in a sandbox, codes above 128 count as such.
        public var isSignalled: Bool
        public var output: [UInt8]
        public var errorText: String

        /// What ended it.
        public var ending: Ending {
            guard isSignalled else {
                return status != 0 && saysMemoryIsOut ? .outOfMemory : .exited(code: status)
            }
            switch Int32(status - 128) {
            case SIGXCPU: return .cpuTimeExceeded
            case SIGXFSZ: return .fileTooLarge
            // Of those here only the kernel does so, when memory is short.
            case SIGKILL: return .outOfMemory
            case let signal: return saysMemoryIsOut ? .outOfMemory : .signalled(signal)
            }
        }

        /// A program that gets no more memory can only tell so in its own words.
        private var saysMemoryIsOut: Bool {
            let words = ["MemoryError", "Cannot allocate memory", "bad_alloc", "out of memory"]
            return words.contains { errorText.contains($0) }
        }
    }

    public enum Ending: Sendable, Hashable {
        case exited(code: Int)
        /// By a signal of this number that none of the others explains: most likely a crash.
        case signalled(Int32)
        /// It used up its processor time.
        case cpuTimeExceeded
        /// It wrote beyond the size that a file may have.
        case fileTooLarge
        /// It got no more memory, as far as its words or the kernel tell.
        case outOfMemory
    }
}

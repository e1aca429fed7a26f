// SPDX-License-Identifier: Apache-2.0
import Glibc

/// What a measured piece of work used: wall clock and the CPU time of this process.
struct Stopwatch {
    private let wall = ContinuousClock.now
    private let cpu = Stopwatch.cpuSeconds

    var seconds: Double { (ContinuousClock.now - wall) / .seconds(1) }
    var cpuSeconds: Double { Self.cpuSeconds - cpu }

    private static var cpuSeconds: Double {
        var time = timespec()
        unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// Peak resident size of this process in MiB.
    static var peakMebibytes: Double {
        var usage = rusage()
        unsafe getrusage(RUSAGE_SELF.rawValue, &usage)
        return Double(usage.ru_maxrss) / 1024
    }
}

/// Prints figures as one line of JSON.
func printFigures(_ figures: KeyValuePairs<String, Double>) {
    let members = figures.map { "\"\($0.key)\": \(($0.value * 1000).rounded() / 1000)" }
    print("{\(members.joined(separator: ", "))}")
}

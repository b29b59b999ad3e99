#if canImport(Glibc)
internal import Glibc
#else
internal import Darwin
#endif

/// The CPU time of this process, all of its threads together.
package enum CPUClock {
    /// CPU time since the process began.
    package static var now: Duration {
        var time = timespec()
        let result = unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        precondition(result == 0, "the system has no CPU clock of a process")
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }
}

extension Duration {
    /// This time in nanoseconds.
    package var nanoseconds: Double {
        Double(components.seconds) * 1e9 + Double(components.attoseconds) / 1e9
    }
}

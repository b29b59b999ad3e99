extension Duration {
    /// The duration as a limit of time, which can be added to the time of any clock: not negative, and at most 2^62
    /// seconds.
    var bounded: Duration { min(max(self, .zero), .seconds(1 << 62)) }

    /// The duration as one to sleep for, at most 34 years: a clock may not be able to add a longer time to its own.
    package var asPause: Duration { min(self, .seconds(1 << 30)) }
}

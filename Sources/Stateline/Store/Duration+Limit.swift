extension Duration {
    /// The duration as a limit of time, which can be added to the time of any clock: not negative, and at most 2^62
    /// seconds.
    var bounded: Duration { min(max(self, .zero), .seconds(1 << 62)) }
}

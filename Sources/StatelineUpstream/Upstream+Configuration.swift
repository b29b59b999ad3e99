extension Upstream {
    /// Where and how an upstream serves.
    public struct Configuration: Sendable {
        /// The address to listen on.
        public var host = "127.0.0.1"
        /// The port to listen on; 0 for any that is free.
        public var port = 0
        /// How long to wait before an answer begins.
        public var latency: Duration = .zero
        /// How many words an answer has.
        public var wordCount = 16
        /// Whether every answer is the same, made in advance.
        ///
        /// Bodies are then not read, except that the first and last 4 KiB are searched for `"stream": true`: the mode
        /// for load tests. Prompt tokens are 0.
        public var isFixed = false
        /// How many bytes of bodies are kept; the newest body is kept whatever its size.
        public var recordedBytes = 256 << 20
        /// How many of the newest requests are listed one by one in a report.
        public var recordedRequests = 10_000
        /// The largest body that is taken; a larger one is answered with 413.
        public var bodyLimit = 256 << 20

        /// Makes a configuration of the defaults.
        public init() {}
    }
}

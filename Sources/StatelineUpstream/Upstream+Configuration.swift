extension Upstream {
    /// The configuration of an upstream.
    public struct Configuration: Sendable {
        /// The address to listen on.
        public var host = "127.0.0.1"
        /// The port to listen on; 0 for a free one.
        public var port = 0
        /// The time to wait before each answer.
        public var latency: Duration = .zero
        /// The words of an answer.
        public var wordCount = 16
        /// `true` to send the same prepared answer to every request, for load tests.
        ///
        /// Bodies are then not read, but the first and last 4 KiB are searched for `"stream": true`. Prompt tokens are
        /// 0.
        public var isFixed = false
        /// The maximum bytes of kept bodies; the newest body is kept whatever its size.
        public var recordedBytes = 256 << 20
        /// The number of the newest requests listed in a report.
        public var recordedRequests = 10_000
        /// The largest accepted body; a larger one is answered with 413.
        public var bodyLimit = 256 << 20

        /// Makes a configuration with the defaults.
        public init() {}
    }
}

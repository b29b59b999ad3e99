public import NIOCore

extension Batch {
    /// A change of a session's settings.
    ///
    /// Instructions are entries, which a view shows.
    public struct Settings: Hashable, Sendable {
        /// The session's options of generation in their stored form, in place of the former ones; `nil` if they stay.
        public var options: ByteBuffer?
        /// The tools that the session was declared to have; `nil` if the former declaration stays.
        public var tools: DeclaredTools?
        /// Fields that a newer writer added, their tags ascending.
        public var extensions: [FormatExtension] = []

        /// Makes a change without content.
        public init() {}

        /// `true` if nothing is changed.
        public var isEmpty: Bool { options == nil && tools == nil && extensions.isEmpty }
    }
}

public import NIOCore

/// A fault of a ``FaultProxy`` for one request or its reply.
///
/// ```swift
/// proxy.add(RequestFault(.cutBeforeReply, command: "EVALSHA"))    // executed, and the reply is lost
/// proxy.add(RequestFault(.dropReply, request: 3, connection: 1))
/// ```
public struct RequestFault: Hashable, Sendable {
    /// The effect of a fault.
    public enum Action: Hashable, Sendable {
        /// Ends the connection before the request reaches the server: it is not executed.
        case cutBeforeRequest
        /// Ends the connection when the reply comes, before it reaches the client: the request was executed.
        case cutBeforeReply
        /// Ends the connection after `after` bytes of the reply.
        case cutInReply(after: Int)
        /// Ends the connection after the reply.
        case cutAfterReply
        /// Drops the reply: the next one comes in its place.
        case dropReply
        /// Delays the reply, and all bytes after it.
        case delayReply(Duration)
        /// Sends the reply twice.
        case duplicateReply
        /// Sends the next reply first, then this one.
        case swapReplyWithNext
        /// Sends bytes before the reply.
        case insertBeforeReply(ByteBuffer)
        /// Answers with bytes instead of the server, which never sees the request.
        case answer(ByteBuffer)
    }

    /// A way to end a connection.
    public enum Ending: Hashable, Sendable {
        /// In order, as by `close`: FIN.
        case close
        /// At once, as by a crash of the host: RST. A unix socket has no such end and is closed.
        case reset
    }

    /// The effect.
    public let action: Action
    /// The way to end a connection that is cut.
    public let ending: Ending
    /// The number of the request on its connection, from 1; `nil` for any.
    public let request: Int?
    /// The name of its command; `nil` for any.
    public let command: String?
    /// The number of the connection, from 1 in the order in which they were made; `nil` for any.
    public let connection: Int?
    /// The number of matching requests that are skipped first.
    public let skipped: Int
    /// The number of requests that it applies to.
    public let times: Int

    /// Describes a fault.
    ///
    /// - Parameters:
    ///   - action: The effect.
    ///   - ending: The way to end a connection that is cut.
    ///   - request: The number of the request on its connection, from 1; `nil` for any.
    ///   - command: The name of its command, in capitals or not; `nil` for any.
    ///   - connection: The number of the connection, from 1; `nil` for any.
    ///   - skipped: The number of matching requests that are skipped first.
    ///   - times: The number of requests that it applies to; `.max` for all.
    public init(
        _ action: Action,
        ending: Ending = .close,
        request: Int? = nil,
        command: String? = nil,
        connection: Int? = nil,
        skipped: Int = 0,
        times: Int = 1
    ) {
        self.action = action
        self.ending = ending
        self.request = request
        self.command = command?.uppercased()
        self.connection = connection
        self.skipped = skipped
        self.times = times
    }
}

/// The planned faults over all connections of a proxy.
struct FaultPlan {
    private struct Entry {
        let fault: RequestFault
        var matched = 0
    }

    private var entries: [Entry] = []

    /// The number of requests with a fault.
    private(set) var hits = 0

    mutating func resetHits() {
        hits = 0
    }

    mutating func add(_ fault: RequestFault) {
        entries.append(Entry(fault: fault))
    }

    mutating func removeAll() {
        entries = []
    }

    /// Returns the first fault that matches a request; `nil` if none does.
    mutating func fault(request: Int, command: String, connection: Int) -> RequestFault? {
        for index in entries.indices {
            let fault = entries[index].fault
            guard fault.request ?? request == request, fault.command ?? command == command,
                fault.connection ?? connection == connection
            else { continue }
            let before = entries[index].matched
            entries[index].matched += 1
            guard before >= fault.skipped, before - fault.skipped < fault.times else { continue }
            hits += 1
            return fault
        }
        return nil
    }
}

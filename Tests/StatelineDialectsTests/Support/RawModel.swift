import NIOCore
import Stateline
import StatelineDialects
import Synchronization

/// A model that feeds prepared bytes through the dialect, as a connection would bring them.
final class RawModel: LanguageModel {
    /// The state of the connection behind the last byte.
    enum Ending: Sendable {
        /// The body ends.
        case clean
        /// Nothing comes: the transport gives up, unless the content of the answer had ended.
        case open
        /// The connection is reset.
        case reset
    }

    /// The bytes of one call's answer.
    struct Reply: Sendable {
        var body: String
        var ending = Ending.clean
    }

    private final class Source: Sendable {
        private let state: Mutex<(rest: ByteBuffer, isEnding: Bool)>
        private let ending: Ending
        private let length: Int

        init(_ reply: Reply, length: Int) {
            self.state = Mutex((ByteBuffer(string: reply.body), false))
            self.ending = reply.ending
            self.length = length
        }

        func contentEnded() {
            state.withLock { $0.isEnding = true }
        }

        func next() throws(ModelError) -> ByteBuffer? {
            let (piece, isEnding) = state.withLock { state in
                (state.rest.readSlice(length: min(length, state.rest.readableBytes)), state.isEnding)
            }
            if let piece, piece.readableBytes > 0 { return piece }
            switch ending {
            case .clean: return nil
            case .open: if isEnding { return nil } else { throw .timeout(.idle) }
            case .reset: throw .truncatedAnswer(receivedBytes: 0)
            }
        }
    }

    let dialect: any Dialect
    let route = Route(provider: "raw", model: "m")
    private let replies: [Reply]
    private let pieceLength: Int
    private let received = Mutex<[String]>([])

    /// Makes a model.
    ///
    /// - Parameters:
    ///   - replies: The answers, one a call.
    ///   - pieceLength: The number of bytes of each piece.
    ///   - profile: The habits of the server.
    init(_ replies: [Reply], inPiecesOf pieceLength: Int, profile: ServerProfile) {
        self.replies = replies
        self.pieceLength = pieceLength
        self.dialect = ChatCompletions(profile: profile)
    }

    /// The bodies of the requests so far.
    var bodies: [String] { received.withLock { $0 } }

    func call(_ request: ModelRequest, stopwatch: Stopwatch) async throws(ModelError) -> ModelReply {
        let number = received.withLock { bodies in
            bodies.append(String(buffer: request.body.joined()))
            return bodies.count - 1
        }
        guard replies.indices.contains(number) else { throw .function(description: "no reply for call \(number)") }
        let source = Source(replies[number], length: pieceLength)
        return .bytes(
            AnswerBytes(
                { () async throws(ModelError) in try source.next() },
                contentEnded: { source.contentEnded() }
            )
        )
    }
}

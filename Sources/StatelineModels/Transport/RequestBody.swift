internal import AsyncHTTPClient
internal import NIOCore
internal import Stateline
internal import Synchronization

/// The progress of a request.
///
/// The library pulls the body once there is a connection.
final class RequestProgress: Sendable {
    private let stopwatch: Stopwatch
    private let connected = Atomic(false)

    init(stopwatch: Stopwatch) {
        self.stopwatch = stopwatch
    }

    /// `true` once there was a connection.
    var isConnected: Bool { connected.load(ordering: .acquiring) }

    /// Records that the first piece of the body was asked for.
    func connect() {
        connected.store(true, ordering: .releasing)
        stopwatch.lap(.connect)
    }

    /// Records that the whole body was handed over.
    func send() {
        stopwatch.lap(.send)
    }
}

extension HTTPClientRequest.Body {
    /// Makes a body of known length.
    ///
    /// It is streamed even if it is one piece, because the pull shows that there is a connection.
    static func sending(_ body: GatherList, progress: RequestProgress) -> HTTPClientRequest.Body {
        .stream(RequestBody(pieces: body.pieces, progress: progress), length: .known(Int64(body.byteCount)))
    }
}

/// The pieces of a body, and the progress that their pulls are recorded in.
private struct RequestBody: AsyncSequence, Sendable {
    let pieces: [ByteBuffer]
    let progress: RequestProgress

    func makeAsyncIterator() -> Iterator {
        Iterator(pieces: pieces[...], progress: progress)
    }

    struct Iterator: AsyncIteratorProtocol {
        fileprivate var pieces: ArraySlice<ByteBuffer>
        fileprivate let progress: RequestProgress
        private var isFirst = true

        fileprivate init(pieces: ArraySlice<ByteBuffer>, progress: RequestProgress) {
            self.pieces = pieces
            self.progress = progress
        }

        mutating func next() async -> ByteBuffer? {
            if isFirst { progress.connect() }
            isFirst = false
            guard let piece = pieces.popFirst() else {
                progress.send()
                return nil
            }
            return piece
        }
    }
}

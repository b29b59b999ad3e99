internal import NIOCore
internal import Stateline

/// The expected contents of a session's log: its batches, and the position at each revision.
struct ExpectedLog: Sendable {
    /// The writers at each revision, from revision 0.
    private var writers: [LogWriter]
    /// The batches; the batch of revision 1 has index 0.
    private(set) var batches: [EncodedBatch] = []

    init(_ key: SessionKey) {
        self.writers = [LogWriter(key, cipher: SessionStoreContract.cipher(of: key))]
    }

    private init(_ writers: [LogWriter], _ batches: [EncodedBatch]) {
        self.writers = writers
        self.batches = batches
    }

    /// The writer at the end of the log.
    var writer: LogWriter { writers[writers.count - 1] }
    var key: SessionKey { writer.key }
    /// The position at each revision, from the origin.
    var positions: [Position] { writers.map(\.position) }
    var position: Position { writer.position }

    /// Adds a batch to the expected log.
    ///
    /// The store does not get it.
    @discardableResult
    mutating func append(_ text: String? = nil) -> EncodedBatch {
        var writer = writer
        let batch = writer.append(.prompt(text ?? "prompt \(batches.count)"), .response("response"))
        writers.append(writer)
        batches.append(batch)
        return batch
    }

    /// Adds a batch with a kind, a section and a field that only a newer writer knows.
    ///
    /// The store does not get it.
    mutating func append(newer kind: UInt8, extension tag: UInt8) -> EncodedBatch {
        let field = FormatExtension(tag: tag, bytes: ByteBuffer(string: "newer \(batches.count)"))
        var batch = Batch(Batch.Kind(rawValue: kind), turn: .random(), created: .now())
        batch.entries = [Entry(.prompt([.text("prompt \(batches.count)")]), extensions: [field])]
        batch.extensions = [field]
        return append(batch, extensions: [field])
    }

    /// Adds a batch to the expected log.
    ///
    /// The store does not get it.
    mutating func append(_ batch: Batch, extensions: [FormatExtension]? = nil) -> EncodedBatch {
        var writer = writer
        let encoded = writer.append(batch, extensions: extensions)
        writers.append(writer)
        batches.append(encoded)
        return encoded
    }

    /// Adds a batch in another version of the format.
    ///
    /// The store does not get it.
    mutating func append(version: UInt8) -> EncodedBatch {
        let encoded = append().ofVersion(version)
        batches[batches.count - 1] = encoded
        return encoded
    }

    /// Returns the log as it was at a revision, to be continued with other batches.
    func diverging(at revision: Int) -> ExpectedLog {
        ExpectedLog(Array(writers[...revision]), Array(batches[..<revision]))
    }

    /// Returns the log of a fork, including the fork's first batch.
    func fork(as id: String, at revision: Int) -> ExpectedLog {
        let (writer, first) = writers[revision].fork(as: id)
        return ExpectedLog(writers[...revision] + [writer], batches[..<revision] + [first])
    }
}

/// A stage of a turn.
///
/// The stages follow one another without a gap, so they sum to the turn. A stage that a turn does not have takes no time:
/// a handle that remembers its session waits for no load.
@nonexhaustive
public enum Stage: Int, CaseIterable, Hashable, Sendable {
    /// Waiting for another turn of the session.
    case queueWait
    /// Looking for the session's snapshot in this process.
    case cacheLookup
    /// Waiting for the store to load the missing batches.
    case storeLoad
    /// Decoding the loaded batches.
    case decode
    /// Building requests from the session.
    case project
    /// Connecting to models.
    case connect
    /// Sending requests.
    case send
    /// Waiting for the first bytes of answers, and for the next attempts at calls that failed.
    case firstByte
    /// Waiting for the rest of answers, and for their reader.
    case stream
    /// Running tools.
    case tools
    /// Making entries of answers.
    case fold
    /// Encoding the batch to commit.
    case encode
    /// Waiting for the store to commit.
    case storeCommit
}

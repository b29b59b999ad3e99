internal import Stateline

extension ModelError {
    /// Makes the error of a fault in an answer's JSON.
    ///
    /// The answer's end is taken to be the end of `receivedBytes`.
    init(_ error: JSONError, receivedBytes: Int) {
        switch error {
        case .truncated: self = .truncatedAnswer(receivedBytes: receivedBytes)
        default: self.init(ofWholeText: error)
        }
    }

    /// Makes the error of a fault in a text that is known to be whole.
    init(ofWholeText error: JSONError) {
        switch error {
        case .duplicateKey(let key): self = .duplicateKey(key)
        case .nestedTooDeeply(let limit): self = .nestedTooDeeply(limit: limit)
        case .invalidUTF8: self = .invalidUTF8
        case .syntax, .truncated, .loneSurrogate, .tooManyCombiningMarks: self = .malformedAnswer(error.description)
        }
    }
}

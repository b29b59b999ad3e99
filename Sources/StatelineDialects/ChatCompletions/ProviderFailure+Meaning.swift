public import NIOCore
public import Stateline

extension ProviderFailure {
    /// The error of an account that came inside of an answer with a status of success.
    ///
    /// It is that of the status which its code or type stands for, so that it can be repeated if that can.
    var error: ModelError { error(status: status, retryAfter: retryAfter) }

    /// Makes the error that the account stands for.
    ///
    /// - Parameters:
    ///   - status: The HTTP status of the answer, or what stands for it; `nil` if nothing does.
    ///   - retryAfter: The time that the provider asks to wait.
    /// - Returns: The error. Words count for more than the status where that is also used for other failures.
    func error(status: Int?, retryAfter: Duration?) -> ModelError {
        switch status {
        case nil, 400, 413, 422, 500:
            if words.isContext { return .contextSizeExceeded(message: message) }
        default: break
        }
        switch status {
        case nil, 400, 402, 403, 429:
            if isOfDay || words.isQuota { return .quotaExceeded(message: message) }
            if words.isPayment { return .paymentRequired(message: message) }
        default: break
        }
        switch status {
        case nil, 400, 403, 422:
            if words.isFilter { return .contentFiltered(message: message) }
        case 429, 500, 503:
            if words.isOverload { return .overloaded(retryAfter: retryAfter, message: message) }
        default: break
        }
        guard let status else { return .streamFailed(message: message) }
        return ModelError(status: status, retryAfter: retryAfter, message: message)
    }
}

extension ChatCompletions {
    /// Makes the error that an answer with a status of failure stands for.
    public func failure(status: Int, headers: [(name: String, value: String)], body: ByteBuffer) -> ModelError {
        let failure = ProviderFailure(body: body, redacting: redacting)
        let plain = ModelError(status: status, headers: headers, message: failure.message)
        return failure.error(status: status, retryAfter: plain.retryAfter ?? failure.retryAfter)
    }
}

/// The name that a provider gives to a request, for its support.
///
/// Providers send it in headers of different names. Of several, the provider's own counts before that of a network in
/// front of it.
public enum RequestID {
    /// The headers that hold a request's name, in lower case, the most telling first.
    private static let headers = [
        "x-request-id", "request-id", "x-amzn-requestid", "apim-request-id", "x-ms-request-id", "x-amz-request-id",
        "x-goog-request-id", "x-kong-request-id", "mistral-correlation-id", "x-generation-id", "x-debug-trace-id",
        "cf-ray",
    ]

    /// Returns the name of the request that an answer is for; `nil` if the provider gives none.
    ///
    /// - Parameters:
    ///   - headers: The answer's headers; their names in any case.
    ///   - secrets: The texts that the name may not hold: a server may repeat what it was sent.
    /// - Returns: The name, in one line of at most ``ProviderMessage/maximumCodeLength`` characters.
    /// - Complexity: O(*n*) in the number of headers.
    public static func find(
        in headers: some Sequence<(name: String, value: String)>,
        redacting secrets: Secrets = .none
    ) -> String? {
        var best: (rank: Int, value: String)?
        for header in headers {
            let name = header.name.lowercased()
            guard let rank = Self.headers.firstIndex(of: name), rank < best?.rank ?? .max, !header.value.isEmpty else {
                continue
            }
            best = (rank, header.value)
        }
        return best.map {
            ProviderMessage.line($0.value, limit: ProviderMessage.maximumCodeLength, redacting: secrets)
        }
    }
}

internal import Synchronization

/// The numbers of bytes to a token that providers' counts have shown, for each route of a handle.
///
/// A newer count weighs as much as all older ones together, so that the meter follows a conversation from prose to code.
final class TokenMeter: Sendable {
    /// The maximum number of routes that are told apart.
    private static let routeLimit = 16

    private let ratios = Mutex<[Route: Double]>([:])

    /// Returns the number of bytes to a token on a route; `nil` before its first count.
    func bytesPerToken(on route: Route) -> Double? { ratios.withLock { $0[route] } }

    /// Takes in a provider's count of a request of some bytes.
    func counted(_ tokens: Int, of bytes: Int, on route: Route) {
        guard let ratio = ContextSize.ratio(bytes: bytes, tokens: tokens) else { return }
        ratios.withLock { ratios in
            if ratios[route] == nil, ratios.count >= Self.routeLimit { ratios.removeAll() }
            ratios[route] = ratios[route].map { ($0 + ratio) / 2 } ?? ratio
        }
    }
}

internal import NIOConcurrencyHelpers

/// The bytes that one session appended to its log, which its forks share and hold on to.
///
/// A place in them is a number of bytes of the whole log. As long as their session lives, all of them are used. Then
/// they are used up to the last place that a fork holds: a fork's log ends there and goes on with bytes of its own. So
/// bytes that several sessions share are counted once, until the last of them is gone.
///
/// A lock is taken where a session is forked or removed, never by a load or an append.
final class OwnedBytes: Sendable {
    private struct State {
        /// Up to where the bytes are used, once their session is gone.
        var end: Int?
        /// How many forks hold on to each place.
        var holders: [Int: Int] = [:]
    }

    /// Where they begin: how many bytes of the log are an ancestor's.
    let start: Int
    private let state = NIOLockedValueBox(State())

    init(start: Int) {
        self.start = start
    }

    /// A fork holds on to the bytes up to a place.
    ///
    /// - Returns: How many more bytes are used by that: none as long as their session lives.
    func hold(upTo place: Int) -> Int {
        state.withLockedValue { state in
            state.holders[place, default: 0] += 1
            guard let end = state.end, place > end else { return 0 }
            state.end = place
            return place - end
        }
    }

    /// A fork is gone that held on to the bytes up to a place.
    ///
    /// - Returns: How many bytes are not used any more.
    func release(upTo place: Int) -> Int {
        state.withLockedValue { state in
            let count = state.holders[place, default: 1] - 1
            state.holders[place] = count > 0 ? count : nil
            guard let end = state.end else { return 0 }
            return shrink(&state, from: end)
        }
    }

    /// The session of the bytes is gone.
    ///
    /// - Parameter end: How many bytes its log had.
    /// - Returns: How many bytes are not used any more.
    func ownerLeft(at end: Int) -> Int {
        state.withLockedValue { shrink(&$0, from: end) }
    }

    private func shrink(_ state: inout State, from end: Int) -> Int {
        let rest = state.holders.keys.max() ?? start
        state.end = rest
        return end - rest
    }
}

/// What a fork holds of an ancestor's bytes.
struct HeldBytes: Sendable {
    let bytes: OwnedBytes
    /// Up to where.
    let place: Int
}

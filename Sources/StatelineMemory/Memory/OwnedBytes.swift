internal import NIOConcurrencyHelpers

/// The bytes that one session appended to its log, which its forks share and hold on to.
///
/// A place is a number of bytes of the whole log. While their session lives, all of the bytes are used. Afterwards they
/// are used up to the last place that a fork holds: the fork's log continues from there with bytes of its own. So bytes
/// that several sessions share are counted once, until the last of these sessions is gone.
///
/// A fork or a removal of a session takes a lock; a load or an append never does.
final class OwnedBytes: Sendable {
    private struct State {
        /// The place up to which the bytes are used, once their session is gone.
        var end: Int?
        /// The number of forks that hold each place.
        var holders: [Int: Int] = [:]
    }

    /// The place at which they begin: the bytes of the log before it are an ancestor's.
    let start: Int
    private let state = NIOLockedValueBox(State())

    init(start: Int) {
        self.start = start
    }

    /// Holds the bytes up to a place, for a fork.
    ///
    /// - Returns: The number of bytes that are used again by that: none while their session lives.
    func hold(upTo place: Int) -> Int {
        state.withLockedValue { state in
            state.holders[place, default: 0] += 1
            guard let end = state.end, place > end else { return 0 }
            state.end = place
            return place - end
        }
    }

    /// Releases the bytes up to a place: a fork that held them is gone.
    ///
    /// - Returns: The number of bytes that are not used any more.
    func release(upTo place: Int) -> Int {
        state.withLockedValue { state in
            let count = state.holders[place, default: 1] - 1
            state.holders[place] = count > 0 ? count : nil
            guard let end = state.end else { return 0 }
            return shrink(&state, from: end)
        }
    }

    /// Releases the bytes of the owner: their session is gone.
    ///
    /// - Parameter end: The number of bytes of its log.
    /// - Returns: The number of bytes that are not used any more.
    func ownerLeft(at end: Int) -> Int {
        state.withLockedValue { shrink(&$0, from: end) }
    }

    private func shrink(_ state: inout State, from end: Int) -> Int {
        let rest = state.holders.keys.max() ?? start
        state.end = rest
        return end - rest
    }
}

/// The bytes of an ancestor that a fork holds.
struct HeldBytes: Sendable {
    let bytes: OwnedBytes
    /// The place up to which they are held.
    let place: Int
}

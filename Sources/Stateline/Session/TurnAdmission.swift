/// The decision on a turn that is to begin, apart from clock, lock and I/O.
///
/// It depends on the session's open turn and queue, the policy, and what is known of the signs of life. Each action changes
/// the log, waits, or ends the admission; after it the decision is made again.
struct TurnAdmission {
    /// The next thing to do.
    enum Action: Hashable {
        /// Append the opening batch.
        case open
        /// The turn has ended: answer with it.
        case answer
        /// A turn with this idempotency key has another input.
        case refuseInput
        /// End a turn whose holder has given no sign of life.
        case reap(TurnID)
        /// Drop the first place of the queue, whose holder has given no sign of life.
        case drop(TurnID)
        /// Refuse the turn: this one is in its way.
        case refuse(TurnID)
        /// Refuse the turn: the queue is full.
        case refuseQueue(limit: Int)
        /// Take a place in the queue.
        case enqueue
        /// End the open turn.
        case supersede(TurnID)
        /// Run in a fork.
        case branch
        /// Give the prompt to the open turn.
        case steer(TurnID)
        /// Look again later.
        case wait
    }

    /// The turn.
    let turn: TurnID
    /// The digest of its input.
    let input: Digest
    /// The policy.
    let policy: SessionConfiguration.TurnPolicy
    /// `true` once this admission has taken a place in the queue.
    var hasPlace = false
    /// The open turn that was given the prompt.
    var steered: TurnID?

    /// Decides.
    ///
    /// - Parameters:
    ///   - snapshot: The session.
    ///   - isSilent: `true` if the holder of the open turn, or else that of the first place in the queue, has given no sign
    ///     of life for its term.
    /// - Returns: The next thing to do.
    func action(in snapshot: Snapshot, isSilent: Bool) -> Action {
        let turns = snapshot.turns
        if let ended = turns?.ended(turn), ended.outcome == .committed {
            return ended.input == input || steered != nil ? .answer : .refuseInput
        }
        let queue = turns?.queue ?? []
        guard let open = turns?.open else { return action(behind: queue, isSilent) }
        if open.inputs.contains(where: { $0.turn == turn }) || open.steeredBy.contains(turn) {
            return !open.isWaiting && isSilent ? .reap(open.turn) : .wait
        }
        if open.turn == turn, open.input != input { return .refuseInput }
        if !open.isWaiting, isSilent { return .reap(open.turn) }
        // A twin: its answer is this one's.
        if open.turn == turn { return .wait }
        switch policy {
        case .optimistic, .reject: return .refuse(open.turn)
        case .enqueue(let limit): return place(in: queue, limit: limit)
        case .supersede: return .supersede(open.turn)
        case .branch: return .branch
        case .steer: return .steer(open.turn)
        }
    }

    /// Decides without an open turn.
    private func action(behind queue: [QueuedTurn], _ isSilent: Bool) -> Action {
        guard let first = queue.first else { return .open }
        if first.turn == turn { return hasPlace ? .open : isSilent ? .drop(first.turn) : .wait }
        if isSilent { return .drop(first.turn) }
        switch policy {
        case .optimistic, .reject: return .refuse(first.turn)
        case .enqueue(let limit): return place(in: queue, limit: limit)
        case .branch: return .branch
        case .supersede, .steer: return place(in: queue, limit: .max)
        }
    }

    private func place(in queue: [QueuedTurn], limit: Int) -> Action {
        // A place of this turn is this one's, or that of a twin, whose answer is this one's.
        if queue.contains(where: { $0.turn == turn }) { return .wait }
        return queue.count >= limit ? .refuseQueue(limit: limit) : .enqueue
    }
}

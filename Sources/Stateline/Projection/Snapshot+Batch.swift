extension Snapshot {
    /// A batch that follows this snapshot, ready for the store, and the snapshot with it.
    struct Successor: Sendable {
        let encoded: EncodedBatch
        let snapshot: Snapshot
    }

    /// Encodes a batch at the next revision.
    ///
    /// - Parameters:
    ///   - batch: The batch.
    ///   - incarnation: The life of the session that writes the batch; a fork begins one of its own.
    ///   - sent: The content of the newest request, if the batch holds a call.
    ///   - rendering: The view's rendering with the batch's entries, if it is known already.
    ///   - extensions: The head's extensions; `nil` to carry on those of the head before.
    /// - Returns: The batch's stored form and the session with it.
    /// - Complexity: O(*k*) in the size of the batch, whatever the size of the history.
    func successor(
        _ batch: Batch,
        incarnation: Incarnation? = nil,
        sent: SentRequest? = nil,
        rendering: Rendering? = nil,
        extensions: [FormatExtension]? = nil
    ) -> Successor {
        var head = head
        if let extensions { head.extensions = extensions }
        let revision = position.revision.next
        head.position = Position(
            incarnation: incarnation ?? position.incarnation,
            revision: revision,
            digest: position.digest
        )
        head.totals = head.totals.adding(batch)
        guard let newView = activeView(with: batch) else { preconditionFailure("the view has unknown entries") }
        guard let newTurns = turns(with: batch) else { preconditionFailure("the turn's record does not fit the log") }
        head.openTurn = newTurns?.table.open.map(Head.OpenTurn.init)
        head.view.entries = newView.count
        if batch.changesView {
            head.view.revision = revision
            head.view.sentEntries = min(head.view.sentEntries, newView.commonPrefixCount(with: view))
            head.view.sentTokens = 0
        }
        if let sent {
            head.view.sentEntries = min(sent.entries, head.view.entries)
            head.view.sentTokens = sent.entries <= head.view.entries ? sent.tokens ?? 0 : 0
            head.view.sentTools = sent.tools
        }
        let cipher = cipher?.sealing(revision)
        let encoded = EncodedBatch(batch, head: head, after: position, cipher: cipher)
        head.position = encoded.position
        var next = following(batch, head: head, view: newView, turns: newTurns, rendering: rendering)
        next.cipher = cipher
        return Successor(encoded: encoded, snapshot: next)
    }
}

extension Head.OpenTurn {
    /// Makes the summary of an open turn.
    init(_ open: OpenTurn) {
        self.init(turn: open.turn, isWaiting: open.isWaiting)
    }
}

extension Snapshot {
    /// Folds stored batches into a session, and checks that they are the log that follows.
    ///
    /// The claims of a batch and its head are compared with the log before them: digests prove that the bytes are those
    /// that were written, not that their writer was right.
    ///
    /// - Throws: ``LogError/corrupt(_:)`` if a batch does not follow the one before it by its digest, or claims what is not
    ///   so; ``LogError/unreadable(_:)`` if a newer writer made it and it cannot be read; ``LogError/sealed(_:_:)`` if its
    ///   content cannot be opened.
    /// - Complexity: O(*n*) in the size of the batches. Views are shown once, however many there are.
    package func following(_ batches: [EncodedBatch]) throws(LogError) -> Snapshot {
        var snapshot = self
        snapshot.cipher = try cipher?.following(batches, after: position)
        // Before the newest view batch, nothing has to be shown.
        let newestView = batches.count > 1 ? batches.last?.viewRevision ?? 0 : 0
        let showsLater = newestView > position.revision
        if showsLater { snapshot.keepLog() }
        for encoded in batches {
            let revision = encoded.position.revision
            let isShown = !showsLater || revision > newestView
            guard let next = try snapshot.following(encoded, isShown: isShown) else { throw .corrupt(revision) }
            snapshot = next
            if showsLater, revision == newestView { snapshot.show(insteadOf: view) }
        }
        return snapshot
    }

    /// Folds a batch; returns `nil` if it does not follow, or if a claim of it is false.
    private func following(_ encoded: EncodedBatch, isShown: Bool) throws(LogError) -> Snapshot? {
        do throws(FormatError) {
            guard try encoded.follows(position) else { return nil }
        } catch { throw LogError(error, at: encoded.position.revision) }
        let (batch, head) = try encoded.opened(by: cipher, after: position)
        if let change = batch.settings {
            do throws(FormatError) { _ = try settings.applying(change) } catch {
                throw LogError(error, at: encoded.position.revision)
            }
        }
        guard let newView = activeView(with: batch), let newTurns = turns(with: batch),
            accepts(head, of: batch, view: newView, turns: newTurns)
        else { return nil }
        return isShown
            ? following(batch, head: head, view: newView, turns: newTurns)
            : appending(batch, head: head, view: newView, turns: newTurns)
    }

    /// Folds a whole log.
    package static func folding(
        _ batches: [EncodedBatch],
        of key: SessionKey,
        dialect: any Dialect,
        cipher: SessionCipher? = nil
    ) throws(LogError) -> Snapshot {
        guard let first = batches.first else { throw .corrupt(1) }
        let origin = Position.origin(of: key.root, incarnation: first.position.incarnation)
        return try Snapshot(key: key, origin: origin, dialect: dialect, cipher: cipher).following(batches)
    }
}

extension EncodedBatch {
    /// The revision of the newest view batch, as the head claims; 0 if it cannot be read.
    fileprivate var viewRevision: Revision {
        do { return try BatchFormat.Frame(bytes).head().view.revision } catch { return 0 }
    }
}

extension SessionKey {
    /// The key of the session that this one's tree began with.
    var root: SessionKey { SessionKey(family, tenant: tenant) }
}

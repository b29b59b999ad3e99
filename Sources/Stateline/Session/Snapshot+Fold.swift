extension Snapshot {
    /// Folds stored batches into a session, and checks that they are the log that follows.
    ///
    /// - Throws: ``SessionError/corruptLog(_:_:)`` if a batch does not follow the one before it by its digest, or
    ///   ``SessionError/unreadableLog(_:_:)`` if a newer writer made it and it cannot be read.
    /// - Complexity: O(*n*) in the size of the batches.
    package func following(_ batches: [EncodedBatch]) throws(SessionError) -> Snapshot {
        var snapshot = self
        for encoded in batches {
            let next: Snapshot
            do {
                guard try encoded.follows(snapshot.position) else {
                    throw SessionError.corruptLog(key, encoded.position.revision)
                }
                let (batch, head) = try encoded.decoded()
                next = snapshot.following(batch, head: head)
            } catch let error as FormatError {
                throw SessionError(error, of: key, at: encoded.position.revision)
            } catch let error as SessionError {
                throw error
            } catch {
                throw .corruptLog(key, encoded.position.revision)
            }
            snapshot = next
        }
        return snapshot
    }

    /// Folds a whole log.
    package static func folding(
        _ batches: [EncodedBatch],
        of key: SessionKey,
        dialect: any Dialect
    ) throws(SessionError) -> Snapshot {
        guard let first = batches.first else { throw .corruptLog(key, 1) }
        let origin = Position.origin(of: key.root, incarnation: first.position.incarnation)
        return try Snapshot(key: key, origin: origin, dialect: dialect).following(batches)
    }
}

extension SessionKey {
    /// The key of the session that this one's tree began with.
    var root: SessionKey { SessionKey(family, tenant: tenant) }
}

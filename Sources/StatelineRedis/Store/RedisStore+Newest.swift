internal import NIOCore
public import Stateline

extension RedisStore {
    /// The maximum number of sessions that are asked for at once.
    private static var newestStep: Int { 128 }

    /// Returns the newest batch of each of some sessions; `nil` for each that is gone.
    ///
    /// The digest of each batch is checked against that of the batch before it, which is not read.
    ///
    /// - Throws: `StoreError` with `StoreError.Reason.corrupt` if one of the batches or guards is damaged, and as
    ///   ``load(_:after:)`` does. Ask for the sessions one by one to tell which one it was.
    /// - Complexity: O(*n*) in the size of the batches, whatever the logs before them. The requests for 128 sessions are
    ///   sent at once, in one round trip to each server; a batch of more than 64 KiB takes one more.
    public func newest(of keys: [SessionKey]) async throws(StoreError) -> [EncodedBatch?] {
        var batches: [EncodedBatch?] = []
        batches.reserveCapacity(keys.count)
        for start in stride(from: 0, to: keys.count, by: Self.newestStep) {
            batches += try await newestAtOnce(of: keys[start..<min(start + Self.newestStep, keys.count)])
        }
        return batches
    }

    private func newestAtOnce(of keys: ArraySlice<SessionKey>) async throws(StoreError) -> [EncodedBatch?] {
        let deadline = deadline
        let results = await withTaskGroup(of: (Int, Result<EncodedBatch?, StoreError>).self) { group in
            for (index, key) in zip(keys.indices, keys) {
                group.addTask { [self] in
                    do throws(StoreError) {
                        return (index, .success(try await newest(of: key, deadline: deadline)))
                    } catch {
                        return (index, .failure(error))
                    }
                }
            }
            return await group.reduce(into: [Int: Result<EncodedBatch?, StoreError>]()) { $0[$1.0] = $1.1 }
        }
        var batches: [EncodedBatch?] = []
        for index in keys.indices { batches.append(try results[index]?.get() ?? nil) }
        return batches
    }

    /// Reads the newest batch as the tail of a reader that has all batches but this one.
    private func newest(of key: SessionKey, deadline: NIODeadline) async throws(StoreError) -> EncodedBatch? {
        let keys = StoredKeys(key, in: namespace)
        let call = ScriptCall(.newest, keys, parameters: ByteBuffer())
        var rereading = Rereading()
        while true {
            switch try await run(call, deadline: deadline).0 {
            case .newest(let before, let tail):
                let batches = try await batches(of: tail, after: before, keys: keys, deadline: deadline, &rereading)
                if let batches { return batches.last }
            case .gone: return nil
            case .corrupt(let revision): throw .corruptLog(at: revision)
            default: throw StoreError(.malformedAnswer, maybeCommitted: false)
            }
        }
    }
}

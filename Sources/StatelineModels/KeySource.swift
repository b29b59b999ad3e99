internal import Stateline
internal import Synchronization

/// A function that gives keys, and the key that it gave last.
final class KeySource: Sendable {
    private struct Known {
        let key: APIKey
        let end: ContinuousClock.Instant
    }

    private let function: @Sendable () async throws -> APIKey
    private let reuse: Duration
    private let known = Mutex<Known?>(nil)
    /// The keys that were given, which no error may hold.
    let given = SecretRegister()

    init(reusedFor time: Duration, _ function: @escaping @Sendable () async throws -> APIKey) {
        self.reuse = time
        self.function = function
    }

    /// Returns a key: the last one, if it may be used again, or a new one.
    ///
    /// - Parameter limit: The time that the function may take.
    /// - Returns: The key.
    /// - Throws: `ModelError` if the function throws or takes too long, or the task is cancelled.
    func key(within limit: Duration) async throws(ModelError) -> APIKey {
        if let key = reusable { return key }
        let (function, given) = (function, given)
        let result: Result<APIKey, ModelError> = await firstResult(of: [
            {
                do { return .success(try await function()) } catch let error as ModelError {
                    return .failure(error)
                } catch {
                    let text = ProviderMessage(String(describing: error), redacting: Secrets(register: given)).text
                    return .failure(.credentialsFailed(description: text))
                }
            },
            {
                try? await Task.sleep(for: limit.asPause)
                return .failure(.credentialsFailed(description: "there was no key within \(limit)"))
            },
        ])
        if Task.isCancelled { throw .cancelled }
        let key = try result.get()
        given.insert(key.text)
        if reuse > .zero {
            let end = ContinuousClock.now + reuse
            known.withLock { $0 = Known(key: key, end: end) }
        }
        return key
    }

    private var reusable: APIKey? {
        guard reuse > .zero else { return nil }
        return known.withLock { known in
            guard let known, known.end > .now else { return nil }
            return known.key
        }
    }

    /// Records that the provider refused a key: the next call asks for a new one.
    func refused() {
        known.withLock { $0 = nil }
    }
}

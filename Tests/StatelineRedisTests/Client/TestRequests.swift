import NIOCore

@testable import StatelineRedis

extension RedisRequest {
    /// A request of one command, of text.
    static func of(
        _ arguments: String...,
        slot: HashSlot? = nil,
        lane: Lane = .shared,
        isRepeatable: Bool = false
    ) -> RedisRequest {
        .of([arguments], slot: slot, lane: lane, isRepeatable: isRepeatable)
    }

    /// A request of several commands, of text.
    static func of(
        _ commands: [[String]],
        slot: HashSlot? = nil,
        lane: Lane = .shared,
        isRepeatable: Bool = false
    ) -> RedisRequest {
        RedisRequest(slot: slot, lane: lane, isRepeatable: isRepeatable, commands: commands.count) { encoder in
            for command in commands {
                encoder.command(command)
            }
        }
    }
}

extension RedisSender {
    /// Sends a request with a deadline that no test reaches.
    func send(_ request: RedisRequest) async throws(RedisError) -> RESPValue {
        try await send(request, deadline: .now() + .seconds(30))
    }

    /// What becomes of a request.
    func outcome(of request: RedisRequest, within limit: TimeAmount = .seconds(30)) async -> Result<
        RESPValue, RedisError
    > {
        do throws(RedisError) {
            return .success(try await send(request, deadline: .now() + limit))
        } catch {
            return .failure(error)
        }
    }
}

extension Result where Success == RESPValue, Failure == RedisError {
    /// Why there is no reply, and how far the request got.
    var failure: String? {
        if case .failure(let error) = self { "\(error.reason), \(error.execution)" } else { nil }
    }

    /// The reply.
    var reply: RESPValue? { try? get() }
}

/// Runs a client while the body runs.
func with<Value>(_ client: RedisClient, _ body: (RedisClient) async throws -> Value) async throws -> Value {
    do {
        let value = try await body(client)
        await client.close()
        return value
    } catch {
        await client.close()
        throw error
    }
}

/// Waits until a condition holds that something else brings about.
func eventually(
    file: StaticString = #fileID,
    line: UInt = #line,
    _ condition: () async throws -> Bool
) async throws {
    for _ in 0..<4000 {
        if try await condition() { return }
        try await Task.sleep(for: .milliseconds(5))
    }
    throw NeverHappened(place: "\(file):\(line)")
}

/// What was waited for did not come about in 20 s.
struct NeverHappened: Error {
    let place: String
}

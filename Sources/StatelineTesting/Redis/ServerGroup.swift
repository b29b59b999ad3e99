/// Functions that start and end several servers together.
enum ServerGroup {
    /// Starts servers concurrently; if one fails, ends the others.
    static func begin(
        _ count: Int,
        _ start: @escaping @Sendable (Int) async throws -> RedisServer
    ) async throws -> [RedisServer] {
        let results = await withTaskGroup(of: (Int, Result<RedisServer, any Error>).self) { group in
            for index in 0..<count {
                group.addTask {
                    do { return (index, .success(try await start(index))) } catch { return (index, .failure(error)) }
                }
            }
            var results: [Int: Result<RedisServer, any Error>] = [:]
            for await (index, result) in group { results[index] = result }
            return (0..<count).compactMap { results[$0] }
        }
        do {
            return try results.map { try $0.get() }
        } catch {
            await end(results.compactMap { try? $0.get() })
            throw error
        }
    }

    /// Ends servers after a body, also if it throws.
    static func ending<Result>(_ servers: [RedisServer], after body: () async throws -> Result) async throws -> Result {
        do {
            let result = try await body()
            await end(servers)
            return result
        } catch {
            await end(servers)
            throw error
        }
    }

    /// Ends servers concurrently.
    static func end(_ servers: [RedisServer]) async {
        await withTaskGroup(of: Void.self) { group in
            for server in servers { group.addTask { await server.end() } }
        }
    }
}

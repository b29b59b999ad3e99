internal import NIOConcurrencyHelpers
internal import NIOCore

/// A resolver that connects to the primary that sentinels name.
final class SentinelResolver: Sendable {
    private let primary: String
    private let sentinel: RedisConnection.Configuration
    private let connection: RedisConnection.Configuration
    /// The maximum wait for one sentinel, or for a server that one named.
    private let limit: TimeAmount
    private let counter: ClientCounter
    /// The sentinels; the one that answered last comes first.
    private let sentinels: NIOLockedValueBox<[RedisEndpoint]>

    init(
        _ sentinels: [RedisEndpoint],
        primary: String,
        sentinel: RedisConnection.Configuration,
        connection: RedisConnection.Configuration,
        limit: TimeAmount,
        counter: ClientCounter
    ) {
        self.limit = limit
        self.primary = primary
        self.sentinel = sentinel
        self.connection = connection
        self.counter = counter
        self.sentinels = NIOLockedValueBox(sentinels)
    }

    /// Asks the sentinels, one after the other, and connects to the first server that they name and that is a primary.
    ///
    /// - Throws: ``RedisError``: `clusterDown` if sentinels answer and no primary does, which a failover may cure.
    ///   Otherwise the failure of a sentinel.
    func connect(on loop: any EventLoop) async throws(RedisError) -> RedisConnection {
        counter.count(\.lookups)
        var failure: RedisError?
        var tried: Set<RedisEndpoint> = []
        for endpoint in sentinels.withLockedValue(\.self) {
            let address: RedisEndpoint
            do throws(RedisError) {
                address = try await self.address(from: endpoint, on: loop, until: .now() + limit)
            } catch {
                counter.sentinelFailed(endpoint, error)
                if failure?.reason != .clusterDown { failure = error }
                continue
            }
            sentinels.withLockedValue { sentinels in
                sentinels.removeAll { $0 == endpoint }
                sentinels.insert(endpoint, at: 0)
            }
            guard tried.insert(address).inserted else { continue }
            do throws(RedisError) {
                let connection = try await primary(at: address, on: loop, until: .now() + limit)
                counter.served(by: [address.description])
                return connection
            } catch {
                switch error.reason {
                // Another server would refuse the client as well.
                case .denied, .untrusted: throw error
                default: failure = RedisError(.clusterDown, .notSent, message: error.message)
                }
            }
        }
        throw failure ?? RedisError(.unreachable, .notSent, message: "the URL names no sentinel")
    }

    private func address(
        from endpoint: RedisEndpoint,
        on loop: any EventLoop,
        until deadline: NIODeadline
    ) async throws(RedisError) -> RedisEndpoint {
        let question = ["SENTINEL", "GET-MASTER-ADDR-BY-NAME", primary]
        let (connection, address) = try await connect(
            to: endpoint,
            sentinel,
            on: loop,
            until: deadline,
            asking: question
        ) {
            reply throws(RedisError) in
            guard case .array(let fields) = reply, fields.count == 2,
                case .bytes(let host) = fields[0], case .bytes(let port) = fields[1],
                let port = Int(String(buffer: port)), 1...65535 ~= port
            else {
                throw RedisError(
                    .refused(code: "SENTINEL"),
                    .notSent,
                    message: "the sentinel does not know the primary's name: check the URL's path"
                )
            }
            return Redirection.endpoint(host: String(buffer: host), port: port, asSeenFrom: endpoint)
        }
        connection.beginClose()
        return address
    }

    private func primary(
        at endpoint: RedisEndpoint,
        on loop: any EventLoop,
        until deadline: NIODeadline
    ) async throws(RedisError) -> RedisConnection {
        try await connect(to: endpoint, connection, on: loop, until: deadline, asking: ["ROLE"]) {
            reply throws(RedisError) in
            guard case .array(let fields) = reply, fields.first == .bytes(ByteBuffer(string: "master")) else {
                throw RedisError(.clusterDown, .notSent, message: "the server reported by Sentinel is not a primary")
            }
        }
        .connection
    }

    /// Connects and sends one command.
    ///
    /// The connection ends if there is no answer.
    private func connect<Answer>(
        to endpoint: RedisEndpoint,
        _ configuration: RedisConnection.Configuration,
        on loop: any EventLoop,
        until deadline: NIODeadline,
        asking question: [String],
        read: (RESPValue) throws(RedisError) -> Answer
    ) async throws(RedisError) -> (connection: RedisConnection, answer: Answer) {
        do throws(RedisError) {
            let connection = try await RedisConnection.connect(
                to: endpoint,
                configuration: configuration,
                on: loop,
                deadline: deadline
            )
            do throws(RedisError) {
                let request = RedisRequest(slot: nil, isRepeatable: true) { encoder in
                    encoder.command(question)
                }
                let reply = try await connection.send(request, deadline: deadline)
                if let denial = RedisError.denial(in: reply) { throw denial }
                return (connection, try read(reply))
            } catch {
                connection.beginClose()
                throw error
            }
        } catch {
            throw error.asConnectFailure(to: endpoint)
        }
    }
}

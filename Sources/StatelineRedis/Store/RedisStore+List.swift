internal import NIOCore
public import Stateline

extension RedisStore {
    /// Lists a tenant's sessions, a page at a time, in no order.
    ///
    /// It scans all keys of the servers, so it is for administrators, and requires the right to `SCAN`. A page may be
    /// short, or empty without being the last one. A session may be listed twice. Sessions that move between the
    /// servers of a cluster meanwhile, and those of a server that fails meanwhile, may be missed. A cursor of another
    /// store starts from the beginning.
    ///
    /// - Throws: `StoreError` with `StoreError.Reason.denied` if the user may not `SCAN`, with
    ///   `StoreError.Reason.unavailable` if the server gave no answer in time.
    /// - Complexity: O(*n*) for all pages in the number of keys of all tenants; at most 32 times two round trips
    ///   a page, whatever the number of slots.
    public func list(_ tenant: Tenant, cursor: ListCursor?, limit: Int) async throws(StoreError) -> ListPage {
        precondition(limit > 0, "the limit of a page must be positive")
        let deadline = deadline
        let slots: [HashSlot?]
        do { slots = try await sender.primarySlots(deadline: deadline) } catch {
            throw StoreError(error, maybeCommitted: false)
        }
        var checkpoint = cursor.flatMap(ListCheckpoint.init) ?? ListCheckpoint()
        var keys: [SessionKey] = []
        var steps = 0
        while steps < 32, keys.count < limit {
            guard let slot = slots.first(where: { ($0?.rawValue ?? 0) >= checkpoint.slot }) else {
                return ListPage(keys: keys, next: nil)
            }
            steps += 1
            let pattern = StoredKeys.guards(of: tenant, in: namespace)
            let (names, next) = try await scan(pattern, slot, from: checkpoint.scan, limit: limit, deadline: deadline)
            let sessions = try await sessions(
                names.subtracting(checkpoint.listed),
                of: tenant,
                isCluster: slot != nil,
                deadline
            )
            for (name, key) in sessions {
                guard keys.count < limit else { return ListPage(keys: keys, next: checkpoint.cursor) }
                keys.append(key)
                checkpoint.listed.insert(name)
            }
            checkpoint.listed = []
            checkpoint.scan = next
            if next == "0" { checkpoint.slot = Int(slot?.rawValue ?? .max - 1) + 1 }
        }
        return ListPage(keys: keys, next: checkpoint.cursor)
    }

    /// Lists the live sessions of a family, in no order.
    ///
    /// A family is on one server, all of whose keys are scanned: it is for administrators, and requires the right to
    /// `SCAN`.
    ///
    /// - Throws: `StoreError` as ``list(_:cursor:limit:)`` does.
    /// - Complexity: O(*n*) in the number of the server's keys, two round trips for each 1,024 of them.
    public func branches(of key: SessionKey) async throws(StoreError) -> [SessionKey] {
        let deadline = deadline
        let keys = StoredKeys(key, in: namespace)
        let slots: [HashSlot?]
        do { slots = try await sender.primarySlots(deadline: deadline) } catch {
            throw StoreError(error, maybeCommitted: false)
        }
        let slot = slots.contains(nil) ? nil : keys.slot
        var branches: Set<SessionKey> = []
        var cursor = "0"
        repeat {
            let (names, next) = try await scan(keys.familyGuards, slot, from: cursor, limit: 1024, deadline: deadline)
            let listed = try await sessions(names, of: key.tenant, isCluster: slot != nil, deadline)
            // Another family may have the same name in keys.
            for (_, branch) in listed where branch.isBranch(of: key) { branches.insert(branch) }
            cursor = next
        } while cursor != "0"
        return Array(branches)
    }

    private func scan(
        _ pattern: String,
        _ slot: HashSlot?,
        from cursor: String,
        limit: Int,
        deadline: NIODeadline
    ) async throws(StoreError) -> (names: Set<String>, next: String) {
        let count = String(min(max(limit, 16), 1024))
        let command = ["SCAN", cursor, "MATCH", pattern, "COUNT", count]
        let replies = try await replies(to: [command], slot: slot, lane: .bulk, deadline: deadline)
        switch replies.first {
        case .array(let parts) where parts.count == 2:
            guard case .bytes(let next) = parts[0], case .array(let names) = parts[1] else { break }
            return (Set(names.compactMap { $0.text }), String(buffer: next))
        case .error(let text): throw StoreError(ServerMessage(text).error, maybeCommitted: false)
        default: break
        }
        throw StoreError(.malformedAnswer, maybeCommitted: false)
    }

    /// Reads the names of the live sessions among some guards.
    ///
    /// The guards of each slot are a request of their own, because another node may serve the slot by now. All requests
    /// are sent at once: those to one node share a connection, which answers them in one round trip.
    private func sessions(
        _ guards: Set<String>,
        of tenant: Tenant,
        isCluster: Bool,
        _ deadline: NIODeadline
    ) async throws(StoreError) -> [ListedSession] {
        let slots = Dictionary(grouping: guards) { isCluster ? HashSlot($0) : nil }
        let results = await withTaskGroup(of: Result<[ListedSession], StoreError>.self) { group in
            for (slot, names) in slots {
                group.addTask { [self] in
                    do throws(StoreError) {
                        return .success(try await sessions(names, in: slot, of: tenant, deadline))
                    } catch {
                        return .failure(error)
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        var listed: [ListedSession] = []
        for result in results { listed += try result.get() }
        return listed
    }

    /// Reads the names of the live sessions among the guards of one slot.
    private func sessions(
        _ names: [String],
        in slot: HashSlot?,
        of tenant: Tenant,
        _ deadline: NIODeadline
    ) async throws(StoreError) -> [ListedSession] {
        let commands = [["TIME"]] + names.flatMap { [["GET", $0], ["EXISTS", $0.dropLast() + "l"]] }
        let replies = try await replies(to: commands, slot: slot, lane: .bulk, deadline: deadline)
        var sessions: [ListedSession] = []
        for (index, name) in names.enumerated() {
            guard
                case .bytes(let bytes) = replies[1 + 2 * index], replies[2 + 2 * index] == .integer(1),
                let time = replies[0].milliseconds, let key = SessionKey(bytes, of: tenant, aliveAt: time),
                StoredKeys(key, in: namespace).guardKey == name
            else { continue }
            sessions.append((name, key))
        }
        return sessions
    }
}

/// A live session, and the name of its guard.
private typealias ListedSession = (guard: String, key: SessionKey)

/// The end of a page of a list, from which the next page continues.
private struct ListCheckpoint {
    /// The first slot of the node whose scan is not complete.
    var slot = 0
    /// The cursor of the node's scan.
    var scan = "0"
    /// The keys after the cursor that were listed already.
    var listed: Set<String> = []

    init() {}

    /// Reads a cursor; returns `nil` if this store did not make it.
    init?(_ cursor: ListCursor) {
        let fields = cursor.rawValue.split(separator: ",", omittingEmptySubsequences: false)
        guard fields.count >= 3, fields[0] == "redis", let slot = Int(fields[1]), slot >= 0 else { return nil }
        guard UInt64(fields[2]) != nil else { return nil }
        self.slot = slot
        scan = String(fields[2])
        listed = Set(fields.dropFirst(3).map(String.init))
    }

    var cursor: ListCursor {
        ListCursor(rawValue: (["redis", String(slot), scan] + listed).joined(separator: ","))
    }
}

extension RESPValue {
    /// The text of a string; `nil` for another reply.
    fileprivate var text: String? {
        guard case .bytes(let bytes) = self else { return nil }
        return String(buffer: bytes)
    }

    /// The reply to `TIME`, in milliseconds.
    var milliseconds: UInt64? {
        guard
            case .array(let parts) = self, parts.count == 2, let seconds = parts[0].text.flatMap({ UInt64($0) }),
            let rest = parts[1].text.flatMap({ UInt64($0) })
        else { return nil }
        return seconds * 1000 + rest / 1000
    }
}

extension SessionKey {
    /// Reads a session's key from its guard; returns `nil` if the session is not live.
    fileprivate init?(_ bytes: ByteBuffer, of tenant: Tenant, aliveAt time: UInt64) {
        var rest = bytes
        guard
            let version = rest.readInteger(as: UInt8.self), version == 1,
            let state = rest.readInteger(as: UInt8.self), state == 1,
            rest.readSlice(length: 6) != nil,
            let (high, low) = rest.readMultipleIntegers(as: (UInt16, UInt32).self),
            time < UInt64(high) << 32 | UInt64(low),
            rest.readSlice(length: 142) != nil,
            let ancestors = rest.readInteger(as: UInt16.self), rest.readSlice(length: 82 * Int(ancestors)) != nil,
            let idBytes = rest.readLengthPrefixedSlice(as: UInt32.self),
            let familyBytes = rest.readLengthPrefixedSlice(as: UInt32.self)
        else { return nil }
        let (id, family) = (String(buffer: idBytes), String(buffer: familyBytes))
        let root = SessionKey(family.isEmpty ? id : family, tenant: tenant)
        self = family.isEmpty ? root : root.fork(id)
    }
}

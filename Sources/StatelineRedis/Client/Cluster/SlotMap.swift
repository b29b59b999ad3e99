internal import NIOCore

/// The owner of each slot, as a node reports it.
struct SlotMap: Sendable {
    /// The mark of a slot without an owner.
    private static let noOwner = UInt16.max

    /// The nodes that own slots, in the order of the report.
    private(set) var primaries: [RedisEndpoint]
    private var owners: [UInt16]

    /// Makes an empty map.
    init() {
        self.primaries = []
        self.owners = Array(repeating: Self.noOwner, count: HashSlot.count)
    }

    /// Reads the reply to `CLUSTER SLOTS`; returns `nil` if it is malformed.
    ///
    /// - Parameters:
    ///   - reply: The reply.
    ///   - node: The node that sent it. Nodes without a host have that node's.
    init?(_ reply: RESPValue, from node: RedisEndpoint) {
        self.init()
        guard case .array(let ranges) = reply else { return nil }
        for range in ranges {
            guard case .array(let fields) = range, fields.count >= 3,
                case .integer(let first) = fields[0], case .integer(let last) = fields[1],
                0 <= first, first <= last, last < HashSlot.count,
                let endpoint = Self.endpoint(fields[2], from: node)
            else { return nil }
            let owner = index(of: endpoint)
            for slot in Int(first)...Int(last) { owners[slot] = owner }
        }
    }

    private static func endpoint(_ value: RESPValue, from node: RedisEndpoint) -> RedisEndpoint? {
        guard case .array(let fields) = value, fields.count >= 2,
            case .integer(let port) = fields[1], 1...65535 ~= port
        else { return nil }
        let host: String
        switch fields[0] {
        case .bytes(let bytes): host = String(buffer: bytes)
        case .status(let text): host = text
        case .null: host = ""
        case .error, .integer, .array: return nil
        }
        return Redirection.endpoint(host: host, port: Int(port), asSeenFrom: node)
    }

    private mutating func index(of endpoint: RedisEndpoint) -> UInt16 {
        if let known = primaries.firstIndex(of: endpoint) { return UInt16(known) }
        primaries.append(endpoint)
        return UInt16(primaries.count - 1)
    }

    /// Returns the owner of a slot, as far as is known.
    ///
    /// - Complexity: O(1).
    func owner(of slot: HashSlot) -> RedisEndpoint? {
        ownerIndex(of: slot).map { primaries[$0] }
    }

    /// Returns the index in ``primaries`` of a slot's owner, as far as is known.
    ///
    /// - Complexity: O(1).
    func ownerIndex(of slot: HashSlot) -> Int? {
        let owner = owners[Int(slot.rawValue)]
        return owner == Self.noOwner ? nil : Int(owner)
    }

    /// The first slot of each primary, in ascending order.
    var firstSlots: [HashSlot] {
        var seen: Set<UInt16> = [Self.noOwner]
        return owners.indices.filter { seen.insert(owners[$0]).inserted }.map { HashSlot(rawValue: UInt16($0)) }
    }

    /// Notes the new owner of a slot.
    mutating func move(_ slot: HashSlot, to endpoint: RedisEndpoint) {
        owners[Int(slot.rawValue)] = index(of: endpoint)
    }
}

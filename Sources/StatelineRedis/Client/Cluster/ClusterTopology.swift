/// The nodes of a cluster and their slots, as one client knows them.
struct ClusterTopology: Sendable {
    /// How many nodes that serve no slot are kept.
    private static let guestLimit = 64

    private var map = SlotMap()
    /// The nodes of the map, in its order.
    private(set) var primaries: [Node] = []
    /// Nodes that others pointed to and that serve no slot yet.
    private var guests: [RedisEndpoint: Node] = [:]
    /// Who gave no answer since the last look.
    private var suspects: Set<RedisEndpoint> = []

    /// All nodes.
    var nodes: [Node] { primaries + guests.values }

    /// Who serves a slot, as far as is known.
    ///
    /// - Complexity: O(1).
    func owner(of slot: HashSlot) -> Node? {
        map.ownerIndex(of: slot).map { primaries[$0] }
    }

    /// The first slot of each node that serves any, in ascending order.
    var firstSlots: [HashSlot] { map.firstSlots }

    /// Any node, one with a connection if there is one.
    func anyNode() -> Node? {
        let start = primaries.isEmpty ? 0 : Int.random(in: 0..<primaries.count)
        let nodes = primaries[start...] + primaries[..<start]
        return nodes.first { $0.isOpen && !suspects.contains($0.endpoint) } ?? nodes.first
    }

    /// Who can be asked what the cluster looks like: those who are likely to answer come first.
    func candidates() -> [Node] {
        let nodes = self.nodes.shuffled()
        func isSuspect(_ node: Node) -> Bool { suspects.contains(node.endpoint) }
        return nodes.filter { $0.isOpen && !isSuspect($0) } + nodes.filter { !$0.isOpen && !isSuspect($0) }
            + nodes.filter(isSuspect)
    }

    /// A node gave no answer.
    mutating func suspect(_ endpoint: RedisEndpoint) {
        suspects.insert(endpoint)
    }

    /// The node at an endpoint, made if it is not known.
    mutating func node(at endpoint: RedisEndpoint, make: (RedisEndpoint) -> Node) -> Node {
        if let index = map.primaries.firstIndex(of: endpoint) { return primaries[index] }
        if let guest = guests[endpoint] { return guest }
        let node = make(endpoint)
        guests[endpoint] = node
        return node
    }

    /// A slot is served elsewhere now.
    mutating func move(_ slot: HashSlot, to node: Node) {
        map.move(slot, to: node.endpoint)
        if primaries.count < map.primaries.count {
            primaries.append(node)
            guests[node.endpoint] = nil
        }
    }

    /// Takes another map in the place of this one.
    ///
    /// - Parameters:
    ///   - map: What a node said.
    ///   - make: Makes a node.
    /// - Returns: The nodes that are not needed any more.
    mutating func replace(_ map: SlotMap, make: (RedisEndpoint) -> Node) -> [Node] {
        var known = guests.merging(primaries.map { ($0.endpoint, $0) }) { $1 }
        let served = Set(primaries.map(\.endpoint))
        primaries = map.primaries.map { known.removeValue(forKey: $0) ?? make($0) }
        self.map = map
        suspects = []
        guests = known.filter { !served.contains($0.key) }
        if guests.count > Self.guestLimit { guests = [:] }
        return known.values.filter { guests[$0.endpoint] == nil }
    }
}

/// The nodes of a cluster and their slots, as one client knows them.
struct ClusterTopology: Sendable {
    /// The maximum number of nodes without a slot that are kept.
    private static let slotlessLimit = 64

    private var map = SlotMap()
    /// The nodes of the map, in its order.
    private(set) var primaries: [Node] = []
    /// Nodes that redirections named and that own no slot yet.
    private var slotless: [RedisEndpoint: Node] = [:]
    /// The nodes that gave no answer since the last survey.
    private var suspects: Set<RedisEndpoint> = []

    /// All nodes.
    var nodes: [Node] { primaries + slotless.values }

    /// Returns the node that owns a slot, as far as is known.
    ///
    /// - Complexity: O(1).
    func owner(of slot: HashSlot) -> Node? {
        map.ownerIndex(of: slot).map { primaries[$0] }
    }

    /// The first slot of each primary, in ascending order.
    var firstSlots: [HashSlot] { map.firstSlots }

    /// Returns any node, preferably one with a connection.
    func anyNode() -> Node? {
        let start = primaries.isEmpty ? 0 : Int.random(in: 0..<primaries.count)
        let nodes = primaries[start...] + primaries[..<start]
        return nodes.first { $0.isOpen && !suspects.contains($0.endpoint) } ?? nodes.first
    }

    /// Returns the nodes to survey; those that are likely to answer come first.
    func candidates() -> [Node] {
        let nodes = self.nodes.shuffled()
        func isSuspect(_ node: Node) -> Bool { suspects.contains(node.endpoint) }
        return nodes.filter { $0.isOpen && !isSuspect($0) } + nodes.filter { !$0.isOpen && !isSuspect($0) }
            + nodes.filter(isSuspect)
    }

    /// Notes that a node gave no answer.
    mutating func suspect(_ endpoint: RedisEndpoint) {
        suspects.insert(endpoint)
    }

    /// Returns the node at an endpoint, and makes it if it is not known.
    mutating func node(at endpoint: RedisEndpoint, make: (RedisEndpoint) -> Node) -> Node {
        if let index = map.primaries.firstIndex(of: endpoint) { return primaries[index] }
        if let node = slotless[endpoint] { return node }
        let node = make(endpoint)
        slotless[endpoint] = node
        return node
    }

    /// Notes the new owner of a slot.
    mutating func move(_ slot: HashSlot, to node: Node) {
        map.move(slot, to: node.endpoint)
        if primaries.count < map.primaries.count {
            primaries.append(node)
            slotless[node.endpoint] = nil
        }
    }

    /// Replaces the map.
    ///
    /// - Parameters:
    ///   - map: The map that a node returned.
    ///   - make: Makes a node.
    /// - Returns: The nodes that are not needed any more.
    mutating func replace(_ map: SlotMap, make: (RedisEndpoint) -> Node) -> [Node] {
        var known = slotless.merging(primaries.map { ($0.endpoint, $0) }) { $1 }
        let served = Set(primaries.map(\.endpoint))
        primaries = map.primaries.map { known.removeValue(forKey: $0) ?? make($0) }
        self.map = map
        suspects = []
        slotless = known.filter { !served.contains($0.key) }
        if slotless.count > Self.slotlessLimit { slotless = [:] }
        return known.values.filter { slotless[$0.endpoint] == nil }
    }
}

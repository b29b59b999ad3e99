/// An immutable list that shares storage with the lists it was made from.
///
/// A bit-partitioned trie of 32-way nodes with its last leaf held apart, as in Clojure's vector. Appending copies at
/// most one leaf and, each 32nd time, the path to it; a snapshot is a copy of three words; truncation copies one path.
///
/// - Complexity: append O(1) amortised, subscript and `truncate` O(log32 *n*), copy O(1).
///
/// Source: P. Bagwell, *Ideal Hash Trees*, EPFL 2001; R. Hickey's `PersistentVector`; J. N. L'orange, *Improving RRB-Tree
/// Performance through Transience*, NTNU 2014.
package struct PersistentList<Element: Sendable>: Sendable {
    private enum Node: Sendable {
        case branch([Node])
        case leaf([Element])
    }

    private static var bits: Int { 5 }
    private static var width: Int { 1 << bits }

    /// The trie of all full leaves but those in `tail`; `nil` while all elements fit into the tail.
    private var root: Node?
    /// The number of bits of an index below the root's own.
    private var shift = 0
    /// The last 1 to 32 elements, or none of an empty list.
    private var tail: [Element] = []
    /// The number of elements.
    package private(set) var count = 0

    /// Makes an empty list.
    package init() {}

    /// Makes a list of some elements.
    package init(_ elements: some Sequence<Element>) {
        for element in elements { append(element) }
    }

    private var tailStart: Int { count - tail.count }

    /// The approximate number of bytes that the list does not share with the lists it was made from: its last leaf, and
    /// a path to it.
    package var uniqueByteCount: Int {
        let nodes = root == nil ? 0 : (shift / Self.bits + 1) * Self.width * MemoryLayout<Node>.stride
        return 64 + tail.count * MemoryLayout<Element>.stride + nodes
    }

    /// Adds an element at the end.
    package mutating func append(_ element: Element) {
        if tail.count == Self.width {
            pushTail()
            tail.reserveCapacity(Self.width)
        }
        tail.append(element)
        count += 1
    }

    /// Replaces the last element.
    package mutating func replaceLast(with element: Element) {
        precondition(count > 0, "an empty list has no last element")
        // An empty tail never stands for a list that has elements.
        tail[tail.count - 1] = element
    }

    /// Moves the full tail into the trie.
    private mutating func pushTail() {
        let leaf = Node.leaf(tail)
        let index = tailStart
        tail = []
        guard let root else {
            self.root = .branch([leaf])
            shift = Self.bits
            return
        }
        if index == 1 << (shift + Self.bits) {
            self.root = .branch([root, Self.path(to: leaf, level: shift)])
            shift += Self.bits
        } else {
            self.root = Self.inserting(leaf, at: index, in: root, level: shift)
        }
    }

    private static func path(to leaf: Node, level: Int) -> Node {
        level == 0 ? leaf : .branch([path(to: leaf, level: level - bits)])
    }

    private static func inserting(_ leaf: Node, at index: Int, in node: Node, level: Int) -> Node {
        guard case .branch(var children) = node else { preconditionFailure("a leaf above the leaves' level") }
        let slot = (index >> level) & (width - 1)
        if slot == children.count {
            children.append(path(to: leaf, level: level - bits))
        } else {
            children[slot] = inserting(leaf, at: index, in: children[slot], level: level - bits)
        }
        return .branch(children)
    }

    private func leaf(containing index: Int) -> [Element] {
        guard index < tailStart, var node = root else { return tail }
        var level = shift
        while case .branch(let children) = node {
            node = children[(index >> level) & (Self.width - 1)]
            level -= Self.bits
        }
        guard case .leaf(let elements) = node else { preconditionFailure("a trie without leaves") }
        return elements
    }

    /// Keeps the first elements and drops the rest; lists made from this one before are not changed.
    package mutating func truncate(to newCount: Int) {
        precondition(0...count ~= newCount, "a list cannot be truncated to more elements than it has")
        guard newCount < count else { return }
        guard newCount > 0 else {
            self = PersistentList()
            return
        }
        if newCount > tailStart {
            tail.removeLast(count - newCount)
            count = newCount
            return
        }
        let newTail = leaf(containing: newCount - 1)
        let newTailStart = (newCount - 1) & ~(Self.width - 1)
        root = root.flatMap { Self.keeping(newTailStart, of: $0, level: shift) }
        tail = Array(newTail.prefix(newCount - newTailStart))
        count = newCount
        while case .branch(let children) = root, children.count == 1, shift > Self.bits {
            root = children[0]
            shift -= Self.bits
        }
        if root == nil { shift = 0 }
    }

    /// Returns the part of a node that holds its first elements, whole leaves only; `nil` for none.
    private static func keeping(_ count: Int, of node: Node, level: Int) -> Node? {
        guard count > 0, case .branch(let children) = node else { return count > 0 ? node : nil }
        let last = (count - 1) >> level
        var kept = Array(children.prefix(last))
        if let child = keeping(count - last << level, of: children[last], level: level - bits) { kept.append(child) }
        return .branch(kept)
    }
}

extension PersistentList: RandomAccessCollection {
    /// The place of the first element.
    package var startIndex: Int { 0 }
    /// The place after the last element.
    package var endIndex: Int { count }

    /// The element at a place.
    package subscript(index: Int) -> Element {
        precondition(indices.contains(index), "index out of range")
        return leaf(containing: index)[index & (Self.width - 1)]
    }

    /// Walks the elements a leaf at a time.
    package func makeIterator() -> Iterator { Iterator(list: self) }

    /// An iterator that looks each leaf up once.
    package struct Iterator: IteratorProtocol {
        fileprivate let list: PersistentList
        private var leaf: [Element] = []
        private var index = 0

        fileprivate init(list: PersistentList) { self.list = list }

        /// Returns the next element, or `nil` at the end.
        package mutating func next() -> Element? {
            guard index < list.count else { return nil }
            let slot = index & (PersistentList.width - 1)
            if slot == 0 { leaf = list.leaf(containing: index) }
            index += 1
            return leaf[slot]
        }
    }
}

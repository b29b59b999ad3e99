/// Doubly linked lists in one store of nodes: an element leaves its list in O(1) from wherever it stands, and lists are
/// joined in O(1).
///
/// The store grows by chunks, so that no growth copies what is there, and never shrinks: freed nodes are used again.
/// Each list is a ring through a node of its own, which is why a node need not know its list.
struct LinkedSlab<Element> {
    /// Where an element stands; good until the element is removed.
    struct Place: Hashable, Sendable {
        let index: UInt32
    }

    /// One of the lists.
    struct List: Sendable {
        let head: UInt32
    }

    fileprivate struct Node {
        var previous: UInt32
        var next: UInt32
        var element: Element?
    }

    private static var chunkShift: UInt32 { 9 }
    private static var none: UInt32 { .max }

    private var chunks: [[Node]] = []
    private var end: UInt32 = 0
    /// The first freed node; they are linked by `next`.
    private var free: UInt32 = none

    init() {}

    /// Makes an empty list.
    mutating func makeList() -> List {
        let index = allocate(nil)
        self[node: index].previous = index
        self[node: index].next = index
        return List(head: index)
    }

    /// The element at a place.
    subscript(place: Place) -> Element {
        get { self[node: place.index].element! }
        set { self[node: place.index].element = newValue }
    }

    /// The place of a list's first element.
    func first(of list: List) -> Place? {
        let index = self[node: list.head].next
        return index == list.head ? nil : Place(index: index)
    }

    /// Puts an element at the end of a list.
    mutating func append(_ element: Element, to list: List) -> Place {
        let index = allocate(element)
        link(index, before: list.head)
        return Place(index: index)
    }

    /// Puts an element that is there at the end of a list.
    mutating func move(_ place: Place, toEndOf list: List) {
        unlink(place.index)
        link(place.index, before: list.head)
    }

    /// Puts all elements of one list, in their order, at the end of another one.
    mutating func move(allOf list: List, toEndOf other: List) {
        let first = self[node: list.head].next
        guard first != list.head else { return }
        let last = self[node: list.head].previous
        let before = self[node: other.head].previous
        self[node: before].next = first
        self[node: first].previous = before
        self[node: last].next = other.head
        self[node: other.head].previous = last
        self[node: list.head].next = list.head
        self[node: list.head].previous = list.head
    }

    /// Takes an element out.
    @discardableResult
    mutating func remove(_ place: Place) -> Element {
        unlink(place.index)
        let element = self[node: place.index].element!
        self[node: place.index].element = nil
        self[node: place.index].next = free
        free = place.index
        return element
    }

    private subscript(node index: UInt32) -> Node {
        get { chunks[Int(index >> Self.chunkShift)][Int(index & (1 << Self.chunkShift - 1))] }
        _modify { yield &chunks[Int(index >> Self.chunkShift)][Int(index & (1 << Self.chunkShift - 1))] }
    }

    private mutating func allocate(_ element: Element?) -> UInt32 {
        guard free == Self.none else {
            let index = free
            free = self[node: index].next
            self[node: index].element = element
            return index
        }
        let index = end
        precondition(index != Self.none, "a slab holds 2^32 - 1 nodes")
        end += 1
        if Int(index >> Self.chunkShift) == chunks.count {
            chunks.append([])
            chunks[chunks.count - 1].reserveCapacity(1 << Int(Self.chunkShift))
        }
        chunks[chunks.count - 1].append(Node(previous: index, next: index, element: element))
        return index
    }

    private mutating func link(_ index: UInt32, before next: UInt32) {
        let previous = self[node: next].previous
        self[node: index].previous = previous
        self[node: index].next = next
        self[node: previous].next = index
        self[node: next].previous = index
    }

    private mutating func unlink(_ index: UInt32) {
        let (previous, next) = (self[node: index].previous, self[node: index].next)
        self[node: previous].next = next
        self[node: next].previous = previous
    }
}

extension LinkedSlab: Sendable where Element: Sendable {}

extension LinkedSlab.Node: Sendable where Element: Sendable {}

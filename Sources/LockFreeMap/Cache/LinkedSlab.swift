/// Doubly linked lists in one slab of links: an element is removed in O(1) from any position, and lists are joined in
/// O(1).
///
/// The slab grows by chunks, so that growth copies nothing. It never shrinks: freed links are reused. Each list is a
/// ring through a link of its own, so a link need not know its list.
struct LinkedSlab<Element> {
    /// The handle of an element; valid until the element is removed.
    struct Handle: Hashable, Sendable {
        let index: UInt32
    }

    /// One of the lists.
    struct List: Sendable {
        let head: UInt32
    }

    fileprivate struct Link {
        var previous: UInt32
        var next: UInt32
        var element: Element?
    }

    private static var chunkShift: UInt32 { 9 }
    private static var none: UInt32 { .max }

    private var chunks: [[Link]] = []
    private var end: UInt32 = 0
    /// The first freed link; freed links are chained by `next`.
    private var free: UInt32 = none

    init() {}

    /// Makes an empty list.
    mutating func makeList() -> List {
        let index = allocate(nil)
        self[link: index].previous = index
        self[link: index].next = index
        return List(head: index)
    }

    /// The element of a handle.
    subscript(handle: Handle) -> Element {
        get { self[link: handle.index].element! }
        set { self[link: handle.index].element = newValue }
    }

    /// Returns the handle of a list's first element.
    func first(of list: List) -> Handle? {
        let index = self[link: list.head].next
        return index == list.head ? nil : Handle(index: index)
    }

    /// Appends an element to a list.
    mutating func append(_ element: Element, to list: List) -> Handle {
        let index = allocate(element)
        link(index, before: list.head)
        return Handle(index: index)
    }

    /// Moves an element to the end of a list.
    mutating func move(_ handle: Handle, toEndOf list: List) {
        unlink(handle.index)
        link(handle.index, before: list.head)
    }

    /// Moves all elements of one list, in their order, to the end of another one.
    mutating func move(allOf list: List, toEndOf other: List) {
        let first = self[link: list.head].next
        guard first != list.head else { return }
        let last = self[link: list.head].previous
        let before = self[link: other.head].previous
        self[link: before].next = first
        self[link: first].previous = before
        self[link: last].next = other.head
        self[link: other.head].previous = last
        self[link: list.head].next = list.head
        self[link: list.head].previous = list.head
    }

    /// Removes an element.
    @discardableResult
    mutating func remove(_ handle: Handle) -> Element {
        unlink(handle.index)
        let element = self[link: handle.index].element!
        self[link: handle.index].element = nil
        self[link: handle.index].next = free
        free = handle.index
        return element
    }

    private subscript(link index: UInt32) -> Link {
        get { chunks[Int(index >> Self.chunkShift)][Int(index & (1 << Self.chunkShift - 1))] }
        _modify { yield &chunks[Int(index >> Self.chunkShift)][Int(index & (1 << Self.chunkShift - 1))] }
    }

    private mutating func allocate(_ element: Element?) -> UInt32 {
        guard free == Self.none else {
            let index = free
            free = self[link: index].next
            self[link: index].element = element
            return index
        }
        let index = end
        precondition(index != Self.none, "a slab can have at most 2^32 - 1 links")
        end += 1
        if Int(index >> Self.chunkShift) == chunks.count {
            chunks.append([])
            chunks[chunks.count - 1].reserveCapacity(1 << Int(Self.chunkShift))
        }
        chunks[chunks.count - 1].append(Link(previous: index, next: index, element: element))
        return index
    }

    private mutating func link(_ index: UInt32, before next: UInt32) {
        let previous = self[link: next].previous
        self[link: index].previous = previous
        self[link: index].next = next
        self[link: previous].next = index
        self[link: next].previous = index
    }

    private mutating func unlink(_ index: UInt32) {
        let (previous, next) = (self[link: index].previous, self[link: index].next)
        self[link: previous].next = next
        self[link: next].previous = previous
    }
}

extension LinkedSlab: Sendable where Element: Sendable {}

extension LinkedSlab.Link: Sendable where Element: Sendable {}

/// A queue of objects that were taken out of a map and that a thread may still read, in the order of their epochs.
///
/// It is a list of blocks, so that a backlog is never copied, and its memory is freed with it. Each call is O(1).
@safe
struct Limbo {
    @safe
    struct Object {
        let reference: Unmanaged<AnyObject>
        let bytes: Int
        let epoch: UInt64
    }

    @safe
    private struct Block {
        /// The number of objects of a block: 4 KiB.
        static var capacity: Int { 170 }

        // Safety: a link, then the objects; freed by `leaveBlock` when these are gone and there is a spare block.
        let base: UnsafeMutableRawPointer

        init() {
            let bytes = 16 + Self.capacity * MemoryLayout<Object>.stride
            unsafe base = .allocate(byteCount: bytes, alignment: 16)
            unsafe base.initializeMemory(as: Block?.self, to: nil)
        }

        /// The block behind this one.
        var next: UnsafeMutablePointer<Block?> { unsafe base.assumingMemoryBound(to: Block?.self) }
        /// The places of the objects.
        var objects: UnsafeMutablePointer<Object> { unsafe (base + 16).assumingMemoryBound(to: Object.self) }
    }

    // The last block and the spare one are never freed, as records never are.
    private var firstBlock = Block()
    private var lastBlock: Block
    /// A block to reuse, so that a thread that retires at a steady rate allocates none.
    private var spare: Block?
    /// The place of the oldest object in the first block.
    private var first = 0
    /// The first free place in the last block.
    private var end = 0
    private(set) var count = 0
    /// The bytes that were added, less those that were removed, since the last report to the domain.
    var unreported = 0

    init() { lastBlock = firstBlock }

    /// The epoch of the oldest object.
    var oldest: UInt64? {
        // Safety: there is an object in the first place.
        count > 0 ? unsafe firstBlock.objects[first].epoch : nil
    }

    mutating func append(_ object: Object) {
        if end == Block.capacity {
            let block = spare ?? Block()
            spare = nil
            // Safety: the link of a block is initialised with it.
            unsafe lastBlock.next.pointee = block
            lastBlock = block
            end = 0
        }
        // Safety: the place is free, because it lies behind all others.
        unsafe (lastBlock.objects + end).initialize(to: object)
        end += 1
        count += 1
        unreported += object.bytes
    }

    mutating func removeFirst() -> Object {
        precondition(count > 0, "limbo is empty")
        // Safety: there is an object in the first place.
        let object = unsafe (firstBlock.objects + first).move()
        first += 1
        count -= 1
        if first == Block.capacity { leaveBlock() }
        unreported -= object.bytes
        return object
    }

    /// Frees the first block, whose objects are gone; the only block is reused in place.
    private mutating func leaveBlock() {
        first = 0
        // Safety: the link of a block is initialised with it.
        guard let next = unsafe firstBlock.next.pointee else {
            end = 0
            return
        }
        unsafe firstBlock.next.pointee = nil
        if let spare { unsafe spare.base.deallocate() }
        spare = firstBlock
        firstBlock = next
    }
}

/// Objects that were taken out of a map and that somebody may still read, in the order of their epochs.
@safe
struct Limbo {
    @safe
    struct Object {
        let reference: Unmanaged<AnyObject>
        let bytes: Int
        let epoch: UInt64
    }

    // Safety: initialised from `first` on for `count` places, around the end; never freed, as records never are.
    private var ring = UnsafeMutablePointer<Object>.allocate(capacity: 64)
    private var capacity = 64
    private var first = 0
    private(set) var count = 0
    /// The bytes that have come to wait, less those that have ceased to, since the domain was told.
    var unreported = 0

    /// The epoch of the oldest object.
    var oldest: UInt64? {
        // Safety: there is an object in the first place.
        count > 0 ? unsafe ring[first].epoch : nil
    }

    mutating func append(_ object: Object) {
        if count == capacity { grow() }
        // Safety: the place is free, because `count` is less than `capacity`.
        unsafe (ring + (first + count) & (capacity - 1)).initialize(to: object)
        count += 1
        unreported += object.bytes
    }

    mutating func removeFirst() -> Object {
        precondition(count > 0, "limbo is empty")
        // Safety: there is an object in the first place.
        let object = unsafe (ring + first).move()
        first = (first + 1) & (capacity - 1)
        count -= 1
        unreported -= object.bytes
        return object
    }

    private mutating func grow() {
        let larger = UnsafeMutablePointer<Object>.allocate(capacity: 2 * capacity)
        for index in 0..<count {
            // Safety: all of the old ring is initialised, and none of the new one.
            unsafe (larger + index).initialize(to: (ring + (first + index) & (capacity - 1)).move())
        }
        unsafe ring.deallocate()
        unsafe ring = unsafe larger
        first = 0
        capacity *= 2
    }
}

internal import CPeer

/// A measured table.
protocol PeerTable: AnyObject {
    /// Prepares the operations of a thread.
    func openStream(_ thread: Int, _ operations: [Operation])
    /// Runs a window of operations, and returns the sum of the values read.
    func run(_ window: StreamWindow) -> UInt64
    /// Inserts a key.
    func insert(_ index: Int)
    /// Replaces a key's value; returns `false` if that was refused.
    func replace(_ index: Int) -> Bool
    /// Returns a key's value.
    func lookup(_ index: Int) -> UInt64
    /// Calls `wait` while a key's value is lent.
    func hold(_ index: Int, _ wait: () -> Void)
}

extension PeerTable {
    func openStream(_ thread: Int, _ operations: [Operation]) {}
    func insert(_ index: Int) { fatalError("this table does not grow") }
    func replace(_ index: Int) -> Bool { fatalError("this table has no such write") }
    func lookup(_ index: Int) -> UInt64 { fatalError("this table has no such read") }
    func hold(_ index: Int, _ wait: () -> Void) { wait() }
}

/// The keys of a comparison, each of two words or of five.
@safe struct StreamKeys {
    private let words: UnsafePointer<UInt64>
    let width: Int
    let count: Int

    /// The keys must be valid for as long as this value is used.
    @unsafe init(_ keys: stateline_peer_keys) {
        unsafe words = keys.words
        unsafe width = keys.width
        unsafe count = keys.count
    }

    /// The words of a key.
    func words(_ index: Int) -> UnsafeBufferPointer<UInt64> {
        precondition((0..<count).contains(index), "there is no such key")
        // Safety: the key lies within the file, whose size gave the count.
        return unsafe UnsafeBufferPointer(start: words + index * width, count: width)
    }

    /// Returns the content of the value of a key.
    func content(_ index: Int) -> UInt64 {
        // Safety: each key has two words at least.
        unsafe words(index)[0] ^ words(index)[1]
    }
}

/// A part of a stream.
struct StreamWindow {
    let mode: stateline_peer_mode
    let thread: Int
    let range: Range<Int>

    @unsafe init(_ window: stateline_peer_window) {
        unsafe mode = window.mode
        thread = Int(unsafe window.thread)
        range = unsafe window.first..<(window.first + window.count)
    }
}

/// One operation of a stream.
struct Operation {
    private let word: UInt32

    init(_ word: UInt32) {
        self.word = word
    }

    /// The index of its key.
    var key: Int { Int(word & ~UInt32(STATELINE_PEER_WRITE)) }
    /// `true` if it replaces the key's value.
    var isWrite: Bool { word & UInt32(STATELINE_PEER_WRITE) != 0 }
}

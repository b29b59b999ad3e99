/// Least recently used, written as plainly as possible.
enum LRUReplay {
    /// The fraction of requests for one of the `capacity` most recently requested keys.
    static func hitRatio(_ trace: Trace, capacity: Int) -> Double {
        // A ring through all keys and one more, which stands before the newest and behind the oldest.
        let head = trace.keyCount
        var newer = Array(repeating: head, count: trace.keyCount + 1)
        var older = newer
        var isThere = Array(repeating: false, count: trace.keyCount)
        var (count, hits) = (0, 0)
        func unlink(_ key: Int) {
            newer[older[key]] = newer[key]
            older[newer[key]] = older[key]
        }
        for key in trace.requests.lazy.map(Int.init) {
            if isThere[key] {
                hits += 1
                unlink(key)
            } else if count == capacity {
                let oldest = newer[head]
                unlink(oldest)
                isThere[oldest] = false
            } else {
                count += 1
            }
            isThere[key] = true
            older[key] = older[head]
            newer[key] = head
            newer[older[head]] = key
            older[head] = key
        }
        return Double(hits) / Double(trace.requests.count)
    }
}

/// First in, first out.
enum FIFOReplay {
    /// The fraction of requests for one of the `capacity` most recently inserted keys.
    static func hitRatio(_ trace: Trace, capacity: Int) -> Double {
        var isThere = Array(repeating: false, count: trace.keyCount)
        var ring: [Int] = []
        var (next, hits) = (0, 0)
        for key in trace.requests.lazy.map(Int.init) {
            if isThere[key] {
                hits += 1
                continue
            }
            if ring.count < capacity {
                ring.append(key)
            } else {
                isThere[ring[next]] = false
                ring[next] = key
                next = (next + 1) % capacity
            }
            isThere[key] = true
        }
        return Double(hits) / Double(trace.requests.count)
    }
}

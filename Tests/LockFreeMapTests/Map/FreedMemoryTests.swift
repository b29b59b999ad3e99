#if canImport(Glibc)
import Glibc
import LockFreeMap
import Testing

/// The memory of released objects, in the allocator of glibc.
@Suite struct FreedMemoryTests {
    final class Entry: MapEntry {
        let key: Key16
        var weight: Int { 48 }

        init(_ number: UInt64) { key = Key16(number, number) }
    }

    /// The bytes of freed chunks that the allocator has not merged, in all arenas.
    // The caller brings memory for the allocator's report: to allocate it here would merge the chunks first.
    private static func unmergedBytes(_ buffer: UnsafeMutableBufferPointer<CChar>) throws -> Int {
        typealias Inform = @convention(c) (Int32, UnsafeMutablePointer<FILE>) -> Int32
        // Safety: the signature is that of malloc.h, which no module declares. The stream is closed before the buffer
        // goes.
        let inform = unsafe unsafeBitCast(try #require(dlsym(nil, "malloc_info")), to: Inform.self)
        let stream = unsafe try #require(fmemopen(buffer.baseAddress, buffer.count, "w"))
        unsafe setvbuf(stream, nil, _IONBF, 0)
        let status = unsafe inform(0, stream)
        unsafe fclose(stream)
        try #require(status == 0)
        // The last total is that of all arenas: <total type="fast" count="7" size="224"/>
        let text = unsafe String(cString: try #require(buffer.baseAddress))
        let total = text.split(separator: "\n").last { $0.hasPrefix("<total type=\"fast\"") }
        let parts = try #require(total).split(separator: "\"")
        return try #require(Int(parts[5]))
    }

    /// The most bytes that were unmerged while 200,000 entries were removed.
    private static func mostUnmergedBytes() throws -> Int {
        let map = LockFreeMap<Entry>(domain: EpochDomain())
        let count: UInt64 = 200_000
        for number in 0..<count { _ = try map.insert(ifAbsent: Entry(number)) }
        // Safety: it is initialised here, and used by one thread.
        let buffer = UnsafeMutableBufferPointer<CChar>.allocate(capacity: 1 << 20)
        unsafe buffer.initialize(repeating: 0)
        defer { unsafe buffer.deallocate() }
        var most = 0
        for number in 0..<count {
            _ = try #require(try map.remove(Key16(number, number)))
            if number.isMultiple(of: 8_000) { most = unsafe max(most, try unmergedBytes(buffer)) }
        }
        return most
    }

    // In a process of its own: the allocator tells of the whole process, in which other tests run at the same time.
    @Test(.timeLimit(.minutes(5)))
    func `purged tombstones do not wait to be merged by one large allocation`() async {
        await #expect(processExitsWith: .success) {
            // 190,000 tombstones of 48 bytes are purged by the last removals.
            let most = try Self.mostUnmergedBytes()
            guard most < 1 << 20 else { fatalError("\(most) bytes are unmerged") }
        }
    }
}
#endif

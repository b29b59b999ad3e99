import Testing

@testable import LockFreeMap

struct LimboTests {
    private final class Marker: Sendable {}

    @Test
    func `objects come out in their order, however many wait`() {
        var limbo = Limbo()
        let marker = Marker()
        var (appended, removed) = (0, 0)
        for round in 0..<200 {
            // More come than go at first, and all have gone at the end.
            for _ in 0..<max(0, 100 - round) {
                let reference = unsafe Unmanaged<AnyObject>.passUnretained(marker)
                limbo.append(unsafe Limbo.Object(reference: reference, bytes: appended, epoch: UInt64(appended)))
                appended += 1
            }
            for _ in 0..<50 where limbo.count > 0 {
                #expect(limbo.oldest == UInt64(removed))
                #expect(limbo.removeFirst().epoch == UInt64(removed))
                removed += 1
            }
            #expect(limbo.count == appended - removed)
        }
        #expect(removed == appended)
        #expect(limbo.oldest == nil)
        #expect(limbo.unreported == 0)
    }
}

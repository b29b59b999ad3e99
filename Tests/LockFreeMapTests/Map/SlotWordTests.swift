import Testing

@testable import LockFreeMap

struct SlotWordTests {
    @Test
    func `a word keeps an address and a tag`() {
        let address = unsafe UnsafeRawPointer(bitPattern: 0x0000_7FFF_1234_5670)!
        let word = unsafe SlotWord(entry: address, hash: 0x1234_5678_9ABC_DEF1)
        #expect(unsafe word.address == address)
        #expect(word.tag == 0xDEF1)
        #expect(word.isEntry)
    }

    #if DEBUG
    @Test
    func `an address that does not fit into a word stops a debug build`() async {
        await #expect(processExitsWith: .failure) {
            _ = unsafe SlotWord(entry: UnsafeRawPointer(bitPattern: 0x1000_7FFF_1234_5670)!, hash: 1)
        }
        await #expect(processExitsWith: .failure) {
            _ = unsafe SlotWord(tombstone: UnsafeRawPointer(bitPattern: 0x0000_7FFF_1234_5678)!, hash: 1)
        }
    }
    #endif
}

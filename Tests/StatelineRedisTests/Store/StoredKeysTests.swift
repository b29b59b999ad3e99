import Stateline
import Testing

@testable import StatelineRedis

@Suite struct StoredKeysTests {
    @Test func `names are as they always were`() {
        let keys = StoredKeys(SessionKey("thread-42", tenant: "acme").fork("other"))
        #expect(keys.guardKey == "sl1:{-0-fogU-4B3Y1snf/kpri__IyXk2elrlo}IZfuaJz3pSZRTx-s:g")
        #expect(keys.logKey == String(keys.guardKey.dropLast()) + "l")
    }

    @Test func `names have one length, and no text can be taken for a part of one`() {
        let ids = [
            "", "a", "}", "{a}", "*", "?", "[", "\\", "\r\n", "\0", String(repeating: "x", count: 10_240), "\u{e9}",
        ]
        var names: Set<String> = []
        for id in ids {
            for tenant in ids {
                let key = SessionKey(id, tenant: Tenant(rawValue: tenant))
                for key in [key, key.fork(id + "fork")] {
                    let keys = StoredKeys(key)
                    #expect(keys.guardKey.utf8.count == 57)
                    #expect(keys.guardKey.utf8.allSatisfy { !"*?[]\\\r\n\0".utf8.contains($0) })
                    names.insert(keys.guardKey)
                }
            }
        }
        #expect(names.count == 2 * ids.count * ids.count)
    }

    @Test func `a family is in one slot`() {
        let root = SessionKey("root", tenant: "acme")
        #expect(StoredKeys(root).slot == StoredKeys(root.fork("a")).slot)
        #expect(StoredKeys(root).slot == HashSlot(StoredKeys(root.fork("b")).logKey))
        #expect(StoredKeys(root).slot != StoredKeys(SessionKey("other", tenant: "acme")).slot)
    }

    @Test func `a tenant's guards have its pattern`() {
        let tenant = Tenant(rawValue: "acme")
        let pattern = StoredKeys.guards(of: tenant)
        #expect(pattern.count { $0 == "*" } == 2)
        #expect(StoredKeys(SessionKey("a", tenant: tenant)).guardKey.hasPrefix(pattern.prefix { $0 != "*" }))
    }
}

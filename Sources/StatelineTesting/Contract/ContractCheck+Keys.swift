internal import Stateline

extension ContractCheck {
    func checkStrangeKeys() async throws {
        let ids = [
            "/", "{", "}", ":", "*", "?", "[a]", "\\", "\n", "\r\n", "\0", "\0\0", " ", "a", "a ", "A", "a/b", "a:b",
            "{a}", "{a}b", "session", "session\0", "\u{e9}", "e\u{301}", "\u{1f30d}", "..", "../session", "%2f",
            "$(id)",
            String(repeating: "x", count: 10_240), String(repeating: "x", count: 10_241),
            String(repeating: "{:*\n", count: 2560),
        ]
        var logs: [ExpectedLog] = []
        for id in ids { logs.append(try await write(1, to: key(id))) }
        for index in logs.indices { try await append(to: &logs[index]) }
        for log in logs { try await expectLoad(log.key, .tail(log.batches)) }
        try await expectDelete(logs[0].key, .deleted)
        for log in logs.dropFirst() {
            try await expectLoad(log.key, .tail(log.batches), "after another session was deleted")
        }
        let listed = try await listAll(tenant, limit: 5)
        try expect(
            "strange ids in a list",
            Set(listed.map { Array($0.id.utf8) }),
            Set(ids.dropFirst().map { Array($0.utf8) })
        )
    }

    func checkTenants() async throws {
        let other = Tenant(rawValue: tenant.rawValue + "/session")
        let mine = try await write(2, to: SessionKey("session/session", tenant: tenant))
        let twin = SessionKey("session", tenant: other)
        let namesake = SessionKey("session/session", tenant: other)
        for key in [twin, namesake] {
            try await expectLoad(key, .gone(.absent))
            try await expectLoad(key, after: mine.position, .gone(.absent))
            try await expectDelete(key, .gone(.absent))
        }
        let theirs = try await write(1, to: namesake)
        try await expectLoad(mine.key, .tail(mine.batches))
        try await expectLoad(theirs.key, .tail(theirs.batches))
        try expect("list of a tenant", try await listAll(tenant, limit: 10), [mine.key])
        try expect("list of another tenant", try await listAll(other, limit: 10), [theirs.key])
        try await expectDelete(theirs.key, .deleted)
        try await expectLoad(mine.key, .tail(mine.batches), "after its namesake was deleted")
    }

    func checkList() async throws {
        try expect("list of an unknown tenant", try await listAll(tenant, limit: 10), [])
        var keys: Set<SessionKey> = []
        for number in 0..<25 { keys.insert(try await write(1, to: key("session \(number)")).key) }
        let parent = try await write(1, to: key("parent"))
        keys.insert(try await fork(parent, as: "fork", at: 1).key)
        try await expectDelete(parent.key, .deleted)
        for limit in [1, 4, 26, 1000] {
            try expect("list in pages of \(limit)", Set(try await listAll(tenant, limit: limit)), keys)
        }
    }

    func checkChangingList() async throws {
        var lasting: Set<SessionKey> = []
        var brief: [SessionKey] = []
        for number in 0..<20 {
            lasting.insert(try await write(1, to: key("lasting \(number)")).key)
            brief.append(try await write(1, to: key("brief \(number)")).key)
        }
        let listed = try await listAll(tenant, limit: 3) { page in
            if let key = brief.popLast() { try await expectDelete(key, .deleted) }
            if page < 5 { _ = try await write(1, to: key("new \(page)")) }
        }
        try expect("lasting sessions in a list that changed", lasting.subtracting(listed), [])
    }

    /// Reads all pages, at most 1,000.
    func listAll(
        _ tenant: Tenant,
        limit: Int,
        afterEachPage: (Int) async throws -> Void = { _ in }
    ) async throws -> [SessionKey] {
        var keys: [SessionKey] = []
        var cursor: ListCursor?
        for number in 0..<1000 {
            let page = try await store.list(tenant, cursor: cursor, limit: limit)
            guard page.keys.count <= limit else {
                throw violation("list", expected: "at most \(limit) keys on a page", actual: "\(page.keys.count)")
            }
            for key in page.keys where key.tenant != tenant {
                throw violation("list", expected: "the tenant's own keys", actual: "\(key)")
            }
            keys += page.keys
            guard let next = page.next else { return keys }
            cursor = next
            try await afterEachPage(number)
        }
        throw violation("list", expected: "a last page", actual: "none after 1000 pages")
    }
}

extension SessionKey {
    /// Returns `true` if two keys are the same bytes.
    ///
    /// Texts that are equivalent by Unicode, such as one with a composed letter and one with a combining mark, name
    /// different sessions, as in every store that keeps bytes.
    public static func == (a: SessionKey, b: SessionKey) -> Bool {
        hasSameBytes(a.id, b.id) && hasSameBytes(a.family, b.family) && a.tenant == b.tenant
    }

    static func hasSameBytes(_ a: String, _ b: String) -> Bool {
        a == b && a.utf8.count == b.utf8.count && a.utf8.elementsEqual(b.utf8)
    }
}

extension Tenant {
    /// Returns `true` if two tenants are the same bytes.
    public static func == (a: Tenant, b: Tenant) -> Bool {
        SessionKey.hasSameBytes(a.rawValue, b.rawValue)
    }
}

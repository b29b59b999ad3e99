internal import Crypto
internal import Stateline

/// The names of a session's two keys, and their slot.
///
/// `sl1:{<tenant>/<family>}<branch>:g` is the guard, the same with `:l` the log. In a namespace the names begin with
/// `sl1:<namespace>:`, which differs from all names without a namespace and of other namespaces. Each component has 16
/// characters: base64url of the first 12 bytes of SHA-256 over the text's length in 4 bytes and the text. So all names
/// have one length, no part of an id can be taken for a part of a name, and a family is in one slot.
///
/// To collide with another session's name takes a second text with the same 96 bits. A collision of two ids of one
/// owner is harmless: the digest of a log starts with the whole key, so the second session is refused.
struct StoredKeys: Hashable, Sendable {
    /// The name of the guard.
    let guardKey: String
    /// The name of the log.
    let logKey: String
    /// Their slot.
    let slot: HashSlot

    /// Names the keys of a session.
    init(_ key: SessionKey, in namespace: RedisNamespace? = nil) {
        let family =
            "\(Self.beginning(namespace)){\(Self.component(key.tenant.rawValue))/\(Self.component(key.family))}"
        self.init(prefix: family + Self.component(key.id))
    }

    private init(prefix: String) {
        guardKey = prefix + ":g"
        logKey = prefix + ":l"
        slot = HashSlot(guardKey)
    }

    /// Returns the name of the log of another branch of the family; for an archived log, give its incarnation.
    func logKey(ofBranch branch: String, incarnation: Incarnation?) -> String {
        let family = guardKey.prefix { $0 != "}" }
        let name = "\(family)}\(branch):l"
        guard let incarnation else { return name }
        let digits = String(incarnation.rawValue, radix: 16)
        return name + ":" + String(repeating: "0", count: 32 - digits.count) + digits
    }

    /// The pattern of the guards of the family's sessions.
    var familyGuards: String { "\(guardKey.prefix { $0 != "}" })}*:g" }

    /// Returns the pattern of the guards of a tenant's sessions.
    ///
    /// Only its two `*` have a meaning in a pattern.
    static func guards(of tenant: Tenant, in namespace: RedisNamespace? = nil) -> String {
        "\(beginning(namespace)){\(component(tenant.rawValue))/*}*:g"
    }

    /// Returns the common prefix of all keys of a namespace, without the hash tag.
    static func beginning(_ namespace: RedisNamespace?) -> String {
        namespace.map { "sl1:\($0.rawValue):" } ?? "sl1:"
    }

    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    private static func component(_ text: String) -> String {
        var hasher = SHA256()
        let count = UInt32(truncatingIfNeeded: text.utf8.count)
        hasher.update(data: (0..<4).map { UInt8(truncatingIfNeeded: count >> (24 - 8 * $0)) })
        hasher.update(data: Array(text.utf8))
        var characters: [UInt8] = []
        characters.reserveCapacity(16)
        var bits: UInt32 = 0
        var bitCount = 0
        for byte in hasher.finalize().prefix(12) {
            bits = bits << 8 | UInt32(byte)
            bitCount += 8
            while bitCount >= 6 {
                bitCount -= 6
                characters.append(alphabet[Int(bits >> bitCount & 63)])
            }
        }
        return String(decoding: characters, as: UTF8.self)
    }
}

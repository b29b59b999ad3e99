/// A measured program, in a process of its own.
enum Peer: String, CaseIterable {
    case ours, cache
    case lfhtMemb = "lfht-memb"
    case lfhtQsbr = "lfht-qsbr"
    case lfhtMembCounted = "lfht-memb-counted"
    case lfhtQsbrCounted = "lfht-qsbr-counted"
    case hashMap = "hash-map"
    case java, caffeine, sharded, atomics, raw

    /// The name in tables.
    var label: String {
        switch self {
        case .ours: "LockFreeMap"
        case .cache: "LockFreeCache"
        case .lfhtMemb: "liburcu memb"
        case .lfhtQsbr: "liburcu qsbr"
        case .lfhtMembCounted: "liburcu memb + count"
        case .lfhtQsbrCounted: "liburcu qsbr + count"
        case .hashMap: "TBB concurrent_hash_map"
        case .java: "JDK ConcurrentHashMap"
        case .caffeine: "Caffeine"
        case .sharded: "64 x Dictionary + Mutex"
        case .atomics: "swift-atomics reference"
        case .raw: "two dependent loads"
        }
    }

    /// The Debian package that it needs; `nil` if it needs none.
    var package: String? {
        switch self {
        case .lfhtMemb, .lfhtQsbr, .lfhtMembCounted, .lfhtQsbrCounted: "liburcu-dev"
        case .hashMap: "libtbb-dev"
        case .java: "default-jdk-headless"
        case .caffeine: "libcaffeine-java (and default-jdk-headless)"
        case .ours, .cache, .sharded, .atomics, .raw: nil
        }
    }

    /// `true` if it compiles while it runs, and so needs longer to warm up.
    var isCompiledLate: Bool { self == .java || self == .caffeine }

    /// Returns its command line, and the file that exists if it has been built.
    func command(peers: String, mapPeer: String) -> (program: String, arguments: [String], built: String) {
        switch self {
        case .ours, .cache, .sharded, .atomics, .raw: return (mapPeer, [rawValue], mapPeer)
        case .lfhtMemb, .lfhtQsbr, .lfhtMembCounted, .lfhtQsbrCounted, .hashMap:
            return ("\(peers)/\(rawValue)", [], "\(peers)/\(rawValue)")
        case .java, .caffeine:
            let java = ["java"] + Self.javaOptions + ["-cp", "\(peers)/java:\(Self.caffeineArchive)", "Peer", rawValue]
            return ("/usr/bin/env", java, "\(peers)/java/\(self == .java ? "HashTable" : "CacheTable").class")
        }
    }

    /// The path of Debian's Caffeine.
    private static let caffeineArchive = "/usr/share/java/caffeine.jar"

    /// The JVM's settings: a fixed heap that has been touched, so large that most of what a run replaces dies young.
    static let javaOptions = [
        "-Xms1g", "-Xmx1g", "-Xmn384m", "-XX:+UseParallelGC", "-XX:+UseTransparentHugePages", "-XX:+AlwaysPreTouch",
    ]

    /// The settings of malloc, for each program that is not Java.
    static let mallocOptions = "glibc.malloc.hugetlb=1:glibc.malloc.tcache_count=4000"
}

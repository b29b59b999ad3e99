internal import CPeer

#if canImport(Glibc)
internal import Glibc
#else
internal import Darwin
#endif

/// The peers of the map's comparison that are written in Swift, one of them a process: `ours` (the map), `cache` (the
/// cache on it), `sharded` (64 dictionaries, each behind a lock), `atomics` (swift-atomics references at known places)
/// and `raw` (two loads that depend on each other, and nothing else).
///
/// `peer.h` of `CPeer` has the commands and the answers.
@main
enum MapPeer {
    static func main() {
        // Safety: set here, before there is a worker thread, and not again.
        unsafe server = Server(kind: CommandLine.arguments.dropFirst().first ?? "ours")
        var peer = stateline_peer()
        unsafe peer.open = { keys, fill, capacity in
            // Safety: the keys are valid until the next call of this function.
            unsafe server.open(StreamKeys(keys!.pointee), fill: fill != 0, capacity: capacity)
        }
        unsafe peer.stream = { thread, _, operations, count in
            // Safety: the operations are valid for the call, and copied.
            unsafe server.table.openStream(
                Int(thread),
                UnsafeBufferPointer(start: operations, count: count).map(Operation.init)
            )
        }
        unsafe peer.run = { window in
            // Safety: the window is valid for the call.
            unsafe server.table.run(StreamWindow(window!.pointee))
        }
        peer.insert = { unsafe server.table.insert($0) }
        peer.replace = { unsafe server.table.replace($0) ? 1 : 0 }
        peer.lookup = { unsafe server.table.lookup($0) }
        unsafe peer.hold = { index, wait, context in
            // Safety: the function and its argument belong together, and are valid for the call.
            unsafe server.table.hold(index) { unsafe wait!(context) }
        }
        unsafe exit(stateline_peer_serve(&peer))
    }
}

/// The state of the functions that C calls, because C passes them no context.
nonisolated(unsafe) private var server = Server(kind: "")

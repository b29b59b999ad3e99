internal import Dispatch
internal import Foundation
internal import Synchronization

/// A folder that is removed at the end of the run, with the processes that work in it.
final class TemporaryFolder: Sendable {
    let url: URL
    private let processes = Mutex<Set<Int32>>([])

    /// Makes the folder.
    init() throws {
        let name = "stateline-compare-\(ProcessInfo.processInfo.processIdentifier)"
        url = FileManager.default.temporaryDirectory.appending(path: name)
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    /// Ends a process with the run.
    func adopt(_ process: Int32) { processes.withLock { _ = $0.insert(process) } }

    /// Forgets a process that has ended.
    func release(_ process: Int32) { processes.withLock { _ = $0.remove(process) } }

    /// Ends the processes and removes the folder.
    func remove() {
        processes.withLock { processes in
            for process in processes { kill(process, SIGKILL) }
            processes = []
        }
        try? FileManager.default.removeItem(at: url)
    }
}

/// Ends the processes of a run, removes its folder and ends this process when it is interrupted.
struct Interruption {
    private let sources: [any DispatchSourceSignal]

    /// Watches for as long as the value lives.
    init(removing folder: TemporaryFolder) {
        // Writing to a dead peer is an error here, and must not end this process.
        _ = signal(SIGPIPE, SIG_IGN)
        sources = [SIGINT, SIGTERM, SIGHUP]
            .map { number in
                _ = signal(number, SIG_IGN)
                let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
                source.setEventHandler {
                    folder.remove()
                    exit(130)
                }
                source.activate()
                return source
            }
    }
}

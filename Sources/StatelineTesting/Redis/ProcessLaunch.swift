package import Foundation
internal import NIOConcurrencyHelpers

/// Starts processes one at a time.
///
/// A process that is started inherits each descriptor that was opened since its list of descriptors to close was made. If two
/// threads make pipes and start processes at the same time, one process may hold the end of the other's pipe, and that pipe
/// ends only with both processes: a reader that waits for its end may wait forever.
package enum ProcessLaunch {
    private static let lock = NIOLock()

    /// Runs a function that makes pipes, starts a process with them and closes the ends that are the process's.
    ///
    /// No other process is started by this function meanwhile. The thread blocks no signal in the function: a process
    /// inherits the blocked signals of its thread, and the threads of Swift's tasks block all. A shell that blocks them
    /// would wait for its children forever, and a server would not get SIGTERM.
    ///
    /// - Parameter body: The function. It must not wait for the process.
    /// - Returns: The function's result.
    /// - Throws: The function's error.
    package static func alone<Result>(_ body: () throws -> Result) rethrows -> Result {
        try lock.withLock {
            var (none, before) = (sigset_t(), sigset_t())
            // Safety: both sets outlive the calls, which keep no pointer.
            unsafe sigemptyset(&none)
            unsafe pthread_sigmask(SIG_SETMASK, &none, &before)
            defer { unsafe pthread_sigmask(SIG_SETMASK, &before, nil) }
            return try body()
        }
    }

    /// Starts a process and reads its output and its errors to their end.
    ///
    /// It blocks the thread, so the process should end soon.
    ///
    /// - Parameter process: The process, with its program and its arguments.
    /// - Returns: What it wrote.
    /// - Throws: An error of the system if it did not start.
    package static func output(of process: Process) throws -> Data {
        let pipe = try alone {
            let pipe = Pipe()
            process.standardOutput = pipe
            process.standardError = pipe
            try process.run()
            try pipe.fileHandleForWriting.close()
            return pipe
        }
        let data = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return data
    }
}

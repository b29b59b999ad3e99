internal import Foundation

/// A child process whose CPU time is measured apart.
struct ChildProcess {
    /// The output and the cost of a process.
    struct Outcome {
        /// Its standard output.
        let output: String
        /// User and system time.
        let cpu: Duration
        /// Its exit status, or -1 after a signal.
        let status: Int32
    }

    /// A program that could not be started.
    struct StartFailure: Error {
        /// The program.
        let program: String
    }

    private let identifier: pid_t
    private let output: FileHandle

    /// Starts a program from the search path, with no signal blocked.
    init(_ program: String, _ arguments: [String]) throws {
        let pipe = Pipe()
        // Safety: each structure is made before it is used and destroyed after; the strings live until the spawn
        // returns.
        var actions = unsafe posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        var none = sigset_t()
        unsafe posix_spawn_file_actions_init(&actions)
        unsafe posix_spawnattr_init(&attributes)
        defer {
            unsafe posix_spawn_file_actions_destroy(&actions)
            unsafe posix_spawnattr_destroy(&attributes)
        }
        unsafe posix_spawn_file_actions_adddup2(&actions, pipe.fileHandleForWriting.fileDescriptor, 1)
        unsafe posix_spawn_file_actions_addclose(&actions, pipe.fileHandleForReading.fileDescriptor)
        unsafe sigemptyset(&none)
        unsafe posix_spawnattr_setsigmask(&attributes, &none)
        unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        let words = unsafe ([program] + arguments).map { unsafe strdup($0) }
        defer { for index in unsafe words.indices { unsafe free(words[index]) } }
        var identifier = pid_t()
        let status = unsafe posix_spawnp(&identifier, program, &actions, &attributes, words + [nil], environ)
        guard status == 0 else { throw StartFailure(program: program) }
        try pipe.fileHandleForWriting.close()
        self.identifier = identifier
        output = pipe.fileHandleForReading
    }

    /// Waits until the process has ended.
    func wait() throws -> Outcome {
        let text = String(decoding: try output.readToEnd() ?? Data(), as: UTF8.self)
        var status: Int32 = 0
        var usage = rusage()
        // Safety: both are written before they are read.
        while unsafe wait4(identifier, &status, 0, &usage) == -1, errno == EINTR {}
        let cpu = Self.duration(usage.ru_utime) + Self.duration(usage.ru_stime)
        return Outcome(output: text, cpu: cpu, status: status & 0x7F == 0 ? (status >> 8) & 0xFF : -1)
    }

    private static func duration(_ time: timeval) -> Duration {
        .seconds(time.tv_sec) + .microseconds(time.tv_usec)
    }
}

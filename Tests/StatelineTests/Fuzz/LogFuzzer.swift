import Foundation

/// Tries what libFuzzer makes up; its own flags say how much and where from.
///
/// With `--seeds FOLDER` it writes the inputs to begin with, and ends.
@main
struct LogFuzzer {
    static func main() throws {
        if CommandLine.arguments.count == 3, CommandLine.arguments[1] == "--seeds" {
            let folder = URL(fileURLWithPath: CommandLine.arguments[2])
            for (number, seed) in LogTrial.seeds.enumerated() {
                try Data(seed).write(to: folder.appendingPathComponent("log-\(number)"))
            }
            return
        }
        var count = CommandLine.argc
        var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = unsafe CommandLine.unsafeArgv
        // It ends the process where it finds something.
        _ = unsafe runFuzzer(&count, &arguments) { bytes, count in
            // Safety: libFuzzer lends so many bytes for the call.
            let input = unsafe UnsafeBufferPointer(start: bytes, count: count)
            do {
                try LogTrial.check(unsafe Array(input))
            } catch {
                fatalError("\(error)")
            }
            return 0
        }
    }
}

/// libFuzzer's loop, as a function.
@_silgen_name("LLVMFuzzerRunDriver")
private func runFuzzer(
    _ count: UnsafeMutablePointer<Int32>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>,
    _ body: @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32
) -> Int32

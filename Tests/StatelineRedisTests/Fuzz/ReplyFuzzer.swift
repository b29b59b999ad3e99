/// Tries what libFuzzer makes up; its own flags say how much and where from.
@main
struct ReplyFuzzer {
    static func main() {
        var count = CommandLine.argc
        var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = unsafe CommandLine.unsafeArgv
        // It ends the process where it finds something.
        _ = unsafe runFuzzer(&count, &arguments) { bytes, count in
            // Safety: libFuzzer lends so many bytes for the call.
            let input = unsafe UnsafeBufferPointer(start: bytes, count: count)
            do {
                try ReplyTrial.check(unsafe Array(input))
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

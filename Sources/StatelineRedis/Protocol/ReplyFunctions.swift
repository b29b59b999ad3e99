internal import CHiredis
internal import NIOCore

/// The functions with which the parser builds replies.
///
/// Each adds a part to the reader's ``ReplyAssembly`` and returns a pointer without a meaning to the parser. `NULL`
/// refuses the part: the parser takes it for a lack of memory and stops for good.
///
/// Safety: written once, before any read, and never freed, so it outlives every parser.
nonisolated(unsafe) let replyFunctions: UnsafeMutablePointer<redisReplyObjectFunctions> = {
    let table = UnsafeMutablePointer<redisReplyObjectFunctions>.allocate(capacity: 1)
    unsafe table.initialize(
        to: redisReplyObjectFunctions(
            createString: { unsafe takeString($0, $1, $2) },
            createArray: { task, count in unsafe token(assembly(of: task)?.pointee.beginArray(of: Int(count))) },
            createInteger: { task, integer in
                unsafe token(assembly(of: task)?.pointee.append(.integer(Int64(integer)), size: 0))
            },
            createNil: { task in unsafe token(assembly(of: task)?.pointee.append(.null, size: 0)) },
            freeObject: { _ in }
        )
    )
    return unsafe table
}()

/// Returns the pointer that stands for a part that was taken, or `NULL`.
private func token(_ isTaken: Bool?) -> UnsafeMutableRawPointer? {
    unsafe isTaken == true ? UnsafeMutableRawPointer(bitPattern: 1) : nil
}

/// Returns the assembly of the reader whose parser calls.
private func assembly(of task: UnsafePointer<redisReadTask>?) -> UnsafeMutablePointer<ReplyAssembly>? {
    // Safety: the reader set it as the parser's `privdata`, which is copied to each task, and frees it after the
    // parser.
    unsafe task?.pointee.privdata?.assumingMemoryBound(to: ReplyAssembly.self)
}

/// Adds a string, a status or an error.
///
/// The parser distinguishes them by the task's type alone.
private func takeString(
    _ task: UnsafePointer<redisReadTask>?,
    _ characters: UnsafeMutablePointer<CChar>?,
    _ count: Int
) -> UnsafeMutableRawPointer? {
    guard let assembly = unsafe assembly(of: task), let task = unsafe task, let characters = unsafe characters else {
        return nil
    }
    // Safety: the parser has `count` bytes at `characters`. After a string its buffer has two more, which it is about
    // to skip. They are not read for a status or an error.
    let bytes = unsafe UnsafeRawBufferPointer(start: characters, count: count)
    switch unsafe task.pointee.type {
    case REDIS_REPLY_STRING:
        guard unsafe assembly.pointee.admitsString(of: count) else { return nil }
        guard unsafe characters[count] == CChar(13), unsafe characters[count + 1] == CChar(10) else {
            return unsafe token(assembly.pointee.refuse(.wrongTerminator))
        }
        guard let parser = unsafe assembly.pointee.parser, let buffer = unsafe parser.pointee.buf else { return nil }
        let distance = unsafe buffer + parser.pointee.len - characters
        let string = unsafe assembly.pointee.string(bytes, before: distance)
        return unsafe token(assembly.pointee.append(.bytes(string), size: count))
    case REDIS_REPLY_STATUS:
        guard unsafe assembly.pointee.admitsLine(of: count) else { return nil }
        return unsafe token(assembly.pointee.append(.status(String(decoding: bytes, as: UTF8.self)), size: count))
    default:
        guard unsafe assembly.pointee.admitsLine(of: count) else { return nil }
        return unsafe token(assembly.pointee.append(.error(String(decoding: bytes, as: UTF8.self)), size: count))
    }
}

public import NIOCore

/// The steps of a ``ScriptedServer`` after a whole request, in raw bytes, so that an answer can be wrong in any way.
public struct ScriptedAnswer: Sendable {
    enum Step: Sendable {
        case send(ByteBuffer)
        case sendRepeatedly(ByteBuffer, count: Int)
        case close
        case reset
    }

    var steps: [Step]

    /// Answers nothing and keeps the connection open.
    public static var silence: ScriptedAnswer { ScriptedAnswer(steps: []) }

    /// Closes the connection.
    public static var close: ScriptedAnswer { ScriptedAnswer(steps: [.close]) }

    /// Resets the connection.
    public static var reset: ScriptedAnswer { ScriptedAnswer(steps: [.reset]) }

    /// Sends bytes as they are.
    public static func raw(_ text: String) -> ScriptedAnswer {
        ScriptedAnswer(steps: [.send(ByteBuffer(string: text))])
    }

    /// Sends an answer with its length.
    ///
    /// - Parameters:
    ///   - status: The status code.
    ///   - type: The media type.
    ///   - headers: More headers.
    ///   - body: The body.
    /// - Returns: The answer.
    public static func response(
        _ status: Int = 200,
        type: String = "application/json",
        headers: [String: String] = [:],
        body: ByteBuffer
    ) -> ScriptedAnswer {
        var answer = head(status, type: type, headers: headers, length: body.readableBytes)
        answer.steps.append(.send(body))
        return answer
    }

    /// Sends an answer of text with its length.
    public static func response(
        _ status: Int = 200,
        type: String = "application/json",
        headers: [String: String] = [:],
        body: String
    ) -> ScriptedAnswer {
        response(status, type: type, headers: headers, body: ByteBuffer(string: body))
    }

    /// Sends only the head of an answer; without a length the body lasts until the connection is closed.
    public static func head(
        _ status: Int = 200,
        type: String = "application/json",
        headers: [String: String] = [:],
        length: Int? = nil
    ) -> ScriptedAnswer {
        var text = "HTTP/1.1 \(status) Status\r\nContent-Type: \(type)\r\n"
        text += length.map { "Content-Length: \($0)\r\n" } ?? "Connection: close\r\n"
        for (name, value) in headers { text += "\(name): \(value)\r\n" }
        return raw(text + "\r\n")
    }

    /// Returns this answer, followed by raw bytes.
    public func then(_ text: String) -> ScriptedAnswer {
        then(.raw(text))
    }

    /// Returns this answer, followed by another.
    public func then(_ next: ScriptedAnswer) -> ScriptedAnswer {
        ScriptedAnswer(steps: steps + next.steps)
    }

    /// Returns this answer, followed by the same bytes `count` times, as fast as the reader takes them.
    public func then(_ chunk: ByteBuffer, times count: Int) -> ScriptedAnswer {
        ScriptedAnswer(steps: steps + [.sendRepeatedly(chunk, count: count)])
    }
}

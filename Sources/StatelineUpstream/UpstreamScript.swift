/// The commands in a user's message, in lines that begin with a slash.
///
/// Other lines are part of the prompt only.
struct UpstreamScript {
    /// A tool call to make.
    struct Call: Hashable {
        var name: String
        var arguments: String
    }

    /// The calls of each step; a step's calls are made at once.
    var steps: [[Call]] = [[]]
    /// The exact answer.
    var answer: String?
    /// The text of a refusal.
    var refusal: String?
    /// The reasoning before the answer.
    var reasoning: String?
    /// The status to fail with, and the error's code.
    var failure: UpstreamFailure?
    /// `true` to stop as if the limit of tokens was reached.
    var isCut = false
    /// The pause after each word of a streamed answer.
    var pace: Duration = .zero

    /// Reads the commands of a message.
    init(_ message: String) {
        for line in message.split(whereSeparator: \.isNewline) where line.first == "/" {
            let words = line.split(separator: " ", maxSplits: 1)
            read(words[0], words.count > 1 ? String(words[1]) : "")
        }
    }

    private mutating func read(_ command: Substring, _ text: String) {
        switch command {
        case "/say": answer = answer.map { $0 + "\n" + text } ?? text
        case "/refuse": refusal = text
        case "/reason": reasoning = text
        case "/length": isCut = true
        case "/pace": pace = Int(text).map { .milliseconds($0) } ?? .zero
        case "/then": steps.append([])
        case "/tool":
            let words = text.split(separator: " ", maxSplits: 1)
            guard let name = words.first else { return }
            let arguments = words.count > 1 ? String(words[1]) : "{}"
            steps[steps.count - 1].append(Call(name: String(name), arguments: arguments))
        case "/status":
            let words = text.split(separator: " ")
            guard let status = words.first.flatMap({ Int($0) }), (400...599).contains(status) else { return }
            failure = .scripted(status: status, code: words.count > 1 ? String(words[1]) : nil)
        default: return
        }
    }
}

internal import Stateline

/// The ids of tool calls in the messages of one rendering.
///
/// Some servers number the calls of each answer anew, so that one id comes in several answers of a conversation. Other
/// servers pair outputs with calls by id over the whole history, and refuse it or mix the outputs up. So an id that an
/// earlier entry has used gets the place of its entry as a suffix, in the call and in its output. All other ids are
/// sent as they came.
///
/// The earlier entries are searched only for ids that a counter can have made, and only ``searchedEntries`` of them. Ids
/// of random letters and digits cost nothing.
///
/// The result depends on the entries alone, so that a longer history begins with the bytes of a shorter one.
struct CallIDs {
    /// The maximum number of entries before a call that are searched for its id.
    static let searchedEntries = 1024

    private let previous: Transcript.SubSequence
    private let entries: ArraySlice<Entry>
    private let form: ServerProfile.CallIDForm
    /// The ids of the newest calls that were asked for, by the ids in their entry, and the place of that entry.
    private var newest: (place: Int, ids: [ToolCall.ID: ToolCall.ID])?

    /// Makes the ids of a rendering.
    ///
    /// - Parameters:
    ///   - entries: The entries that are rendered.
    ///   - previous: The entries before them.
    ///   - form: The form of an id.
    init(of entries: ArraySlice<Entry>, after previous: Transcript.SubSequence, form: ServerProfile.CallIDForm) {
        self.entries = entries
        self.previous = previous
        self.form = form
    }

    /// Returns the ids of the calls of an entry, in order.
    ///
    /// - Parameters:
    ///   - calls: The calls.
    ///   - offset: The place of the entry among the rendered ones.
    /// - Returns: The ids, all of them different if those of the calls are.
    mutating func ids(of calls: [ToolCall], at offset: Int) -> [ToolCall.ID] {
        let place = previous.count + offset
        let used = usedIDs(of: calls, before: place)
        let ids = calls.map { call in
            form.id(call.id, at: used.contains(call.id) ? place : nil)
        }
        newest = (place, Dictionary(zip(calls.map(\.id), ids)) { first, _ in first })
        return ids
    }

    /// Returns the id of the call that an output belongs to.
    ///
    /// - Parameters:
    ///   - output: The output.
    ///   - offset: The place of its entry among the rendered ones.
    /// - Returns: The id that the newest such call has in its message.
    mutating func id(of output: ToolOutput, at offset: Int) -> ToolCall.ID {
        if let id = newest?.ids[output.callID] { return id }
        let end = previous.count + offset
        for place in stride(from: end - 1, through: max(0, end - Self.searchedEntries), by: -1) {
            guard case .toolCalls(let calls) = entry(at: place).content,
                let index = calls.firstIndex(where: { $0.id == output.callID })
            else { continue }
            return ids(of: calls, at: place - previous.count)[index]
        }
        return form.id(output.callID, at: nil)
    }

    private func entry(at place: Int) -> Entry {
        place < previous.count
            ? previous[previous.startIndex + place] : entries[entries.startIndex + place - previous.count]
    }

    /// Returns the ids of calls that an earlier entry has used.
    private func usedIDs(of calls: [ToolCall], before place: Int) -> Set<ToolCall.ID> {
        var open = Set(calls.lazy.filter { $0.canBeCounted }.map(\.id))
        var used: Set<ToolCall.ID> = []
        var earlier = place - 1
        let first = max(0, place - Self.searchedEntries)
        while !open.isEmpty, earlier >= first {
            if case .toolCalls(let calls) = entry(at: earlier).content {
                for call in calls where open.remove(call.id) != nil { used.insert(call.id) }
            }
            earlier -= 1
        }
        return used
    }
}

extension ToolCall {
    /// `true` if a counter can have made the id, such as `call_0` or `weather:1`.
    ///
    /// A random id has eight or more letters and digits in a row with a digit among them, and these are not the name.
    fileprivate var canBeCounted: Bool {
        var run = 0
        var hasDigit = false
        for byte in id.utf8 {
            let isDigit = UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
            guard isDigit || UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20 else {
                (run, hasDigit) = (0, false)
                continue
            }
            run += 1
            hasDigit = hasDigit || isDigit
            if run >= 8, hasDigit { return name.utf8.count >= 8 && id.contains(name) }
        }
        return true
    }
}

extension ServerProfile.CallIDForm {
    /// Returns an id in this form.
    ///
    /// - Parameters:
    ///   - id: The id in its entry.
    ///   - place: The place of the entry, if an earlier one has used the id.
    /// - Returns: The id.
    fileprivate func id(_ id: ToolCall.ID, at place: Int?) -> ToolCall.ID {
        switch self {
        case .any: place.map { "\(id)_\($0)" } ?? id
        case .nineAlphanumerics:
            place == nil && Self.isNineAlphanumerics(id) ? id : Self.digest(of: place.map { "\(id)_\($0)" } ?? id)
        }
    }

    private static let alphabet = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")

    private static func isNineAlphanumerics(_ id: String) -> Bool {
        id.utf8.count == 9
            && id.utf8.allSatisfy { byte in
                UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte || UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20
            }
    }

    /// Returns nine letters and digits of a text's FNV-1a hash, which does not change from process to process.
    private static func digest(of id: String) -> String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in id.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        var text = ""
        for _ in 0..<9 {
            text.append(alphabet[Int(hash % UInt64(alphabet.count))])
            hash /= UInt64(alphabet.count)
        }
        return text
    }
}

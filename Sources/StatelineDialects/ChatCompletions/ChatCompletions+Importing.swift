#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif
public import NIOCore
public import Stateline

extension ChatCompletions {
    /// Makes entries of a conversation that another program held in Chat Completions form.
    ///
    /// Rendering the entries gives messages of the same content. A message that holds more than an entry's typed view
    /// is kept in its own bytes beside the entry.
    ///
    /// - Parameter messages: A JSON array of messages, as the member `messages` of a request holds it.
    /// - Returns: The entries, in order; a message that answers and calls tools gives two.
    /// - Throws: `ModelError.malformedAnswer(_:)` and the other errors of malformed JSON, if the bytes are not such an
    ///   array.
    /// - Complexity: O(*n*) in the bytes.
    public static func entries(fromMessages messages: ByteBuffer) throws(ModelError) -> [Entry] {
        let root: JSONFragment
        do {
            root = try JSONFragment(validating: messages)
        } catch {
            throw ModelError(ofWholeText: error)
        }
        guard let elements = root.elements else { throw .malformedAnswer("messages are not an array") }
        var entries: [Entry] = []
        for (index, element) in elements.enumerated() {
            do {
                entries += try self.entries(ofMessage: element)
            } catch .malformedAnswer(let text) {
                throw .malformedAnswer("message \(index): \(text)")
            }
        }
        return entries
    }

    private static func entries(ofMessage message: JSONFragment) throws(ModelError) -> [Entry] {
        switch message["role"]?.word {
        case "system", "developer":
            return [try entry(message, except: ["role", "content"]) { .instructions($0) }]
        case "user":
            return [try entry(message, except: ["role", "content"]) { .prompt($0) }]
        case "assistant":
            var assembly = AnswerAssembly(isStrict: true)
            _ = try assembly.add(message, isWhole: true)
            return try assembly.entries(.whole)
        case "tool":
            guard let callID = message["tool_call_id"]?.word else { throw .malformedAnswer("no tool_call_id") }
            let name = message["name"]?.word ?? ""
            return [
                try entry(message, except: ["role", "content", "tool_call_id", "name"]) { parts in
                    .toolOutput(ToolOutput(callID: callID, name: name, parts: parts))
                }
            ]
        case let role:
            throw .malformedAnswer("the unknown role \((role ?? "none").debugDescription)")
        }
    }

    /// Makes the entry of a message of another role than the model's.
    private static func entry(
        _ message: JSONFragment,
        except known: Set<String>,
        _ content: ([Part]) -> Entry.Content
    ) throws(ModelError) -> Entry {
        var extras = ExtraMembers()
        extras.add(message.members ?? [], except: known)
        var parts: [Part] = []
        if let text = message["content"]?.string {
            parts = [.text(text)]
        } else {
            guard let elements = message["content"]?.elements else { throw .malformedAnswer("no content") }
            for element in elements { parts.append(try part(element, extras: &extras)) }
        }
        let provided = ProviderBytes(dialect: name, bytes: message.bytes)
        return Entry(content(parts), providerBytes: extras.isEmpty ? nil : provided)
    }

    private static func part(_ part: JSONFragment, extras: inout ExtraMembers) throws(ModelError) -> Part {
        guard let type = part["type"]?.word, let content = part[type] else {
            throw .malformedAnswer("a part of the content has no type or nothing of its type")
        }
        extras.add(part.members ?? [], except: ["type", type])
        switch type {
        case "text", "refusal":
            guard let text = content.string else { throw .malformedAnswer("\(type) is not a string") }
            return type == "text" ? .text(text) : .refusal(text)
        case "image_url":
            guard let url = content["url"]?.string else { throw .malformedAnswer("an image has no url") }
            extras.add(content.members ?? [], except: ["url"])
            return .image(media(url: url, name: nil))
        case "file":
            let name = content["filename"]?.string
            extras.add(content.members ?? [], except: ["filename", "file_id", "file_data"])
            if let id = content["file_id"]?.string { return .file(Media(.providerFile(id: id), name: name)) }
            guard let url = content["file_data"]?.string else { throw .malformedAnswer("a file has no content") }
            return .file(media(url: url, name: name))
        default:
            throw .malformedAnswer("content of the unknown type \(type.debugDescription)")
        }
    }

    /// Reads a URL; the content of a `data:` URL in base 64 is decoded.
    private static func media(url: String, name: String?) -> Media {
        let marker = ";base64,"
        guard url.hasPrefix("data:"), let comma = url.firstIndex(of: ","), url[...comma].hasSuffix(marker),
            let content = Data(base64Encoded: String(url[url.index(after: comma)...]))
        else { return Media(.url(url), name: name) }
        let mediaType = url[...comma].dropFirst("data:".count).dropLast(marker.count)
        return Media(.data(ByteBuffer(bytes: content)), mediaType: String(mediaType), name: name)
    }
}

internal import ArgumentParser
internal import StatelineDialects

/// The servers that can be named on the command line.
enum ServerName: String, CaseIterable, ExpressibleByArgument {
    case any
    case openai
    case azure
    case vllm
    case llamacpp
    case ollama
    case openrouter
    case deepseek
    case mistral
    case gemini
    case strict

    /// The profile of the server.
    var profile: ServerProfile {
        switch self {
        case .any: .lenient
        case .openai: .openAI
        case .azure: .azure
        case .vllm: .vLLM
        case .llamacpp: .llamaCpp
        case .ollama: .ollama
        case .openrouter: .openRouter
        case .deepseek: .deepSeek
        case .mistral: .mistral
        case .gemini: .gemini
        case .strict: .strict
        }
    }
}

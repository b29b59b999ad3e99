/// A change of a session's settings.
struct SettingsChange: Sendable {
    /// The new instructions, empty for none; `nil` for no change.
    var instructions: String?
    /// The new options; `nil` for no change.
    var options: GenerationOptions?
    /// The new tools; `nil` for no change.
    var tools: DeclaredTools?
}

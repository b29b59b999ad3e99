/// The treatment of a session whose settings are not those that its opener gives.
///
/// An opener that gives no instructions agrees with any. Tools differ only if the session's were recorded, by
/// ``ModelSession/changeSettings(instructions:options:recordsTools:)`` or ``replace``.
public enum SettingsPolicy: Hashable, Sendable {
    /// Open the session with its own settings; ``ModelSession/instructions`` tells them.
    case keep
    /// Give the session the new settings, by a batch of one more round trip.
    case replace
    /// Refuse to open it, with ``SessionError/settingsDiffer(_:_:)``.
    case refuse
}

/// A step that other threads can see: just before it, a test's scheduler may let another thread run.
public enum SchedulingPoint: Hashable, Sendable, CaseIterable {
    /// Announcing the epoch that a thread reads in.
    case pin
    /// Looking at a line of the table.
    case look
    /// Loading a word again that looked right.
    case load
    /// Lending the entry that was found.
    case lend
    /// Claiming an empty slot for a new entry.
    case claim
    /// Replacing an entry, or reviving a tombstone.
    case exchange
    /// Putting a tombstone in the place of an entry.
    case remove
    /// Freezing a slot of a table that is being migrated.
    case freeze
    /// Putting a frozen entry into the next table.
    case place
    /// Marking a frozen slot as moved.
    case move
    /// Beginning a migration.
    case begin
    /// Making the next table the one that everybody starts from.
    case promote
    /// Handing over what was taken out of the map.
    case retire
    /// Letting the epoch go on.
    case advance
}

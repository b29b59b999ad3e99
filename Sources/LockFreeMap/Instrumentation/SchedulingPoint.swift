/// A step of an operation that other threads can see.
///
/// Just before it, the scheduler of a test may let another thread run.
public enum SchedulingPoint: Hashable, Sendable, CaseIterable {
    /// Announcing the epoch that a thread reads in.
    case pin
    /// Looking at a line of the table.
    case look
    /// Loading again a word whose tag matched.
    case load
    /// Lending the entry that was found.
    case lend
    /// Claiming an empty slot for a new entry.
    case claim
    /// Replacing an entry, or reviving a tombstone.
    case exchange
    /// Replacing an entry by a tombstone.
    case remove
    /// Freezing a slot of a table that is being migrated.
    case freeze
    /// Putting a frozen entry into the next table.
    case place
    /// Marking a frozen slot as moved.
    case move
    /// Beginning a migration.
    case begin
    /// Making the next table the root.
    case promote
    /// Retiring an object that was taken out of the map.
    case retire
    /// Advancing the epoch.
    case advance
}

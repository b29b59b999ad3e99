/// Where the map and its reclamation can be held, and what can be left out of them, by tests.
///
/// The map is generic over its steps, so that a test builds mutants from the source that ships, and a scheduler decides
/// which thread goes on at each step. What ships is ``Uninstrumented``: nothing of this is left in its code.
public protocol MapInstrumentation: SendableMetatype {
    /// What a mutant leaves out; `nil` for what ships.
    static var mutation: Mutation? { get }

    /// Called before each step that other threads can see.
    static func reach(_ step: SchedulingPoint)
}

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

/// A part of the algorithm that a mutant leaves out, to show that a test notices.
public enum Mutation: Hashable, Sendable, CaseIterable {
    /// Readers don't announce their epoch.
    case pin
    /// The epoch goes on without a look at who is still in the last one.
    case waitForReaders
    /// What is taken out of the map is released at once.
    case limbo
    /// A slot that somebody else has claimed meanwhile is not looked at again.
    case recheckClaimedSlot
    /// A word whose tag looked right is taken for an entry without a look at its kind.
    case recheckKind
    /// A helper that comes late takes a tombstone in the next table for another key's.
    case tombstoneBarsHelper
    /// Entries are copied to the next table while they can still be replaced in this one.
    case freeze
    /// An entry is replaced in the next table before its old slot says that it has moved.
    case markMoved
    /// Empty slots of a table that is being migrated stay open for claims.
    case seal
    /// The next table takes every new key, whatever is still to be moved to it.
    case admission
    /// The next table's size is reckoned without the entries of threads that have not counted them yet.
    case countThreads
}

/// The steps of the map that ships: none is held, nothing is left out.
public enum Uninstrumented: MapInstrumentation {
    /// Nothing.
    @inlinable @inline(__always)
    public static var mutation: Mutation? { nil }

    /// Goes on.
    @inlinable @inline(__always)
    public static func reach(_ step: SchedulingPoint) {}
}

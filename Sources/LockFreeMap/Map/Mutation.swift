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

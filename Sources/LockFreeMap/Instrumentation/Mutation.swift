/// A part of the algorithm that a mutant leaves out, to show that a test notices.
public enum Mutation: Hashable, Sendable, CaseIterable {
    /// Readers do not announce their epoch.
    case pin
    /// The epoch advances although readers are still in the last one.
    case waitForReaders
    /// An object that is taken out of the map is released at once.
    case limbo
    /// A slot that another thread has claimed meanwhile is not looked at again.
    case recheckClaimedSlot
    /// A word whose tag matches is taken for an entry, whatever its kind is.
    case recheckKind
    /// A late helper takes a tombstone in the next table for that of another key.
    case tombstoneBarsHelper
    /// Entries are copied to the next table while they can still be replaced in this one.
    case freeze
    /// An entry is replaced in the next table before its old slot says that it has moved.
    case markMoved
    /// Empty slots of a table that is being migrated stay open for claims.
    case seal
    /// The next table admits every new key, however many entries are still to be moved to it.
    case admission
    /// The size of the next table leaves out the entries that threads have not counted yet.
    case countThreads
}

/// Why a map refused a write.
public enum LockFreeMapError: Error, Hashable, Sendable {
    /// A reader that stands still keeps what was taken out from being released, and as much of it as is allowed waits.
    ///
    /// Nothing was written. Reads go on, and so do writes once the reader does.
    case reclamationStalled
}

/// What a ``LockFreeMap`` holds: an object that carries its own key.
///
/// The key lies in the object, so that a read touches two lines of memory and no more: the table's and the object's.
/// Make the class final and `key` a stored constant.
public protocol MapEntry: AnyObject, Sendable {
    /// What the entry is found by.
    associatedtype Key: MapKey

    /// What the entry is found by; never changes.
    var key: Key { get }

    /// What the entry counts for in ``SteppedMap/weight``, in bytes; never changes.
    var weight: Int { get }

    /// What the entry counts for in limbo, in bytes: all that is kept from being freed by it. By default its ``weight``.
    ///
    /// Read once, after the entry was taken out of the map.
    var retiredWeight: Int { get }
}

extension MapEntry {
    /// The entry's ``weight``.
    @inlinable public var retiredWeight: Int { weight }
}

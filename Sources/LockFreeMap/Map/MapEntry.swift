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
}

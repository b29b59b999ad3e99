/// What a ``LockFreeMap`` holds: an object that carries its own key.
///
/// The key lies in the object, so that a read touches two lines of memory and no more: the table's and the object's.
/// Make the class final and `key` a stored constant.
public protocol MapEntry: AnyObject, Sendable {
    /// What the entry is found by.
    associatedtype Key: MapKey

    /// The test hooks that are compiled into a map of these entries.
    ///
    /// Leave it at its default, ``Uninstrumented``, which costs nothing. It is bound to the entry because a class has no
    /// default for a generic parameter of its own.
    associatedtype Instrumentation: MapInstrumentation = Uninstrumented

    /// What the entry is found by; never changes.
    var key: Key { get }

    /// What the entry counts for in ``LockFreeMap/weight``, in bytes; never changes.
    var weight: Int { get }

    /// The bytes that wait in limbo with the entry once it has been taken out: what is freed when it is released.
    ///
    /// An entry that shares most of what it holds with its successor says what is its own; one that has no successor says
    /// all. Called while the entry is taken out, once or more often; ``weight`` by default.
    ///
    /// - Parameter successor: The entry that took its place; `nil` if it was removed.
    /// - Returns: The bytes.
    func limboWeight(replacedBy successor: Self?) -> Int
}

extension MapEntry {
    /// The entry's weight.
    ///
    /// - Parameter successor: The entry that took its place; `nil` if it was removed.
    /// - Returns: The bytes.
    @inlinable @inline(__always)
    public func limboWeight(replacedBy successor: Self?) -> Int { weight }
}

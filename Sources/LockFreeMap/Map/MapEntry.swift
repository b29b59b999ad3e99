/// An object in a ``LockFreeMap``, which carries its own key.
///
/// The key lies in the object, so that a read touches two cache lines only: one of the table and one of the object.
/// Make the class final and `key` a stored constant.
public protocol MapEntry: AnyObject, Sendable {
    /// The type of the key.
    associatedtype Key: MapKey

    /// The test hooks that are compiled into a map of these entries.
    ///
    /// Leave it at its default, ``Uninstrumented``, which costs nothing. It is bound to the entry because a class has
    /// no default for a generic parameter of its own.
    associatedtype Instrumentation: MapInstrumentation = Uninstrumented

    /// The key of the entry; never changes.
    var key: Key { get }

    /// The entry's share of ``LockFreeMap/weight``, in bytes; never changes.
    var weight: Int { get }

    /// Returns the number of bytes that are freed when the entry is released after it was taken out.
    ///
    /// An entry that shares most of its content with its successor counts only its own; an entry without a successor
    /// counts all. The map calls this once or more often while it takes the entry out. The default is ``weight``.
    ///
    /// - Parameter successor: The entry that replaced it; `nil` if it was removed.
    /// - Returns: The bytes that the entry counts for in limbo.
    func limboWeight(replacedBy successor: Self?) -> Int
}

extension MapEntry {
    /// Returns the entry's weight.
    ///
    /// - Parameter successor: The entry that replaced it; `nil` if it was removed.
    /// - Returns: The bytes that the entry counts for in limbo.
    @inlinable @inline(__always)
    public func limboWeight(replacedBy successor: Self?) -> Int { weight }
}

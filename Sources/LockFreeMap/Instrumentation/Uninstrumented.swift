/// The instrumentation of the map that ships: no thread is held, no part is left out.
public enum Uninstrumented: MapInstrumentation {
    /// No mutation.
    @inlinable @inline(__always)
    public static var mutation: Mutation? { nil }

    /// Returns at once.
    @inlinable @inline(__always)
    public static func reach(_ point: SchedulingPoint) {}
}

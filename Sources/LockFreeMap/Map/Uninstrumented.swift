/// The steps of the map that ships: none is held, nothing is left out.
public enum Uninstrumented: MapInstrumentation {
    /// Nothing.
    @inlinable @inline(__always)
    public static var mutation: Mutation? { nil }

    /// Goes on.
    @inlinable @inline(__always)
    public static func reach(_ step: SchedulingPoint) {}
}

/// Test hooks of the map and its reclamation.
///
/// The map is generic over its instrumentation. So a test builds mutants from the source that ships, and a scheduler
/// decides which thread continues at each scheduling point. The default is ``Uninstrumented``, which leaves nothing in
/// the code.
public protocol MapInstrumentation: SendableMetatype {
    /// The part of the algorithm that a mutant leaves out; `nil` for the map that ships.
    static var mutation: Mutation? { get }

    /// Runs just before each scheduling point.
    static func reach(_ point: SchedulingPoint)
}

/// Where the map and its reclamation can be held, and what can be left out of them, by tests.
///
/// The map is generic over its steps, so that a test builds mutants from the source that ships, and a scheduler decides
/// which thread goes on at each step. What ships is ``Uninstrumented``: nothing of this is left in its code.
public protocol MapInstrumentation: SendableMetatype {
    /// What a mutant leaves out; `nil` for what ships.
    static var mutation: Mutation? { get }

    /// Called before each step that other threads can see.
    static func reach(_ step: SchedulingPoint)
}

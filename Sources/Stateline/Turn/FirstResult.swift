/// Runs several works and returns the first result; the others are cancelled and not waited for.
///
/// A tool may ignore cancellation and never return, and structured concurrency would wait for it. So each work is a task
/// of its own, which this function, or the cancellation of the current task, cancels. A work that ignores that keeps its
/// own memory and nothing of the turn's.
///
/// - Parameter works: The works.
/// - Returns: The first result.
package func firstResult<R: Sendable>(of works: [@Sendable () async -> R]) async -> R {
    let first = OneShot<R>()
    let tasks = works.map { work in
        Task {
            let result = await work()
            first.give(result)
        }
    }
    return await withTaskCancellationHandler {
        defer { for task in tasks { task.cancel() } }
        return await first.value()
    } onCancel: {
        for task in tasks { task.cancel() }
    }
}

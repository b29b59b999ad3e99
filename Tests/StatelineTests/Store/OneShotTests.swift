import Testing

@testable import Stateline

@Suite struct OneShotTests {
    @Test func `a value that was given before is returned at once`() async {
        let shot = OneShot<Int>()
        #expect(shot.give(1))
        #expect(await shot.value() == 1)
    }

    @Test func `the first value ends the wait and later ones are dropped`() async {
        let shot = OneShot<Int>()
        async let value = shot.value()
        await Task.yield()
        let copy = shot
        #expect(copy.give(1))
        #expect(!shot.give(2))
        #expect(await value == 1)
    }

    @Test func `a cancellation gives its value`() async {
        let shot = OneShot<String>()
        let task = Task { await shot.value { "cancelled" } }
        await Task.yield()
        task.cancel()
        #expect(await task.value == "cancelled")
        #expect(!shot.give("late"))
    }

    @Test func `a task that is cancelled already does not wait`() async {
        let shot = OneShot<String>()
        let task = Task {
            while !Task.isCancelled { await Task.yield() }
            return await shot.value { "cancelled" }
        }
        task.cancel()
        #expect(await task.value == "cancelled")
    }

    @Test func `a value that came before the cancellation stays`() async {
        let shot = OneShot<String>()
        shot.give("value")
        let task = Task {
            while !Task.isCancelled { await Task.yield() }
            return await shot.value { "cancelled" }
        }
        task.cancel()
        #expect(await task.value == "value")
    }

    @Test(.timeLimit(.minutes(5))) func `of many givers at once one ends the wait`() async {
        // Few rounds of many givers: each round waits for its turn beside all other tests.
        for _ in 0..<20 {
            let shot = OneShot<Int>()
            async let value = shot.value()
            let winners = await withTaskGroup(of: Bool.self) { group in
                for number in 0..<80 { group.addTask { shot.give(number) } }
                return await group.reduce(into: 0) { if $1 { $0 += 1 } }
            }
            #expect(winners == 1)
            #expect((0..<80).contains(await value))
        }
    }
}

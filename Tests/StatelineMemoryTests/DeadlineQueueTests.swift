import LockFreeMap
import StatelineTesting
import Testing

@testable import StatelineMemory

@Suite struct DeadlineQueueTests {
    private struct Entry {
        let deadline: Deadline
        var time: Int
    }

    @Test func `deadlines come out in the order of their times, whatever is cancelled between`() {
        let seed = UInt64.random(in: .min ... .max)
        var random = SeededGenerator(seed: seed)
        let queue = DeadlineQueue()
        var model: [Entry] = []
        var now = 0
        for step in 0..<20_000 {
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<5:
                let time = now + Int.random(in: 0..<500, using: &random)
                let entry = Entry(deadline: Deadline(ByteKey("\(step)")), time: time)
                queue.insert(entry.deadline, at: .seconds(entry.time))
                model.append(entry)
            case 5..<7 where !model.isEmpty:
                let entry = model.remove(at: Int.random(in: 0..<model.count, using: &random))
                queue.cancel(entry.deadline)
                queue.insert(entry.deadline, at: .seconds(now))
            case 7 where !model.isEmpty:
                let first = queue.takeFirst()
                #expect(first?.time == .seconds(model.map(\.time).min() ?? 0), "seed \(seed), step \(step)")
                model.removeAll { $0.deadline === first?.deadline }
            default:
                now += Int.random(in: 0..<20, using: &random)
                let due = queue.takeDue(at: .seconds(now), most: 3)
                let expected = model.map(\.time).sorted().prefix { $0 <= now }.prefix(3)
                let times = due.map { deadline in model.first { $0.deadline === deadline }?.time ?? -1 }
                #expect(times == Array(expected), "seed \(seed), step \(step)")
                model.removeAll { entry in due.contains { $0 === entry.deadline } }
                // One that was prolonged comes back.
                if let deadline = due.first {
                    queue.insert(deadline, at: .seconds(now + 10))
                    model.append(Entry(deadline: deadline, time: now + 10))
                }
            }
            #expect(queue.count == model.count)
            #expect(queue.isEmpty == model.isEmpty)
        }
    }
}

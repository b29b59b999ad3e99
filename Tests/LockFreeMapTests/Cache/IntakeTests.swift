import Testing

@testable import LockFreeMap

struct IntakeTests {
    @Test
    func `nodes come out once, in the order in which they went in`() {
        let intake = Intake()
        let nodes = (0..<10).map { PolicyNode(fingerprint: UInt32($0)) }
        for node in nodes { intake.push(node) }
        for node in nodes.reversed() { intake.push(node) }
        var drained: [UInt32] = []
        intake.drain { drained.append($0.fingerprint) }
        #expect(drained == Array(0..<10))
        intake.drain { _ in #expect(Bool(false), "it was drained") }
    }

    @Test
    func `what is announced while it is looked at is looked at again`() {
        let intake = Intake()
        let node = PolicyNode(fingerprint: 7)
        intake.push(node)
        var looks = 0
        intake.drain { _ in
            looks += 1
            intake.push(node)
        }
        intake.drain { _ in looks += 1 }
        #expect(looks == 2)
    }

    @Test
    func `threads that push lose nothing to one that drains`() {
        let shelf = Shelf()
        let (threads, count) = (3, 20_000)
        withCrew(of: threads + 1) { member in
            guard member < threads else {
                while shelf.pushed.value < threads * count { shelf.intake.drain { _ in shelf.drained.add(1) } }
                return
            }
            for number in 0..<count {
                shelf.intake.push(PolicyNode(fingerprint: UInt32(number)))
                shelf.pushed.add(1)
            }
        }
        shelf.intake.drain { _ in shelf.drained.add(1) }
        #expect(shelf.drained.value == threads * count)
    }

    @Test
    func `an intake that is given up releases what it holds`() {
        weak var held: PolicyNode?
        do {
            let intake = Intake()
            let node = PolicyNode(fingerprint: 1)
            held = node
            intake.push(node)
        }
        #expect(held == nil)
    }

    private final class Shelf: Sendable {
        let intake = Intake()
        let pushed = Counter()
        let drained = Counter()
    }
}

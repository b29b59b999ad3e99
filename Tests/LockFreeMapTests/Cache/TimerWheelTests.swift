import LockFreeMap
import Testing

struct TimerWheelTests {
    /// Dates near and far: within the first ring, the second, the third and beyond.
    private static func date(after now: UInt64, using generator: inout SplitMix64) -> UInt64 {
        let spans: [UInt64] = [2, 64, 200, 4_096, 10_000, 131_072, 400_000, 10_000_000]
        return now + UInt64.random(in: 0...spans.randomElement(using: &generator)!, using: &generator)
    }

    @Test
    func `random appointments are kept as by a sorted list`() {
        var (generator, seed) = PrintedSeed.generator(for: "timer wheel against a list")
        for round in 0..<50 {
            var now = UInt64.random(in: 0...1_000_000, using: &generator)
            var wheel = TimerWheel<Int>(now: now)
            var dates: [Int: UInt64] = [:]
            var timers: [Int: TimerWheel<Int>.Timer] = [:]
            var next = 0
            for step in 0..<500 {
                switch Int.random(in: 0..<6, using: &generator) {
                case 0, 1, 2:
                    let date = Self.date(after: now, using: &generator)
                    dates[next] = date
                    timers[next] = wheel.schedule(next, at: date)
                    next += 1
                case 3:
                    // A deadline that moves on: the wheel is not told.
                    guard let item = dates.keys.randomElement(using: &generator) else { continue }
                    dates[item] = dates[item]! + UInt64.random(in: 0...1_000, using: &generator)
                case 4:
                    guard let item = dates.keys.randomElement(using: &generator) else { continue }
                    #expect(wheel.remove(timers[item]!) == item)
                    dates[item] = nil
                default:
                    now = Self.date(after: now, using: &generator)
                    wheel.advance(to: now)
                    var fired: Set<Int> = []
                    while let (timer, item) = wheel.next() {
                        if dates[item]! > now {
                            wheel.reschedule(timer, at: dates[item]!)
                        } else {
                            wheel.remove(timer)
                            fired.insert(item)
                        }
                    }
                    let due = Set(dates.filter { $0.value <= now }.keys)
                    #expect(fired == due, "seed \(seed), round \(round), step \(step)")
                    for item in due { dates[item] = nil }
                }
                #expect(wheel.count == dates.count, "seed \(seed), round \(round), step \(step)")
            }
        }
    }

    @Test(arguments: [1, 63, 64, 65, 127, 4_095, 4_096, 9_000, 131_073] as [UInt64])
    func `unit by unit, an appointment is named at its very date`(date: UInt64) {
        for start in [0, 63] as [UInt64] {
            var wheel = TimerWheel<Int>(now: start)
            _ = wheel.schedule(7, at: start + date)
            var named: UInt64?
            for now in start...start + date {
                wheel.advance(to: now)
                while let (timer, _) = wheel.next() {
                    guard now < start + date else {
                        wheel.remove(timer)
                        named = now
                        break
                    }
                    wheel.reschedule(timer, at: start + date)
                }
            }
            #expect(named == start + date)
            #expect(wheel.count == 0)
        }
    }

    @Test
    func `an appointment costs no more than one look for each ring it passes`() {
        var wheel = TimerWheel<Int>(now: 0)
        _ = wheel.schedule(7, at: 131_000)
        var looks = 0
        for now in 1...131_000 as ClosedRange<UInt64> {
            wheel.advance(to: now)
            while let (timer, _) = wheel.next() {
                looks += 1
                if now < 131_000 { wheel.reschedule(timer, at: 131_000) } else { wheel.remove(timer) }
            }
        }
        #expect(looks == 3)
    }
}

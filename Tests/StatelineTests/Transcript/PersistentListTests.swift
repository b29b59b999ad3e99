import Stateline
import StatelineTesting
import Testing

@Suite struct PersistentListTests {
    /// The sizes at which a leaf, a level or the whole trie is full, and those around them.
    private static let sizes =
        [0, 1, 31, 32, 33, 63, 64, 65, 1023, 1024, 1025, 1055, 1056, 1057, 2048]
        + [32_767, 32_768, 32_769, 32_799, 32_800, 32_801]

    @Test(arguments: sizes)
    func `a list holds what it was made of`(size: Int) {
        let list = PersistentList(0..<size)
        #expect(list.count == size)
        #expect(list.isEmpty == (size == 0))
        #expect(Array(list) == Array(0..<size))
        #expect(list.indices.allSatisfy { list[$0] == $0 })
        #expect(list.last == (size == 0 ? nil : size - 1))
        #expect(Array(list.reversed()) == Array((0..<size).reversed()))
    }

    @Test(arguments: sizes)
    func `a list can be cut to every boundary and grow again`(size: Int) {
        let list = PersistentList(0..<size)
        for newSize in Self.sizes where newSize <= size {
            var cut = list
            cut.truncate(to: newSize)
            #expect(cut.elementsEqual(0..<newSize), "\(size) cut to \(newSize)")
            for element in 0..<70 { cut.append(-element) }
            #expect(cut.elementsEqual(Array(0..<newSize) + (0..<70).map { -$0 }), "\(size) cut to \(newSize), grown")
        }
        #expect(list.elementsEqual(0..<size))
    }

    @Test func `every small list can be cut to every size`() {
        for size in 0...130 {
            let list = PersistentList(0..<size)
            for newSize in 0...size {
                var cut = list
                cut.truncate(to: newSize)
                #expect(cut.elementsEqual(0..<newSize), "\(size) cut to \(newSize)")
                cut.append(-1)
                #expect(cut.elementsEqual(Array(0..<newSize) + [-1]), "\(size) cut to \(newSize), grown")
            }
        }
    }

    @Test func `random changes give what an array gives, and change no copy`() {
        var (generator, seed) = SeededGenerator.printed(for: "changes of persistent lists")
        for _ in 0..<20 {
            var list = PersistentList<Int>()
            var array: [Int] = []
            var copies: [(PersistentList<Int>, [Int])] = []
            for step in 0..<100 {
                Self.change(&list, &array, &generator)
                #expect(list.count == array.count, "seed \(seed), step \(step)")
                if let index = array.indices.randomElement(using: &generator) {
                    #expect(list[index] == array[index], "seed \(seed), step \(step)")
                }
                if step.isMultiple(of: 10) {
                    #expect(list.elementsEqual(array), "seed \(seed), step \(step)")
                    copies.append((list, array))
                }
                // A copy may be continued otherwise, so that two lists share a beginning.
                if Int.random(in: 0..<20, using: &generator) == 0, let other = copies.randomElement(using: &generator) {
                    (list, array) = other
                }
            }
            for (copy, expected) in copies { #expect(copy.elementsEqual(expected), "seed \(seed)") }
        }
    }

    private static func change(
        _ list: inout PersistentList<Int>,
        _ array: inout [Int],
        _ generator: inout SeededGenerator
    ) {
        switch Int.random(in: 0..<10, using: &generator) {
        case 0...3:
            let element = Int.random(in: 0..<1000, using: &generator)
            list.append(element)
            array.append(element)
        case 4...6:
            for element in 0..<Int.random(in: 0...(generator.next() % 8 == 0 ? 1100 : 40), using: &generator) {
                list.append(element)
                array.append(element)
            }
        case 7, 8:
            let count = max(0, array.count - Int.random(in: 0...40, using: &generator))
            list.truncate(to: count)
            array.removeLast(array.count - count)
        default:
            let count = Int.random(in: 0...array.count, using: &generator)
            list.truncate(to: count)
            array.removeLast(array.count - count)
        }
    }
}

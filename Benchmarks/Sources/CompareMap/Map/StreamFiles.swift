internal import Foundation
internal import Measurement

/// The files that all peers read: the keys, and a stream of operations for each thread.
///
/// All are drawn from one seed.
final class StreamFiles {
    private let folder: URL
    private let seed: UInt64
    /// The number of operations of a stream.
    let length: Int
    private var written: Set<String> = []
    private var indices: [String: [UInt32]] = [:]
    private var ranks: (count: Int, sums: [Double], keys: [UInt32]) = (0, [], [])

    init(folder: URL, seed: UInt64, length: Int) {
        self.folder = folder
        self.seed = seed
        self.length = length
    }

    /// Writes the keys of a dataset, and returns the file's name.
    func keys(of dataset: Dataset) throws -> String {
        let name = "keys-\(dataset.count)-\(dataset.keyBytes)"
        guard written.insert(name).inserted else { return name }
        var generator = SplitMix64(state: seed &+ UInt64(dataset.count + dataset.keyBytes))
        var words: [UInt64] = []
        words.reserveCapacity(dataset.count * dataset.width)
        for _ in 0..<dataset.count {
            let pair = (generator.next(), generator.next())
            words += dataset.keyBytes == 16 ? [pair.0, pair.1] : Self.text(pair)
        }
        try write(words, name)
        return name
    }

    /// Writes the operations of a thread in a cell, and returns the file's name.
    func stream(of cell: Cell, thread: Int) throws -> String {
        let drawing = "\(cell.distribution)-\(cell.dataset.count)-\(thread)"
        let name = "stream-\(drawing)-\(cell.writes)"
        guard written.insert(name).inserted else { return name }
        var generator = SplitMix64(state: seed &+ UInt64(cell.dataset.count + thread + 1))
        if indices[drawing] == nil {
            indices[drawing] = draw(cell.distribution, from: cell.dataset.count, using: &generator)
        }
        var operations = indices[drawing] ?? []
        if cell.writes > 0 {
            for place in operations.indices where Int.random(in: 0..<100, using: &generator) < cell.writes {
                operations[place] |= 1 << 31
            }
        }
        try write(operations, name)
        return name
    }

    private func draw(
        _ distribution: Distribution,
        from count: Int,
        using generator: inout SplitMix64
    ) -> [UInt32] {
        switch distribution {
        case .uniform: return (0..<length).map { _ in UInt32.random(in: 0..<UInt32(count), using: &generator) }
        case .hot: return Array(repeating: UInt32(count / 2), count: length)
        case .once: return (0..<UInt32(count)).map { $0 }
        case .zipf:
            prepareRanks(count)
            let total = ranks.sums[count - 1]
            return (0..<length).map { _ in ranks.keys[rank(at: Double.random(in: 0..<total, using: &generator))] }
        }
    }

    /// Sums the weights of the ranks, and assigns the ranks to keys in random order.
    private func prepareRanks(_ count: Int) {
        guard ranks.count != count else { return }
        var generator = SplitMix64(state: seed &+ 17)
        var sum = 0.0
        let sums = (1...count)
            .map { rank in
                sum += pow(Double(rank), -0.99)
                return sum
            }
        ranks = (count, sums, (0..<UInt32(count)).shuffled(using: &generator))
    }

    /// The first rank whose sum is above a point.
    private func rank(at point: Double) -> Int {
        var (low, high) = (0, ranks.count - 1)
        while low < high {
            let middle = (low + high) / 2
            if ranks.sums[middle] > point { high = middle } else { low = middle + 1 }
        }
        return low
    }

    /// 128 bits in the text form of a UUID, 36 bytes in five words.
    private static func text(_ pair: (UInt64, UInt64)) -> [UInt64] {
        var bytes: [UInt8] = []
        for place in 0..<32 {
            if [8, 12, 16, 20].contains(place) { bytes.append(UInt8(ascii: "-")) }
            let word = place < 16 ? pair.0 : pair.1
            bytes.append(Array("0123456789abcdef".utf8)[Int(word >> UInt64(60 - place % 16 * 4) & 15)])
        }
        bytes += [0, 0, 0, 0]
        return stride(from: 0, to: 40, by: 8)
            .map { start in
                (0..<8).reduce(0) { $0 | UInt64(bytes[start + $1]) << UInt64(8 * $1) }
            }
    }

    private func write<Word: FixedWidthInteger>(_ words: [Word], _ name: String) throws {
        let data = unsafe words.withUnsafeBytes {
            // Safety: the bytes are copied within the call.
            unsafe Data($0)
        }
        try data.write(to: folder.appending(path: name))
    }
}

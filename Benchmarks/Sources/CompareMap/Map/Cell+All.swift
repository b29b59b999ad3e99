extension Cell {
    /// All cells, grouped by their tables.
    static let all: [Cell] =
        mixes(of: .thousand)
        + mixes(of: .middle)
        + [Cell(.read, .hot, .middle), Cell(.read, .hot, .middle, threads: 2)]
        + [Cell(.strong, .hot, .middle), Cell(.strong, .hot, .middle, threads: 2)]
        + [Cell(.strong, .zipf, .middle)]
        + mixes(of: .million)
        + [Distribution.zipf, .uniform]
        .flatMap { distribution in
            [
                Cell(.batch, distribution, .million), Cell(.batch, distribution, .million, threads: 2),
                Cell(.strong, distribution, .million), Cell(.strong, distribution, .million, threads: 2),
            ]
        }
        + [Cell(.memory, .uniform, .million), Cell(.stalled, .uniform, .million, threads: 2)]
        + [Cell(.read, .zipf, .middleLong), Cell(.read, .uniform, .middleLong, threads: 2)]
        + [
            Cell(.read, .zipf, .millionLong), Cell(.read, .uniform, .millionLong),
            Cell(.read, .zipf, .millionLong, threads: 2), Cell(.read, .uniform, .millionLong, threads: 2),
            Cell(.mixed(writes: 5), .zipf, .millionLong), Cell(.mixed(writes: 50), .zipf, .millionLong),
            Cell(.memory, .uniform, .millionLong),
        ]
        + [Cell(.growth, .uniform, .growing, threads: 2), Cell(.growthWrites, .uniform, .growing, threads: 2)]
        + [Cell(.insert, .once, .passing)]

    /// The twelve cells of a quick run.
    static let quick: [Cell] = [
        Cell(.read, .zipf, .thousand),
        Cell(.read, .zipf, .middle),
        Cell(.read, .hot, .middle),
        Cell(.read, .zipf, .million),
        Cell(.read, .zipf, .million, threads: 2),
        Cell(.read, .uniform, .million),
        Cell(.mixed(writes: 5), .zipf, .million),
        Cell(.mixed(writes: 50), .zipf, .million),
        Cell(.mixed(writes: 50), .zipf, .million, threads: 2),
        Cell(.batch, .uniform, .million),
        Cell(.strong, .zipf, .million),
        Cell(.insert, .once, .passing),
    ]

    private static func mixes(of dataset: Dataset) -> [Cell] {
        [Distribution.zipf, .uniform]
            .flatMap { distribution in
                [1, 2]
                    .flatMap { threads in
                        [Work.read, .mixed(writes: 5), .mixed(writes: 50)]
                            .map {
                                Cell($0, distribution, dataset, threads: threads)
                            }
                    }
            }
    }
}

import Stateline
import StatelineMemory
import StatelineTesting
import Testing

@testable import StatelineLoad

extension EndedSessionTests {
    // MARK: Sessions that somebody goes on with

    @Test func `a session that goes on after it ended is audited as one`() async throws {
        try await write()
        end(key, other)
        var log = try await writer(key)
        for text in ["late", "later"] {
            let position = log.position
            _ = try await watched(store).append(log.append(.prompt(text)), to: key, expecting: position)
        }
        let own = try await self.log(key)
        for isEndedAgain in [false, true] {
            if isEndedAgain { end(key) }
            #expect(brief.held == (isEndedAgain ? 0 : 2))
            #expect(try await found(store) == [0, 0, 0, 0])
            for lost in 0..<7 {
                let shown = own.enumerated().filter { $0.offset != lost }.map(\.element)
                #expect(try await found(ShowingStore(base: store, key: key) { .tail(shown) }) == [1, 0, 0, 0])
            }
            #expect(try await found(ShowingStore(base: store, key: key) { .regressed }) == [7, 0, 0, 0])
        }
    }

    @Test func `what is acknowledged as new in the place of what ended is found out`() async throws {
        try await write()
        end(key, other)
        let batches = try await log(key)
        let batch = Self.sibling(batches, after: 3)
        let liar = watched(AcknowledgingStore(base: store))
        _ = try await liar.append(batch, to: key, expecting: batches[2].position)
        // Known one by one it would be lost at the end; one of two that took a place is.
        #expect(try await whole.report(reading: store).lost == 1)
        #expect(try await brief.report(reading: store).duplicated == 1)
    }

    @Test func `reads of a session that ended have to show what was acknowledged`() async throws {
        try await write()
        end(key, other)
        let own = try await log(key)
        let reads: [(counts: Counts, shown: [EncodedBatch])] = [
            ([0, 0, 0, 0], own), ([1, 0, 0, 0], own.dropLast()), ([1, 0, 0, 0], Array(own.dropFirst())),
            ([0, 0, 0, 1], own.map { $0.position.revision == 3 ? $0.altered : $0 }),
            ([0, 0, 0, 1], [own[0].altered] + own.dropFirst()),
            ([0, 0, 0, 1], own.dropLast() + [Self.sibling(own, after: 4)]),
        ]
        var sum = [0, 0, 0, 0]
        for (counts, shown) in reads {
            let showing = ShowingStore(base: store, key: key) { .tail(shown) }
            _ = try await brief.watching(showing).load(key, after: nil)
            sum = zip(sum, counts).map { $0 + $1 }
            // What was shown as two batches counts when it is shown.
            #expect(brief.readings.counts.prefix(3) == sum.prefix(3))
            #expect(brief.readings.foreign >= sum[3])
        }
        end(key)
        #expect(brief.held > 0)
        #expect(try await brief.report(reading: store).foreign > 3)
    }

    @Test func `a read that showed another log than there is at the end is found out`() async throws {
        try await write()
        end(key, other)
        let own = try await log(key)
        let shown = own.prefix(2) + [Self.sibling(own, after: 2)]
        let showing = ShowingStore(base: store, key: key) { .tail(Array(shown)) }
        _ = try await brief.watching(showing).load(key, after: nil)
        #expect(brief.readings.foreign == 0)
        #expect(try await brief.report(reading: store).foreign == 1)
    }

    @Test func `what a read did not show of a session that ended is lost, whoever ends it again`() async throws {
        try await write()
        end(key, other)
        let showing = ShowingStore(base: store, key: key) { .tail([]) }
        let place = try #require(try await log(key).first).position
        _ = try await brief.watching(showing).load(key, after: place)
        end(key)
        #expect(brief.readings.lost == 4)
        #expect(try await brief.report(reading: store).lost == 4)
    }

    @Test func `what comes back of a session that was deleted after it ended is foreign`() async throws {
        try await write()
        end(key, other)
        let own = try await log(key)
        #expect(try await watched(store).delete(key, expecting: nil) == .deleted)
        end(key)
        #expect(try await found(store) == [0, 0, 0, 0])
        #expect(try await found(ShowingStore(base: store, key: key) { .tail(own) }) == [0, 0, 0, 5])
    }

    // MARK: Doubt

    @Test(arguments: [true, false]) func `a session whose last batch nobody knows of stays whole`(
        _ isKept: Bool
    ) async throws {
        try await write()
        var log = try await writer(key)
        let position = log.position
        let liar = watched(UncertainStore(base: store, isKept: isKept, committed: .unknown))
        await #expect(throws: StoreError.self) {
            _ = try await liar.append(log.append(.prompt("who knows")), to: key, expecting: position)
        }
        end(key, other)
        #expect(brief.held >= 6)
        #expect(try await found(store) == [0, 0, 0, 0])
        #expect(try await brief.report(reading: store).unknown == 1)
        guard isKept else { return }
        // What is acknowledged behind it shows what became of it.
        let place = log.position
        _ = try await watched(store).append(log.append(.prompt("after")), to: key, expecting: place)
        end(key)
        #expect(brief.held == 0)
        #expect(try await found(store) == [0, 0, 0, 0])
        #expect(try await brief.report(reading: store).unknown == 1)
        let shown = try await self.log(key).filter { $0.position.revision != 6 }
        #expect(try await brief.report(reading: ShowingStore(base: store, key: key) { .tail(shown) }).lost == 1)
    }

    @Test(arguments: [[.no, .no], [.no, .unknown], [.unknown, .no]] as [[StoreError.Committed]])
    func `a batch is refused where none of its attempts is in doubt`(_ outcomes: [StoreError.Committed]) async throws {
        try await write()
        var log = try await writer(key)
        let position = log.position
        let batch = log.append(.prompt("never"))
        for committed in outcomes {
            let failing = watched(UncertainStore(base: store, isKept: false, committed: committed))
            await #expect(throws: StoreError.self) {
                _ = try await failing.append(batch, to: key, expecting: position)
            }
        }
        end(key, other)
        let isInDoubt = outcomes.contains(.unknown)
        #expect((brief.held == 0) == !isInDoubt)
        #expect(try await found(store) == [0, 0, 0, 0])
        #expect(try await brief.report(reading: store).unknown == (isInDoubt ? 1 : 0))
        // There after all, it is what it was said not to be.
        _ = try await store.append(batch, to: key, expecting: position)
        #expect(try await found(store) == [0, 0, 0, isInDoubt ? 0 : 1])
    }

    @Test func `a session that was deleted stays whole`() async throws {
        try await write()
        let own = try await log(key)
        #expect(try await watched(store).delete(key, expecting: nil) == .deleted)
        end(key, other)
        #expect(brief.held >= 5)
        #expect(try await found(ShowingStore(base: store, key: key) { .tail(own) }) == [0, 0, 0, 5])
    }

    @Test func `a session of which something was found stays whole`() async throws {
        try await write()
        let own = try await log(key)
        let showing = ShowingStore(base: store, key: key) { .tail(own.dropLast()) }
        _ = try await watched(showing).load(key, after: nil)
        end(key, other)
        #expect(brief.held >= 5)
        #expect(try await found(store) == [1, 0, 0, 0])
    }

    @Test func `a session whose reads showed what nobody appended stays whole`() async throws {
        try await write()
        let own = try await log(key)
        let showing = ShowingStore(base: store, key: key) { .tail(own + [Self.sibling(own, after: 5)]) }
        _ = try await watched(showing).load(key, after: nil)
        end(key, other)
        #expect(brief.held >= 5)
        #expect(try await found(store) == [0, 0, 0, 1])
    }

    @Test func `a session whose acknowledged batches do not lead to one another stays whole`() async throws {
        try await write()
        let own = try await log(key)
        let liar = watched(AcknowledgingStore(base: store))
        let batch = Self.sibling(own, after: 3)
        _ = try await liar.append(batch, to: key, expecting: own[2].position)
        end(key, other)
        #expect(brief.held >= 6)
        #expect(try await found(store) == [1, 0, 0, 0])
    }

    @Test func `a session whose batches were acknowledged before those that they follow stays whole`() async throws {
        var log = LogWriter(key)
        var batches: [(batch: EncodedBatch, place: Position)] = []
        for text in ["one", "two", "three"] {
            let place = log.position
            batches.append((log.append(.prompt(text)), place))
        }
        for (batch, place) in batches { _ = try await store.append(batch, to: key, expecting: place) }
        for index in [0, 2, 1] {
            let (batch, place) = batches[index]
            _ = try await watched(AcknowledgingStore(base: store)).append(batch, to: key, expecting: place)
        }
        end(key)
        #expect(brief.held == 3)
        #expect(try await found(store) == [0, 0, 1, 0])
    }

    @Test func `a session that others write to beside the auditor stays whole`() async throws {
        var log = LogWriter(key)
        for (store, text) in [(store, "one"), (store, "two")] {
            let position = log.position
            _ = try await store.append(log.append(.prompt(text)), to: key, expecting: position)
        }
        let position = log.position
        _ = try await watched(store).append(log.append(.prompt("three")), to: key, expecting: position)
        end(key)
        #expect(brief.held > 0)
        #expect(try await found(store) == [0, 0, 0, 2])
    }
}

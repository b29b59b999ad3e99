/// A value for caches.
final class Page: Sendable {
    let number: Int

    init(_ number: Int = 0) {
        self.number = number
    }
}

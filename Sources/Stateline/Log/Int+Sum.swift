extension Int {
    /// Adds a count from a peer, which may be any number; a sum that does not fit is the nearest number that does.
    func adding(_ count: Int) -> Int {
        let (sum, isOverflow) = addingReportingOverflow(count)
        return isOverflow ? (count < 0 ? .min : .max) : sum
    }
}

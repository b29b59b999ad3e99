extension StageTimes {
    /// Makes the times of requests to the store, by stage.
    init(_ cost: StoreCost) {
        self.init()
        self[.cacheLookup] = cost.lookup
        self[.storeLoad] = cost.load
        self[.decode] = cost.decode
    }
}

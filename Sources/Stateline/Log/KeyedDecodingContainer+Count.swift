extension KeyedDecodingContainer {
    /// Decodes a count within the bounds of the stored form, so that sums of many do not overflow.
    ///
    /// - Throws: `DecodingError`, also for a negative count or one over ``BatchFormat/maximumCount``.
    func decodeCount(forKey key: Key) throws -> Int {
        let count = try decode(Int.self, forKey: key)
        guard (0...BatchFormat.maximumCount).contains(count) else {
            let description = "\(count) is not in 0...\(BatchFormat.maximumCount)"
            throw DecodingError.dataCorruptedError(forKey: key, in: self, debugDescription: description)
        }
        return count
    }

    /// Decodes a count if it is there.
    func decodeCountIfPresent(forKey key: Key) throws -> Int? {
        guard try contains(key) && !decodeNil(forKey: key) else { return nil }
        return try decodeCount(forKey: key)
    }

    /// Decodes extensions as a stored form may hold them; none if they are left out.
    ///
    /// - Parameters:
    ///   - key: The member that holds them.
    ///   - limit: The maximum number of bytes that they take when they are stored.
    /// - Returns: The extensions.
    /// - Throws: `DecodingError`, also for tags that do not ascend.
    func decodeExtensions(forKey key: Key, limit: Int = .max) throws -> [FormatExtension] {
        guard let extensions = try decodeIfPresent([FormatExtension].self, forKey: key) else { return [] }
        guard extensions.haveAscendingTags else {
            throw DecodingError.dataCorruptedError(forKey: key, in: self, debugDescription: "the tags do not ascend")
        }
        guard limit == .max || extensions.storedSize <= limit else {
            let description = "the extensions take more than \(limit) bytes"
            throw DecodingError.dataCorruptedError(forKey: key, in: self, debugDescription: description)
        }
        return extensions
    }
}

internal import NIOCore
internal import Stateline

extension ByteBuffer {
    /// Reads a number of 6 bytes.
    mutating func readRevision() -> Revision? {
        guard let (high, low) = readMultipleIntegers(as: (UInt16, UInt32).self) else { return nil }
        return Revision(rawValue: UInt64(high) << 32 | UInt64(low))
    }

    /// Reads a fingerprint: an incarnation and a digest.
    mutating func readFingerprint() -> (incarnation: Incarnation, digest: Digest)? {
        guard let bits = readInteger(as: UInt128.self), let digest = Digest(from: &self) else { return nil }
        return (Incarnation(rawValue: bits), digest)
    }

    /// Writes a number in 6 bytes, or the greatest one if it is greater.
    mutating func writeSixBytes(_ number: UInt64) {
        let number = Swift.min(number, 1 << 48 - 1)
        writeMultipleIntegers(UInt16(number >> 32), UInt32(truncatingIfNeeded: number))
    }

    /// Writes a position's fingerprint: its incarnation and digest.
    mutating func writeFingerprint(of position: Position) {
        writeInteger(position.incarnation.rawValue)
        position.digest.write(to: &self)
    }

    /// Writes a duration in milliseconds, rounded up; the greatest number for `nil`.
    mutating func writeMilliseconds(_ duration: Duration?) {
        guard let (seconds, attoseconds) = duration?.components else { return writeSixBytes(.max) }
        let perMillisecond: Int64 = 1_000_000_000_000_000
        let (product, isOverflow) = seconds.multipliedReportingOverflow(by: 1000)
        let rest = (attoseconds + perMillisecond - 1) / perMillisecond
        writeSixBytes(isOverflow ? .max : UInt64(product + rest))
    }
}

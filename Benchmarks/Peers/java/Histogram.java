/** Times in nanoseconds, counted to within 1/64 of each. */
final class Histogram {
    private final long[][] counts = new long[64][64];
    long total, most;

    void record(long value) {
        int shift = value < 64 ? 0 : 58 - Long.numberOfLeadingZeros(value);
        counts[shift][(int) (value >>> shift) & 63]++;
        total++;
        most = Math.max(most, value);
    }

    long quantile(double part) {
        long rest = (long) (total * part);
        for (int shift = 0; shift < 64; shift++) {
            for (int slot = 0; slot < 64; slot++) {
                if (counts[shift][slot] > rest) return (slot + 1L) << shift;
                rest -= counts[shift][slot];
            }
        }
        return most;
    }
}

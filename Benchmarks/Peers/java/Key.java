/** A key of 16 or of 36 bytes, hashed anew at each call, as fast as the hash that it is compared with. */
abstract class Key {
    private static final long A = 0x9e3779b97f4a7c15L, B = 0xbf58476d1ce4e5b9L;
    private static final long C = 0x94d049bb133111ebL, D = 0xd6e8feb86659fd93L;

    /** What a value for this key holds. */
    abstract long content();

    /** The key whose words begin at an index. */
    static Key at(long[] words, int index, int width) {
        if (width == 2) return new Short(words[index], words[index + 1]);
        return new Long36(words[index], words[index + 1], words[index + 2], words[index + 3], (int) words[index + 4]);
    }

    private static long fold(long left, long right) {
        long high = Math.multiplyHigh(left, right) + ((left >> 63) & right) + ((right >> 63) & left);
        return high ^ (left * right);
    }

    static final class Short extends Key {
        private final long first, second;

        Short(long first, long second) {
            this.first = first;
            this.second = second;
        }

        @Override
        long content() {
            return first ^ second;
        }

        @Override
        public int hashCode() {
            return (int) fold(fold(first ^ A, second ^ B), C);
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Short key && key.first == first && key.second == second;
        }
    }

    static final class Long36 extends Key {
        private final long first, second, third, fourth;
        private final int fifth;

        Long36(long first, long second, long third, long fourth, int fifth) {
            this.first = first;
            this.second = second;
            this.third = third;
            this.fourth = fourth;
            this.fifth = fifth;
        }

        @Override
        long content() {
            return first ^ second;
        }

        @Override
        public int hashCode() {
            long sum = fold(first ^ A, second ^ B) ^ (fold(third ^ B, fourth ^ C) + fold(fifth ^ C, 36 ^ D));
            return (int) fold(sum ^ D, A | 1);
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Long36 key
                && key.first == first && key.second == second && key.third == third && key.fourth == fourth
                && key.fifth == fifth;
        }
    }
}

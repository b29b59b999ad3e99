/** What is measured. */
interface Table {
    /** Works through a part of a stream, and returns the sum of the values read. */
    long run(int mode, Key[] keys, int[] operations, int first, int count);

    /** Puts a key's value. */
    void put(Key key);

    /** The content of a key's value, or 0. */
    long get(Key key);
}

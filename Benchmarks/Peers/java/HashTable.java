import java.util.concurrent.ConcurrentHashMap;

/** The JDK's map. Keys that are looked up are equal to those in the map, and not the same objects. */
final class HashTable implements Table {
    private final ConcurrentHashMap<Key, Value> map;

    HashTable(int capacity) {
        map = new ConcurrentHashMap<>(capacity);
    }

    @Override
    public long run(int mode, Key[] keys, int[] operations, int first, int count) {
        return mode == Peer.MIXED ? mix(keys, operations, first, count) : read(keys, first, count);
    }

    private long read(Key[] keys, int first, int count) {
        long sum = 0;
        for (int index = first; index < first + count; index++) {
            Value value = map.get(keys[index]);
            if (value != null) sum += value.content;
        }
        return sum;
    }

    private long mix(Key[] keys, int[] operations, int first, int count) {
        long sum = 0;
        for (int index = first; index < first + count; index++) {
            Key key = keys[index];
            if (operations[index] < 0) {
                map.replace(key, new Value(key.content()));
            } else {
                Value value = map.get(key);
                if (value != null) sum += value.content;
            }
        }
        return sum;
    }

    @Override
    public void put(Key key) {
        map.put(key, new Value(key.content()));
    }

    @Override
    public long get(Key key) {
        Value value = map.get(key);
        return value == null ? 0 : value.content;
    }
}

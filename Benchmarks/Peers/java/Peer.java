import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** A peer on the JVM; Sources/CPeer/include/peer.h says what it is told and what it answers. */
final class Peer {
    static final int MIXED = 3;

    private final boolean isCache;
    private final Workers workers = new Workers();
    private final Key[][] streams = new Key[Workers.COUNT][];
    private final int[][] operations = new int[Workers.COUNT][];
    private long[] words;
    private int width;
    private Table table;

    private Peer(boolean isCache) {
        this.isCache = isCache;
    }

    public static void main(String[] arguments) throws IOException {
        Peer peer = new Peer(arguments[0].equals("caffeine"));
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in));
        for (String line = commands.readLine(); line != null; line = commands.readLine()) {
            System.out.println(peer.answer(line));
        }
    }

    private String answer(String line) throws IOException {
        String[] parts = line.split(" ");
        Map<String, String> options = new HashMap<>();
        for (int index = 1; index < parts.length; index++) {
            String[] pair = parts[index].split("=", 2);
            options.put(pair[0], pair[1]);
        }
        switch (parts[0]) {
            case "open":
                return open(options);
            case "stream":
                return stream(options);
            case "run":
                return run(options);
            case "tail":
                boolean stalled = options.get("kind").equals("stalled");
                int count = Integer.parseInt(options.get("count"));
                Key[] keys = new Key[words.length / width];
                for (int index = 0; index < keys.length; index++) keys[index] = Key.at(words, index * width, width);
                return new Tail(table, keys, stalled, count).run(workers);
            default:
                return "failed command";
        }
    }

    private static ByteBuffer contents(String name) throws IOException {
        return ByteBuffer.wrap(Files.readAllBytes(Path.of(name))).order(ByteOrder.nativeOrder());
    }

    private static long used() {
        System.gc();
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    private String open(Map<String, String> options) throws IOException {
        table = null;
        var longs = contents(options.get("keys")).asLongBuffer();
        words = new long[longs.remaining()];
        longs.get(words);
        longs = null;
        width = Integer.parseInt(options.get("width"));
        int capacity = Integer.parseInt(options.get("capacity"));
        boolean fill = options.get("fill").equals("1");
        long before = used();
        Table made = isCache ? new CacheTable(capacity) : new HashTable(fill ? words.length / width : 64);
        if (fill) {
            for (int index = 0; index < words.length; index += width) made.put(Key.at(words, index, width));
        }
        table = made;
        return "ready bytes=" + (used() - before);
    }

    /** Makes a key of its own for each operation, so that reading the stream is no cache miss, as with other peers. */
    private String stream(Map<String, String> options) throws IOException {
        int thread = Integer.parseInt(options.get("thread"));
        streams[thread] = null;
        var integers = contents(options.get("file")).asIntBuffer();
        int[] stream = new int[integers.remaining()];
        integers.get(stream);
        Key[] keys = new Key[stream.length];
        for (int index = 0; index < stream.length; index++) {
            keys[index] = Key.at(words, (stream[index] & Integer.MAX_VALUE) * width, width);
        }
        operations[thread] = stream;
        streams[thread] = keys;
        return "ready bytes=0";
    }

    private String run(Map<String, String> options) {
        int mode = Integer.parseInt(options.get("mode"));
        int threads = Integer.parseInt(options.get("threads"));
        int first = Integer.parseInt(options.get("first"));
        int count = Integer.parseInt(options.get("count"));
        int passes = Integer.parseInt(options.get("passes"));
        long[] sums = new long[Workers.COUNT];
        long wall = workers.run(threads, thread -> {
            long sum = 0;
            for (int pass = 0; pass < passes; pass++) {
                sum += table.run(mode, streams[thread], operations[thread], first, count);
            }
            sums[thread] = sum;
        });
        return "done wall=" + wall + " cpu=" + workers.cpu + " operations=" + (long) threads * count * passes
            + " sum=" + Long.toUnsignedString(sums[0] + sums[1]);
    }
}

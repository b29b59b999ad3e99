import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;

/** Times each read of one thread and each write of another one: see Sources/CPeer/tail.h. No thread waits within a read:
 * this map knows no such thing. */
final class Tail {
    private final Table table;
    private final Key[] keys;
    private final boolean stalled;
    private final int count;
    private final Histogram reads = new Histogram();
    private final Histogram writes = new Histogram();
    private volatile int present;
    private volatile boolean ended;
    private long sum;

    Tail(Table table, Key[] keys, boolean stalled, int count) {
        this.table = table;
        this.keys = keys;
        this.stalled = stalled;
        this.count = count;
        this.present = stalled ? keys.length : 0;
    }

    String run(Workers workers) {
        workers.run(2, thread -> {
            if (thread == 0) write();
            else read();
        });
        return "done p50=" + reads.quantile(0.5) + " p99=" + reads.quantile(0.99)
            + " p999=" + reads.quantile(0.999) + " max=" + reads.most + " reads=" + reads.total
            + " writes=" + count + " refused=0 w50=" + writes.quantile(0.5) + " w9999=" + writes.quantile(0.9999)
            + " wmax=" + writes.most + " sum=" + Long.toUnsignedString(sum);
    }

    private void write() {
        Random random = new Random(42);
        for (int index = 0; index < count; index++) {
            Key key = keys[stalled ? 1 + random.nextInt(keys.length - 1) : index];
            long start = System.nanoTime();
            table.put(key);
            writes.record(System.nanoTime() - start);
            if (!stalled) present = index + 1;
        }
        ended = true;
    }

    private void read() {
        while (!ended) {
            int limit = present;
            if (limit < 2) continue;
            Key key = keys[1 + ThreadLocalRandom.current().nextInt(limit - 1)];
            long start = System.nanoTime();
            sum += table.get(key);
            reads.record(System.nanoTime() - start);
        }
    }
}

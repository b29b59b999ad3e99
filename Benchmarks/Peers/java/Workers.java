import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;

/** Two threads that do a job at the same time. Whoever started this process keeps each on a core, by its name. */
final class Workers {
    static final int COUNT = 2;

    private final Semaphore[] work = {new Semaphore(0), new Semaphore(0)};
    private final Semaphore finished = new Semaphore(0);
    private final AtomicInteger arrived = new AtomicInteger();
    private final long[] starts = new long[COUNT], ends = new long[COUNT], times = new long[COUNT];
    private volatile int participants;
    private volatile IntConsumer job;

    /** The CPU time of the last job, over its threads. */
    long cpu;

    Workers() {
        ThreadMXBean clocks = ManagementFactory.getThreadMXBean();
        for (int index = 0; index < COUNT; index++) {
            int thread = index;
            Thread worker = new Thread(() -> loop(thread, clocks), "worker-" + index);
            worker.setDaemon(true);
            worker.start();
        }
    }

    private void loop(int index, ThreadMXBean clocks) {
        for (;;) {
            work[index].acquireUninterruptibly();
            arrived.incrementAndGet();
            while (arrived.get() < participants) Thread.yield();
            starts[index] = System.nanoTime();
            long before = clocks.getCurrentThreadCpuTime();
            job.accept(index);
            times[index] = clocks.getCurrentThreadCpuTime() - before;
            ends[index] = System.nanoTime();
            finished.release();
        }
    }

    /** Has the first threads do a job; returns the nanoseconds from the first start to the last end. */
    long run(int threads, IntConsumer task) {
        job = task;
        participants = threads;
        arrived.set(0);
        for (int index = 0; index < threads; index++) work[index].release();
        finished.acquireUninterruptibly(threads);
        long start = Long.MAX_VALUE, end = Long.MIN_VALUE;
        cpu = 0;
        for (int index = 0; index < threads; index++) {
            start = Math.min(start, starts[index]);
            end = Math.max(end, ends[index]);
            cpu += times[index];
        }
        return end - start;
    }
}

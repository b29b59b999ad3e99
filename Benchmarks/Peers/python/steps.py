"""Runs durable turns of a Python library, one at a time, as it is told.

    steps.py LIBRARY FOLDER

A turn has N steps, one after the other; each returns 1 KiB, and the library makes the result durable before the next step
begins. LIBRARY is temporal, temporal-local, dbos-sqlite, dbos-sqlite-1 or dbos-postgres. Its server is started on the loopback
interface, with its files in FOLDER, and ends with this process.

First it checks that steps are durable: a process that runs a turn of 10 steps is killed in the sixth, and so is the
server; then both are started again, and the turn must end without a second run of the first five. Then it prints "ready
VERSION SETTINGS", and for each line "turn N" on standard input runs a turn of N steps and prints its milliseconds, and the
milliseconds of CPU of this process and its server. For "count N" it prints the requests to the server. If the library
fails, it prints "failed" and why, in a line.
"""

import asyncio
import importlib.metadata
import os
import pathlib
import signal
import sys
import time

sys.dont_write_bytecode = True


def descendants():
    """The ids of the processes that this process started, and of theirs."""
    parents = {}
    for path in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(path.parts[2])] = int(path.read_text().rpartition(")")[2].split()[1])
        except (FileNotFoundError, ProcessLookupError):
            pass
    found = [os.getpid()]
    for process in found:
        found += [child for child, parent in parents.items() if parent == process]
    return found[1:]


def server_cpu():
    """The seconds of CPU of the server, in all of its processes."""
    cpu = 0
    for process in descendants():
        try:
            fields = pathlib.Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
            cpu += sum(int(field) for field in fields[11:15]) / os.sysconf("SC_CLK_TCK")
        except (FileNotFoundError, ProcessLookupError):
            pass
    return cpu


def library(name, folder):
    """Makes a library; only its own packages are needed."""
    if name.startswith("temporal"):
        from step_temporal import Temporal

        return Temporal(folder, local=name == "temporal-local")
    from step_dbos import Dbos

    return Dbos(folder, postgres=name == "dbos-postgres", synchronous=1 if name == "dbos-sqlite-1" else None)


def check(name, synchronous, address):
    """Runs the turn of a check, as a process that a step may kill."""
    if name == "dbos":
        from step_dbos import run_check

        run_check(address, synchronous)
    from step_temporal import run_worker

    asyncio.run(run_worker(address))


async def serve(peer):
    """Runs turns until standard input ends, which is read on another thread: a worker is busy in between."""
    while words := (await asyncio.to_thread(sys.stdin.readline)).split():
        steps = int(words[1])
        if words[0] == "count":
            print(await peer.count(steps), flush=True)
            continue
        server = server_cpu()
        cpu, begin = time.process_time(), time.perf_counter()
        await peer.turn(steps)
        taken, cpu = time.perf_counter() - begin, time.process_time() - cpu
        print(taken * 1e3, (cpu + server_cpu() - server) * 1e3, flush=True)


async def main():
    peer = None
    try:
        peer = library(sys.argv[1], pathlib.Path(sys.argv[2]))
        await peer.check()
        await peer.open()
        print("ready", importlib.metadata.version(peer.distribution), peer.settings, flush=True)
        await serve(peer)
    except Exception as error:
        print("failed", f"{type(error).__name__}: {error}".splitlines()[0], flush=True)
    if peer:
        peer.stop()
    # Threads that a library left running are not waited for.
    os._exit(0)


# A starting process may have blocked signals that servers end by.
signal.pthread_sigmask(signal.SIG_SETMASK, [])
if sys.argv[1] == "--check":
    check(*sys.argv[2:5])
else:
    asyncio.run(main())

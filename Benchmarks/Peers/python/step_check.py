"""The work of a step, the processes of servers and checks, and their failures."""

import asyncio
import ctypes
import os
import signal
import socket
import subprocess
import sys
import time

TEXT = "sixteen bytes .." * 64
STEPS_OF_CHECK, FATAL = 10, 5
# The file in which the steps of a check note their runs; the process that finds the fatal step without a note is killed.
RUNS = os.environ.get("STEPS_RUNS")


def work(index):
    """The work of a step: a kibibyte."""
    if RUNS:
        with open(RUNS, "a+") as file:
            file.seek(0)
            is_first = f"{index}\n" not in file.readlines()
            file.write(f"{index}\n")
            file.flush()
        if index == FATAL and is_first:
            os.kill(os.getpid(), signal.SIGKILL)
    return TEXT


class Failure(Exception):
    """Why a library cannot be measured."""


def free_port():
    with socket.socket() as it:
        it.bind(("127.0.0.1", 0))
        return it.getsockname()[1]


def die_with_parent():
    """Lets the system kill a child when this process has ended, however that came about."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def start(command, folder, **options):
    """Starts a process, with its output in the file `log`."""
    with open(folder / "log", "a") as log:
        return subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, preexec_fn=die_with_parent, **options
        )


async def until(condition, what, process=None):
    """Waits for a condition, for at most a minute."""
    end = time.monotonic() + 60
    while not condition():
        if time.monotonic() > end or (process and process.poll() is not None):
            raise Failure(f"{what} did not start")
        await asyncio.sleep(0.05)


class Runs:
    """The runs of a check: child processes, and the file in which steps note that they ran."""

    def __init__(self, folder, words):
        self.file, self.words, self.folder = folder / "runs", words, folder
        self.file.touch()

    def begin(self, address):
        command = [sys.executable, os.path.abspath(sys.argv[0]), "--check", *self.words, str(address)]
        self.process = start(command, self.folder, env=os.environ | {"STEPS_RUNS": str(self.file)})

    def has_died(self):
        status = self.process.poll()
        if status is not None and status != -signal.SIGKILL:
            raise Failure(f"the process of the check ended by itself, with status {status}")
        return status is not None

    def finish(self, outputs, is_durable=True):
        end(self.process)
        noted = [int(line) for line in self.file.read_text().split()]
        counts = [noted.count(step) for step in range(STEPS_OF_CHECK)]
        expected = [2 if step == FATAL or step < FATAL and not is_durable else 1 for step in range(STEPS_OF_CHECK)]
        if counts != expected or outputs != STEPS_OF_CHECK:
            raise Failure(f"steps ran {counts} times, not {expected}, and {outputs} outputs were returned")


def end(process, signal_number=signal.SIGKILL):
    """Ends a process, if it was started."""
    if process:
        process.send_signal(signal_number)
        process.wait()

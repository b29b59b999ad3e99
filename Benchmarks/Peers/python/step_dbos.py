"""Durable turns of DBOS Transact."""

import os
import pathlib
import shutil
import signal
import sqlite3
import subprocess

import psycopg
from dbos import DBOS, SetWorkflowID
from dbos._dbos import _get_dbos_instance
from sqlalchemy import event, text
from sqlalchemy.engine import Engine

from step_check import STEPS_OF_CHECK, TEXT, Failure, Runs, end, free_port, start, until, work


@DBOS.step()
def step(index):
    return work(index)


@DBOS.workflow()
def turn(steps):
    return sum(len(step(index)) == len(TEXT) for index in range(steps))


def launch(url, synchronous):
    """Launches the library, which recovers the turns that are pending; `synchronous` is SQLite's, if it is to change."""
    if synchronous:
        event.listen(Engine, "connect", lambda connection, _: connection.execute(f"PRAGMA synchronous={synchronous}"))
    DBOS(config={"name": "steps", "system_database_url": url, "log_level": "ERROR", "application_version": "1"})
    DBOS.launch()


def run(name, steps):
    """Runs a turn, or waits for it if it has begun."""
    with SetWorkflowID(name):
        return turn(steps)


def run_check(url, synchronous):
    """Begins the turn of a check, or continues it."""
    launch(url, synchronous)
    done = run("check", STEPS_OF_CHECK)
    # Its threads are not waited for.
    os._exit(0 if done == STEPS_OF_CHECK else 1)


class Dbos:
    """A workflow of DBOS Transact whose steps are plain functions, on SQLite or on PostgreSQL.

    It has the fastest settings that were found: the functions are synchronous, and SQLite has a write-ahead log. With the
    library's `synchronous` of 2 each commit waits for the disk, with 1 only a checkpoint does.
    """

    distribution = "dbos"

    def __init__(self, folder, postgres=False, synchronous=None):
        self.folder, self.synchronous = folder, synchronous
        self.database = Postgres(folder) if postgres else None
        self.number = 0
        self.statements = 0

    async def check(self):
        if self.database:
            await self.database.start()
            self.url = self.database.url
        else:
            self.url = f"sqlite:///{self.folder}/dbos.sqlite"
            with sqlite3.connect(self.folder / "dbos.sqlite") as connection:
                connection.execute("PRAGMA journal_mode = WAL")
        runs = Runs(self.folder, ["dbos", str(self.synchronous or "")])
        runs.begin(self.url)
        await until(runs.has_died, "the process of the check")
        if self.database:
            self.database.stop()
            await self.database.start()
        runs.begin(self.url)
        if runs.process.wait() != 0:
            raise Failure("the turn did not continue after a kill")
        runs.finish(STEPS_OF_CHECK)

    async def open(self):
        launch(self.url, self.synchronous)
        self.engine = _get_dbos_instance()._sys_db.engine
        with self.engine.connect() as connection:
            names = ["fsync", "synchronous_commit", "server_version"] if self.database else []
            shown = [f"{name} {connection.execute(text(f'SHOW {name}')).scalar()}" for name in names]
            names = [] if self.database else ["journal_mode", "synchronous"]
            shown += [f"{name} {connection.execute(text(f'PRAGMA {name}')).scalar()}" for name in names]
        self.settings = ("PostgreSQL: " if self.database else "SQLite: ") + ", ".join(shown)
        event.listen(self.engine, "before_cursor_execute", self.note)
        event.listen(self.engine, "commit", self.note)
        await self.turn(4)

    def note(self, *arguments):
        self.statements += 1

    async def turn(self, steps):
        self.number += 1
        done = run(f"turn-{self.number}", steps)
        if done != steps:
            raise Failure(f"{done} steps were done, of {steps}")

    async def count(self, steps):
        before = self.statements
        await self.turn(steps)
        return self.statements - before

    def stop(self):
        if self.database:
            self.database.stop()


class Postgres:
    """A PostgreSQL cluster with its default settings, as the user `postgres` if this process is root's."""

    def __init__(self, folder):
        self.folder, self.port, self.server = folder / "postgres", free_port(), None
        self.folder.mkdir()
        self.user = {"user": "postgres", "group": "postgres"} if os.geteuid() == 0 else {}
        if self.user:
            # The cluster's owner has to reach it.
            folder.chmod(0o755)
            shutil.chown(self.folder, **self.user)
        found = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parts[-2]))
        bin = str(found[-1]) if found else os.path.dirname(shutil.which("postgres") or "")
        if not bin:
            raise Failure("PostgreSQL is not installed: apt-get install postgresql")
        self.program = f"{bin}/postgres"
        self.run(f"{bin}/initdb", "--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C", "data")

    def run(self, *command):
        subprocess.run(command, cwd=self.folder, check=True, capture_output=True, **self.user)

    async def start(self):
        self.url = f"postgresql://postgres@127.0.0.1:{self.port}/dbos"
        command = [self.program, "-D", "data", "-k", ".", "-p", str(self.port), "-c", "listen_addresses=127.0.0.1"]
        self.server = start(command, self.folder, cwd=self.folder, **self.user)
        await until(self.answers, "PostgreSQL", self.server)

    def answers(self):
        try:
            psycopg.connect(self.url.replace("/dbos", "/postgres"), connect_timeout=1).close()
            return True
        except psycopg.OperationalError:
            return False

    def stop(self):
        """Ends it as a crash does: without a checkpoint."""
        end(self.server, signal.SIGQUIT)

"""A data folder as bytes, put back as often as a test likes, and one start of the service on it: what came of it, and
whether that may be."""

import os
import pathlib
import shutil
import sqlite3
import subprocess
import tempfile
import threading

from _answered import check, sha256
from _kms import BIN, REFUSED

READY = b'event="serving"'
SECONDS = 60


def fast_folder():
    """In memory where there is such a place: thousands of starts, and no disk is asked to keep any of them."""
    memory = pathlib.Path("/dev/shm")
    return tempfile.mkdtemp(prefix="vitrine-fault-", dir=memory if os.access(memory, os.W_OK) else None)


def read_folder(folder):
    return {path.relative_to(folder): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def rows_of(database_path):
    """Digest of every entry with its sealed part and blob, in order."""
    database = sqlite3.connect(f"file:{database_path}?mode=ro", uri=True)
    try:
        found = database.execute("SELECT idx, leaf, sealed, blob FROM entries ORDER BY idx").fetchall()
    finally:
        database.close()
    check([row[0] for row in found] == list(range(len(found))), "indices")
    return [sha256(repr(row).encode()) for row in found]


class Outcome:
    """started: the service said that it serves, and has been killed since. Else it ended by itself with `status`."""

    def __init__(self, started, status, text):
        self.started, self.status, self.text = started, status, text


def start(data, arguments=("--dev",), environment=None, meanwhile=None):
    """One start. `meanwhile`, given the port, runs while it serves."""
    process = subprocess.Popen([BIN / "vitrined", *arguments, "--data", data, "--port", "0"], stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                               env={**os.environ, **(environment or {})})
    timer = threading.Timer(SECONDS, process.kill)
    timer.start()
    text = b""
    try:
        while READY not in text:
            more = os.read(process.stderr.fileno(), 65_536)
            if not more:
                break
            text += more
        started = READY in text
        if started and meanwhile:
            meanwhile(int(text.split(b"https://127.0.0.1:")[-1].split(b'"')[0]))
        if started:
            process.kill()
        status = process.wait()
    finally:
        timer.cancel()
        process.kill()
        process.wait()
        process.stderr.close()
    return Outcome(started, status, text.decode(errors="replace"))


class Image:
    """The folder of a service that is down, and the entries it must keep. Each worker has its own copy on disk."""

    def __init__(self, name, data, rows):
        self.name, self.files, self.rows = name, read_folder(data), rows

    def put(self, data, changed=None, without=()):
        """The folder as it was, but for the files of `changed` and those of `without`."""
        files = {**self.files, **(changed or {})}
        for path in list(data.rglob("*")) if data.exists() else []:
            if path.is_file() and path.relative_to(data) not in files:
                path.unlink()
            elif path.is_dir() and not any(path.relative_to(data) in each.parents for each in files):
                shutil.rmtree(path)
        for path, content in files.items():
            target = data / path
            if path in without:
                target.unlink(missing_ok=True)
                continue
            if path.parts[0] == "common" and path not in (changed or {}) and target.exists():
                continue  # no start writes there; the one that was changed is put back by who changed it
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            target.write_bytes(content)
            target.chmod(0o644 if path.name == "service_cert.pem" else 0o600)
        return files

    def judge(self, data, outcome, files, where):
        """Either everything is kept and only added to, or a refusal that names what and why and changed nothing."""
        said = f"{where}: {outcome.text[-600:]}"
        if outcome.started:
            rows = rows_of(data / "ledger.db")
            check(rows[:len(self.rows)] == self.rows, f"started, and {len(self.rows)} entries are now {len(rows)}, or "
                                                      f"others: {said}")
            return "kept"
        check(outcome.status in REFUSED, f"ended with {outcome.status}: {said}")
        error = [line for line in outcome.text.splitlines() if line.startswith("vitrined: error: ")]
        check(len(error) == 1 and str(data) in error[0], f"the refusal names no file of the folder: {said}")
        now = read_folder(data)
        for path in {*files, *now}:
            # Who opens the ledger makes SQLite's index of the log, and an empty log where there is none.
            # Damage that shows only when the first entry is written: the head was signed again by then, into the log.
            late = path.name.endswith("-wal") and ": append: " in error[0]
            if not path.name.endswith("-shm") and not late:
                none = b"" if path.name.endswith("-wal") else None
                check(now.get(path, none) == files.get(path, none), f"refused, and yet {path} was changed: {said}")
        return "refused"

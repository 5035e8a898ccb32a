"""Each file system call of the real service failed once: with an I/O error, for want of space, by a write that writes half;
space that is gone until somebody makes some; power that fails before the call, so that what no sync made durable is lost,
all of it or some. A fault is answered with 503 and its reason, or ends the start with a reason; after a start without
faults everything that was answered is there.

The calls are those of a start, a few requests and a stop (tests/fault/shim). FAULTS is how many of them to try, picked by
SEED, or `all` (`./dev disk`). Both are printed."""

import collections
import concurrent.futures
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import threading

from _answered import Answered, Kms, check
from _folder import READY, Image, fast_folder, rows_of
from _kms import BIN, REFUSED

SHIM = BIN.parent / "tests/libfault_shim.so"
WORKERS = 2
SPACE = {"open", "mkostemp", "write", "pwrite", "ftruncate", "rename", "mkdir"}
WRITES = {"write", "pwrite"}
KINDS = {"eio": None, "power": None, "torn": None, "enospc": SPACE, "full": SPACE, "short": WRITES}
GENESIS = 6  # in the long run this many faults of a first start for each kind


class Faulty(Kms):
    """A service under the shim."""

    def spawn_with(self, kind, at, seed):
        self.until = self.folder / "space"
        self.until.unlink(missing_ok=True)
        self.trace = self.folder / "trace"
        self.trace.unlink(missing_ok=True)
        self.process = subprocess.Popen(
            [BIN / "vitrined", "--dev", "--data", self.data, "--port", str(self.port)], stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE, env={**os.environ, "LD_PRELOAD": str(SHIM), "FAULT_FOLDER": str(self.data),
                                         "FAULT_KIND": kind, "FAULT_AT": str(at), "FAULT_UNTIL": str(self.until),
                                         "FAULT_TRACE": str(self.trace), "FAULT_SEED": str(seed)})
        self.text = b""
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.ready = threading.Event()
        self.reader.start()
        self.ready.wait(60)
        return READY in self.text

    def _read(self):
        while more := os.read(self.process.stderr.fileno(), 65_536):
            self.text += more
            if READY in self.text:
                self.ready.set()
        self.ready.set()

    def finish(self):
        """SIGTERM, if it runs still. Its exit status."""
        self.process.terminate()
        try:
            return self.process.wait(20)
        finally:
            self.process.kill()
            self.process.wait()
            self.reader.join()
            self.process.stderr.close()
            self.process = None

    def end(self):
        """Whatever runs still."""
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None

    def calls(self):
        return [line.split(" ", 2)[1] for line in self.trace.read_text().splitlines()] if self.trace.exists() else []

    def error(self):
        return [line for line in self.text.decode(errors="replace").splitlines() if line.startswith("vitrined: error: ")]


def requests(answered, chance):
    if not answered.request:  # a service that nobody has prepared
        steps = (answered.refresh, answered.refresh)
    else:
        steps = (answered.refresh, lambda c: answered.release(c, chance), answered.propose,
                 lambda c: answered.receipt(c, chance), answered.refresh, lambda c: answered.release(c, chance))
    for step in steps:
        try:
            step(answered.kms.connection(timeout=20))
        except Exception:  # no answer, or http.client saw half of one: it must be that the power failed
            answered.kms.process.wait(5)
            return


def one_fault(kms, answered, kind, at, seed):
    """Runs the service with one fault, then without. What came of it."""
    chance = random.Random(f"{seed}/{kind}/{at}")
    serves = kms.spawn_with(kind, at, seed)
    said = lambda: f"{kind} at call {at}: {kms.calls()[at - 1:at]} {kms.text.decode(errors='replace')[-900:]}"  # noqa: E731
    if serves:
        requests(answered, chance)
        if kind == "full":
            kms.until.touch()
            before = len(answered)
            requests(answered, chance)
            stays = [each for each in answered.failures if "restart" in each[2] + str(each[1])]
            check(len(answered) > before or stays, f"space came back, and nothing was answered: {answered.failures} {said()}")
    status = kms.finish()
    died = kind in ("power", "torn") and status == -signal.SIGKILL
    for answer in answered.failures:
        headers = {name.lower(): value for name, value in answer[1].items()}
        # SQLite cannot tell a read that failed from a page that is damaged.
        read_failed = answer[0] == 500 and kms.calls()[at - 1] == "read"
        check(read_failed or (answer[0] == 503 and "retry-after" in headers), f"a fault was answered with {answer} {said()}")
        check(headers.get("x-vitrine-reason") or answer[2], f"no reason in {answer} {said()}")
    if not serves and not died:
        check(status in REFUSED, f"the start ended with {status}: {said()}")
        check(kms.error() and str(kms.data) in kms.error()[0], f"the refusal names no file: {said()}")
    elif not died:
        check(status == 0, f"the stop ended with {status}: {said()}")
    outcome = "died" if died else "refused" if not serves else "503" if answered.failures else "unnoticed"
    answered.failures.clear()
    try:
        kms.log.unlink(missing_ok=True)
        kms.start()
        if answered.keys:
            answered.check(everything=True)
    except AssertionError as error:
        raise AssertionError(f"{error}\nafter {said()}") from error
    kms.kill()
    return outcome


class Worker:
    def __init__(self, folder, image, base):
        folder.mkdir()
        self.kms, self.image, self.base = Faulty(folder), image, base

    def run(self, kind, at, seed):
        self.image.put(self.kms.data)
        try:
            return one_fault(self.kms, self.base.on(self.kms), kind, at, seed)
        finally:
            self.kms.end()


def in_genesis(folder, kind, at, seed):
    """The same for a first start; afterwards it is a service like any other."""
    folder.mkdir()
    kms = Faulty(folder)
    try:
        one_fault(kms, Answered(kms), kind, at, seed)
        kms.start()
        Answered(kms).prepare()
    finally:
        kms.end()


def main():
    seed = int(os.environ.get("SEED") or random.SystemRandom().randrange(1 << 32))
    wanted = os.environ.get("FAULTS") or "40"
    chance = random.Random(seed)
    folder = pathlib.Path(fast_folder())
    tally, wrong, local = collections.Counter(), [], threading.local()
    try:
        (folder / "made").mkdir()
        made = Faulty(folder / "made")
        made.start()
        base = Answered(made).prepare()
        base.release(made.connection())
        base.check(everything=True)
        check(made.stop() == 0, "SIGTERM ends it with 0")
        image = Image("made", made.data, rows_of(made.data / "ledger.db"))
        check(made.spawn_with("none", 0, 0), "it starts under the shim")
        requests(base.on(made), chance)
        made.finish()
        calls = made.calls()
        faults = [(kind, at) for kind, only in KINDS.items() for at, call in enumerate(calls, 1)
                  if only is None or call in only]
        total = len(faults)
        if wanted != "all":
            faults = chance.sample(faults, min(total, int(wanted)))
        firsts = [(kind, chance.randrange(1, 120)) for kind in KINDS for _ in range(GENESIS if wanted == "all" else 0)]
        firsts = firsts or [(chance.choice(list(KINDS)), chance.randrange(1, 120)) for _ in range(2)]
        print(f"seed {seed}, {len(faults)} of {total} faults of {len(calls)} calls "
              f"({dict(collections.Counter(calls))}), {len(firsts)} in genesis", flush=True)

        def one(fault):
            if not hasattr(local, "worker"):
                local.worker = Worker(folder / f"worker{threading.get_ident()}", image, base)
            try:
                tally[fault[0], local.worker.run(*fault, seed)] += 1
            except (AssertionError, OSError, subprocess.TimeoutExpired) as error:
                tally[fault[0], "WRONG"] += 1
                wrong.append(f"{fault}: {error!r}")

        with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
            for _ in pool.map(one, faults):
                pass
        for number, (kind, at) in enumerate(firsts):
            in_genesis(folder / f"genesis{number}", kind, at, seed)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    for (kind, outcome), count in sorted(tally.items()):
        print(f"{kind:8} {outcome:10} {count}")
    for each in wrong[:int(os.environ.get("SHOW") or "5")]:
        print(each + "\n")
    check(not wrong, f"{len(wrong)} of {len(faults)} faults came out wrong")
    return 0


if __name__ == "__main__":
    sys.exit(main())

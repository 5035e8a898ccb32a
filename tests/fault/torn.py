"""Files of the data folder cut short at any length, or with something after their end, as a write that was torn leaves
them; files that are gone or empty; and an older ledger put in place while the node was down. Each start keeps everything,
or refuses with file and reason and leaves the folder as it is.

TORN is how many lengths to try, picked by SEED, or `all`. Both are printed."""

import collections
import concurrent.futures
import os
import pathlib
import random
import shutil
import sqlite3
import sys
import threading

from _answered import Answered, Kms, check
from _folder import Image, fast_folder, read_folder, rows_of, start
from flips import images

WORKERS = 2
LEDGER = [pathlib.Path(name) for name in ("ledger.db", "ledger.db-wal")]
HEAD = pathlib.Path("last_head.sealed")
WHOLE = [*LEDGER, pathlib.Path("ledger.db-shm"), HEAD, pathlib.Path("service.sealed"), pathlib.Path("service_cert.pem"),
         pathlib.Path("common/unseal_key")]


def cuts(image, chance):
    """(what, changed files, absent files)"""
    for path in WHOLE:
        content = image.files.get(path)
        if not content:
            continue
        for length in range(len(content)):
            yield f"{path} cut to {length} bytes", {path: content[:length]}, ()
        for size in (1, 7, 24, 4096, 4120, 10_000):
            yield f"{path} with {size} bytes more", {path: content + chance.randbytes(size)}, ()
            yield f"{path} with {size} zero bytes more", {path: content + bytes(size)}, ()
        yield f"{path} is gone", {}, (path,)


def tried(data, image, what, changed, absent):
    files = image.put(data, changed, absent)
    for path in absent:
        files.pop(path)
    try:
        return image.judge(data, start(data), files, f"{image.name} {what}")
    finally:
        key = pathlib.Path("common/unseal_key")
        (data / key).write_bytes(image.files[key])
        (data / key).chmod(0o600)


def cut_everywhere(folder, both, chance, wanted):
    all_of_them = [(image, *cut) for image in both for cut in cuts(image, chance)]
    chosen = all_of_them
    if wanted != "all":
        by_file = collections.defaultdict(list)
        for each in all_of_them:
            by_file[each[0].name, each[1].split()[0], "cut" in each[1]].append(each)
        count = max(2, int(wanted) // len(by_file))
        chosen = [each for group in by_file.values() for each in chance.sample(group, min(len(group), count))]
    print(f"{len(chosen)} of {len(all_of_them)} torn files", flush=True)
    tally, wrong, local = collections.Counter(), [], threading.local()

    def one(each):
        image, what, changed, absent = each
        if not hasattr(local, "folder"):
            local.folder = folder / f"worker{threading.get_ident()}"
        try:
            tally[image.name, what.split()[0], tried(local.folder / image.name, *each)] += 1
        except AssertionError as error:
            tally[image.name, what.split()[0], "WRONG"] += 1
            wrong.append(str(error))

    with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
        for _ in pool.map(one, chosen):
            pass
    for (image, path, outcome), count in sorted(tally.items()):
        print(f"{image:8} {path:28} {outcome:8} {count}")
    for each in wrong[:int(os.environ.get("SHOW") or "5")]:
        print(each + "\n")
    check(not wrong, f"{len(wrong)} came out wrong")


def older_ledger(folder):
    """The ledger of an earlier stop beside the rest of now is refused; so is one whose head row was cut to fit. An older
    copy of the whole folder starts: with the guard `none` nothing outside of it says otherwise (docs/threat-model.md)."""
    (folder / "rollback").mkdir()
    with Kms(folder / "rollback") as kms:
        kms.start()
        answered = Answered(kms).prepare()
        check(kms.stop() == 0, "SIGTERM ends it with 0")
        older = read_folder(kms.data)
        kms.start()
        for _ in range(3):
            answered.refresh(kms.connection())
        check(kms.stop() == 0, "SIGTERM ends it with 0")
        newest = Image("rollback", kms.data, rows_of(kms.data / "ledger.db"))
        data = kms.data

        def refused(what, *words):
            before = read_folder(data)
            outcome = start(data)
            check(newest.judge(data, outcome, before, what) == "refused", f"{what}: it started")
            check(outcome.status == 3, f"{what}: status {outcome.status}")
            for word in words:
                check(word in outcome.text, f"{what}: {word!r} is not in {outcome.text}")

        newest.put(data, {LEDGER[0]: older[LEDGER[0]]}, without=[LEDGER[1], pathlib.Path("ledger.db-shm")])
        refused("an older ledger", "last_head.sealed", "ledger.db")

        newest.put(data)
        with sqlite3.connect(data / "ledger.db") as database:
            last = database.execute("SELECT max(size_before) FROM batches").fetchone()[0]
            database.execute("DELETE FROM entries WHERE idx >= ?", (last,))
            database.execute("DELETE FROM batches WHERE size_before = ?", (last,))
            database.execute("DELETE FROM head")
        database.close()
        refused("a ledger cut back by a batch", "last_head.sealed", "ledger.db")

        newest.put(data, without=[HEAD])
        refused("no last head", "last_head.sealed")
        for changed, without in (({LEDGER[0]: b""}, LEDGER[1:]), ({}, LEDGER)):
            newest.put(data, changed, without)
            outcome = start(data)
            check(not outcome.started and outcome.status == 3 and "last_head.sealed" in outcome.text, f"empty: {outcome.text}")
            now = read_folder(data)
            check(all(now[path] == newest.files[path] for path in now if path.name.endswith("sealed")), "its secrets stay")

        newest.put(data)
        for path in read_folder(data):
            if path not in older:
                (data / path).unlink()
        for path, content in older.items():
            (data / path).write_bytes(content)
        kms.start()
        check(kms.stop() == 0, "an older copy of everything is not noticed by the node itself")


def main():
    seed = int(os.environ.get("SEED") or random.SystemRandom().randrange(1 << 32))
    print(f"seed {seed}", flush=True)
    folder = pathlib.Path(fast_folder())
    try:
        older_ledger(folder)
        cut_everywhere(folder, images(folder), random.Random(seed), os.environ.get("TORN") or "150")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())

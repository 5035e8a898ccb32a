"""Bytes of a ledger's file changed at random, and `vitrine audit` on each: what it vouches for is found and located, what
nothing reads changes nothing. Half of the bytes are picked in the file (and in SQLite's write-ahead log, where a killed
service left one), half in the entries, tiles and heads that it holds.

FLIPS is how many, picked by SEED (`./dev audit-flips N SEED`). Both are printed."""

import collections
import concurrent.futures
import os
import pathlib
import random
import shutil
import sqlite3
import sys
import threading
import time

from _answered import Answered, Kms, check
from _audited import TILE, Content, Verdict, judge
from _folder import fast_folder

WORKERS = 2
PLACES = (("entries", "leaf", "idx"), ("entries", "sealed", "idx"), ("entries", "blob", "idx"), ("tiles", "hashes", None),
          ("head", "head", None))


class Image:
    """A ledger's files without the service, and what they say."""

    def __init__(self, name, kms):
        self.name = name
        self.files = {path.name: path.read_bytes() for path in kms.data.iterdir()
                      if path.name in ("ledger.db", "ledger.db-wal")}
        self.checkpoint = kms.folder / f"{name}-checkpoint"
        verdict = Verdict(kms.data, kms.data / "service_cert.pem", "--checkpoint-out", self.checkpoint)
        check(verdict.status == 0, f"{name}: {verdict}")
        self.content = Content(kms.data / "ledger.db", None)
        check(self.content.trouble is None and self.content.structure == "ok", f"{self.content.trouble}")
        check(self.content.head[0] == len(self.content.entries) > TILE, "all is signed, and a tile is full")

    def put(self, folder, changed=None):
        folder.mkdir(exist_ok=True)
        for name in ("ledger.db", "ledger.db-wal", "ledger.db-shm"):
            content = (changed or {}).get(name, self.files.get(name))
            if content is None:
                (folder / name).unlink(missing_ok=True)
            else:
                (folder / name).write_bytes(content)


def wait_for_signed_head(kms):
    """While nothing is appended the newest head reaches the store."""
    for _ in range(300):
        now = Content(kms.data / "ledger.db", None)
        if now.head[0] == len(now.entries):
            return
        time.sleep(0.1)
    raise AssertionError("the newest head is not stored")


def images(kms):
    """Genesis, governance, keys, releases, a restart; then stopped, and killed."""
    kms.start()
    answered = Answered(kms).prepare()
    connection = kms.connection()
    for number in range(TILE):
        answered.refresh(connection)
        if number % 4 == 0:
            answered.release(connection)
    answered.propose(connection)
    large = {"type": "add", "claims": {"x-ms-ver": ["2", "3", "x" * 20_000]}}  # its envelope is a blob
    check(kms.propose({"name": "set_key_release_policy", "args": large}).status == 200, "a large proposal")
    check(kms.stop() == 0, "SIGTERM ends it with 0")
    kms.start()
    for _ in range(3):
        answered.refresh(kms.connection())
    check(kms.stop() == 0, "SIGTERM ends it with 0")
    yield Image("stopped", kms)
    kms.start()
    connection = kms.connection()
    for _ in range(3):
        answered.refresh(connection)
        answered.propose(connection)
    wait_for_signed_head(kms)
    kms.kill()
    image = Image("killed", kms)
    check(image.files["ledger.db-wal"], "the newest entries lie in the log")
    yield image
    check(not answered.failures, f"{answered.failures}")


def flip_in_file(image, folder, chance):
    name = chance.choice(sorted(image.files))
    content = bytearray(image.files[name])
    at, mask = chance.randrange(len(content)), chance.randrange(1, 256)
    content[at] ^= mask
    image.put(folder, {name: bytes(content)})
    return f"{image.name} {name}, byte {at} ^ {mask:#04x}"


def flip_in_row(image, folder, chance):
    image.put(folder)
    table, column, key = chance.choice(PLACES)
    database = sqlite3.connect(folder / "ledger.db")
    row, value = chance.choice(database.execute(
        f"SELECT {key or 'rowid' if table != 'tiles' else 'tree * 65536 + level * 256 + idx'}, {column} FROM {table} "
        f"WHERE length({column}) > 0").fetchall())
    at, mask = chance.randrange(len(value)), chance.randrange(1, 256)
    changed = value[:at] + bytes([value[at] ^ mask]) + value[at + 1:]
    where = "tree * 65536 + level * 256 + idx" if table == "tiles" else "rowid"
    database.execute(f"UPDATE {table} SET {column} = ? WHERE {where} = ?", (changed, row))
    database.commit()
    database.close()
    return f"{image.name} {table}.{column} of row {row}, byte {at} ^ {mask:#04x}"


def main():
    seed = int(os.environ.get("SEED") or random.SystemRandom().randrange(1 << 32))
    wanted = int(os.environ.get("FLIPS") or "400")
    folder = pathlib.Path(fast_folder())
    tally = collections.Counter()
    wrong = []
    print(f"seed {seed}, {wanted} flips", flush=True)
    try:
        (folder / "made").mkdir()
        with Kms(folder / "made") as kms:
            both = list(images(kms))
            certificate = kms.data / "service_cert.pem"

            def one(number):
                chance = random.Random(f"{seed}/{number}")
                image = both[number % 2]
                work = folder / f"worker{threading.get_ident()}"
                flip = flip_in_file if number // 2 % 2 else flip_in_row
                where = flip(image, work, chance)
                now = Content(work / "ledger.db", list(image.content.tiles))
                verdict = Verdict(work, certificate, "--from-head", image.checkpoint)
                try:
                    tally[image.name, flip.__name__, judge(image.content, now, verdict, where)] += 1
                except AssertionError as error:
                    tally[image.name, flip.__name__, "WRONG"] += 1
                    wrong.append(str(error))

            with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
                for _ in pool.map(one, range(wanted)):
                    pass
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    for (image, flip, outcome), count in sorted(tally.items()):
        print(f"{image:8} {flip:13} {outcome:11} {count}")
    for each in wrong[:int(os.environ.get("SHOW") or "5")]:
        print(each + "\n")
    check(not wrong, f"{len(wrong)} of {wanted} flips came out wrong")
    check(sum(count for (*_, outcome), count in tally.items() if outcome in ("exact", "range", "located")) * 3 > wanted,
          "a good part of the flips was in bytes that are vouched for")
    return 0


if __name__ == "__main__":
    sys.exit(main())

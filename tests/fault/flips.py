"""Every byte of every file of a small data folder changed in turn, and the real service started on each: it keeps
everything it ever answered, or refuses with file and reason and leaves the folder as it is. Twice: on a folder left by
SIGTERM, and on one left by SIGKILL, whose newest entries lie in SQLite's write-ahead log.

FLIPS is how many of them to try, picked by SEED, or `all` (`./dev flips`: an hour). Both are printed."""

import collections
import concurrent.futures
import os
import pathlib
import random
import shutil
import sys
import threading
import time

from _answered import Answered, Kms, check
from _folder import Image, fast_folder, rows_of, start

WORKERS = 2
# Development mode's identities lie in the data folder but are read by the first start alone; the key is read by each.
NEVER_READ_AGAIN = "common"
READ_AGAIN = {"unseal_key"}


def images(folder):
    """A genesis, keys, releases, proposals, a restart; then stopped, and killed."""
    (folder / "made").mkdir()
    with Kms(folder / "made") as kms:
        kms.start()
        answered = Answered(kms).prepare()
        connection = kms.connection()
        for _ in range(2):
            answered.refresh(connection)
            answered.release(connection)
        answered.propose(connection)
        check(kms.stop() == 0, "SIGTERM ends it with 0")
        kms.start()
        connection = kms.connection()
        answered.release(connection)
        answered.check(everything=True)
        check(kms.stop() == 0, "SIGTERM ends it with 0")
        stopped = Image("stopped", kms.data, rows_of(kms.data / "ledger.db"))
        kms.start()
        connection = kms.connection()
        answered.refresh(connection)
        answered.release(connection)
        answered.check(everything=True)
        time.sleep(1.5)  # the node seals its newest head within a second
        rows = rows_of(kms.data / "ledger.db")
        kms.kill()
        killed = Image("killed", kms.data, rows)
        check(killed.files[pathlib.Path("ledger.db-wal")], "the newest entries lie in the log")
        check(not answered.failures, f"{answered.failures}")
    return stopped, killed


def places(image):
    """Every byte but those of files that no later start reads."""
    return [(path, offset) for path, content in image.files.items() for offset in range(len(content))
            if path.parts[0] != NEVER_READ_AGAIN or path.name in READ_AGAIN]


class Worker:
    """Folders of one thread's own: one for each image, at a path that does not change."""

    def __init__(self, folder):
        self.folder = folder

    def try_flip(self, image, path, offset, mask):
        data = self.folder / image.name
        content = bytearray(image.files[path])
        content[offset] ^= mask
        files = image.put(data, {path: bytes(content)})
        try:
            return image.judge(data, start(data), files, f"{image.name} {path}, byte {offset} ^ {mask:#04x}")
        finally:
            if path.parts[0] == NEVER_READ_AGAIN:
                (data / path).write_bytes(image.files[path])


def main():
    seed = int(os.environ.get("SEED") or random.SystemRandom().randrange(1 << 32))
    wanted = os.environ.get("FLIPS") or "240"
    chance = random.Random(seed)
    folder = pathlib.Path(fast_folder())
    tally = collections.Counter()
    wrong = []
    local = threading.local()
    try:
        both = images(folder)
        flips = [(image, path, offset, chance.randrange(1, 256)) for image in both for path, offset in places(image)]
        total = len(flips)
        if wanted != "all":
            by_file = collections.defaultdict(list)  # small files count as much as large ones
            for flip in flips:
                by_file[flip[0].name, flip[1]].append(flip)
            each = max(1, int(wanted) // len(by_file))
            flips = [flip for group in by_file.values() for flip in chance.sample(group, min(each, len(group)))]
        print(f"seed {seed}, {len(flips)} of {total} bytes", flush=True)

        def one(flip):
            if not hasattr(local, "worker"):
                local.worker = Worker(folder / f"worker{threading.get_ident()}")
            image, path, *_ = flip
            try:
                tally[image.name, str(path), local.worker.try_flip(*flip)] += 1
            except AssertionError as error:
                tally[image.name, str(path), "WRONG"] += 1
                wrong.append(str(error))

        with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
            for _ in pool.map(one, flips):
                pass
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    for (image, path, outcome), count in sorted(tally.items()):
        print(f"{image:8} {path:28} {outcome:8} {count}")
    for each in wrong[:int(os.environ.get("SHOW") or "5")]:
        print(each + "\n")
    check(not wrong, f"{len(wrong)} of {len(flips)} flips came out wrong")
    return 0


if __name__ == "__main__":
    sys.exit(main())

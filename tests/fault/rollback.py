"""An older copy of the ledger, a cut one, or another's, put under the service while it is down: refused, by file, entry and
the head that this node sealed. The newest put back goes on with everything it answered. Also what is not noticed with the
rollback guard `none`: an older copy of the whole folder, sealed head and all."""

import pathlib
import shutil
import sqlite3
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "functional"))
from _kms import BIN, Kms, check, verify_receipt

STORE = ("ledger.db", "ledger.db-wal", "ledger.db-shm")
LAG_SECONDS_MAX = 1.0


def take(data, into, names):
    into.mkdir()
    for name in names:
        if (data / name).exists():
            shutil.copy2(data / name, into / name)
    return into


def put(copy, data, names):
    for name in names:
        (data / name).unlink(missing_ok=True)
        if (copy / name).exists():
            shutil.copy2(copy / name, data / name)


def refused(kms, *words):
    before = {path: path.read_bytes() for path in kms.data.rglob("*") if path.is_file()}
    ended = subprocess.run([BIN / "vitrined", "--dev", "--data", kms.data, "--port", "0"], capture_output=True, text=True,
                           timeout=60)
    check(ended.returncode == 3, f"it started, or crashed: {ended.returncode} {ended.stderr}")
    for word in (*words, "last_head.sealed", "vitrined: hint: "):
        check(word in ended.stderr, f"{word!r} is not in the error: {ended.stderr}")
    # SQLite makes its log and index beside a file that it reads.
    for path in kms.data.rglob("*"):
        if path.is_file() and path not in before:
            check(path.name.endswith("-shm") or (path.name.endswith("-wal") and path.stat().st_size == 0), f"made {path}")
    for path, content in before.items():
        check(path.name.endswith("-shm") or path.read_bytes() == content, f"a refused start changed {path}")


def entries(data):
    with sqlite3.connect(f"file:{data}/ledger.db?mode=ro", uri=True) as database:
        return database.execute("SELECT count(*) FROM entries").fetchone()[0]


def cut_back(data, size, drop_head):
    """What somebody does who knows the format: the last batches gone, and the signed head with them."""
    with sqlite3.connect(data / "ledger.db") as database:
        database.execute("DELETE FROM entries WHERE idx >= ?", (size,))
        database.execute("DELETE FROM batches WHERE size_after > ?", (size,))
        if drop_head:
            database.execute("DELETE FROM head")
    database.close()


def main():
    with Kms() as kms:
        kms.start()
        kms.post("/app/refresh")
        kms.stop()
        old = take(kms.data, kms.folder / "old", (*STORE, "last_head.sealed"))
        old_size = entries(old)

        kms.start()
        service = (kms.data / "service_cert.pem").read_text()
        made = [kms.post("/app/refresh").json() for _ in range(5)]
        receipts = [kms.get("/app/pubkey?kid=" + item["kid"]).json()["receipt"] for item in made]
        time.sleep(LAG_SECONDS_MAX)  # how far the sealed head may be behind a key
        kms.kill()
        new = take(kms.data, kms.folder / "new", (*STORE, "last_head.sealed"))

        put(old, kms.data, STORE)
        refused(kms, "ledger.db", f"holds {old_size} entries", "the last head that this node sealed")
        put(new, kms.data, STORE)
        with sqlite3.connect(kms.data / "ledger.db") as database:  # the log into the file
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        database.close()
        whole = take(kms.data, kms.folder / "whole", STORE)
        new_size = entries(whole)
        check(new_size == old_size + 6, "a start and five keys")
        cut_back(kms.data, new_size - 1, drop_head=True)
        refused(kms, "ledger.db", f"holds {new_size - 1} entries", f"says {new_size}")
        put(whole, kms.data, STORE)
        (kms.data / "last_head.sealed").unlink()
        refused(kms, "is missing")

        # An older head of the same service is one that the store extends.
        put(old, kms.data, ("last_head.sealed",))
        kms.start()
        for item, receipt in zip(made, receipts):
            again = kms.get("/app/pubkey?kid=" + item["kid"]).json()
            check({**again, "receipt": 0} == {**item, "receipt": 0}, "the key is as it was")
            verify_receipt(receipt, service, item["x"])
        kms.stop()

        # Another history of the same service, as long: the older copy went on by itself.
        ahead = take(kms.data, kms.folder / "ahead", ("last_head.sealed",))
        put(old, kms.data, (*STORE, "last_head.sealed"))
        kms.start()
        check(kms.get("/node/network").json()["vitrine"]["rollback_guard"] == "none", "what this cannot stop is said")
        check(kms.get("/app/pubkey?kid=" + made[0]["kid"]).status == 404,
              "an older copy of the whole folder forgets, and nothing in the node notices")
        while int(kms.post("/app/refresh").headers["x-ms-ccf-transaction-id"].split(".")[1]) < new_size + 5:
            pass
        kms.stop()
        put(ahead, kms.data, ("last_head.sealed",))
        refused(kms, "ledger.db", "are not those of the last head that this node sealed")
    print(f"older, cut and forked ledgers of {old_size} to {new_size} entries: refused; the newest: kept")
    return 0


if __name__ == "__main__":
    sys.exit(main())

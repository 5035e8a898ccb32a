"""vitrine backup of a service that is writing, and vitrine restore of it: the copy is audited and ends at a signed head; nothing
is overwritten; a restore is refused when a larger or another head of the old log is shown; what it leaves is what
docs/formats/backup.md says."""

import json
import pathlib
import shutil
import sqlite3
import stat
import subprocess
import threading

from _kms import BIN, Kms, check


def vitrine(kms, *arguments):
    return subprocess.run([BIN / "vitrine", *arguments, "--service-cert", kms.data / "service_cert.pem"],
                          capture_output=True, text=True, timeout=120)


def backup(kms, name, *more):
    return vitrine(kms, "backup", "--data", kms.data, "--out", kms.folder / name, *more)


def files_of(folder):
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in pathlib.Path(folder).iterdir()}


def numbers(folder):
    with sqlite3.connect(f"file:{folder}/ledger.db?mode=ro", uri=True) as ledger:
        return {table: ledger.execute(f"SELECT {what} FROM {table}").fetchone()[0]
                for table, what in (("entries", "count(*)"), ("batches", "max(size_after)"), ("head", "size"),
                                    ("tiles", "count(*)"))}


def while_writing(kms):
    """Backups of a service that appends all the while: each is whole and ends at its head."""
    stop = threading.Event()
    answered = []

    def write():
        while not stop.is_set():
            answered.append(kms.post("/app/refresh").headers["x-ms-ccf-transaction-id"])

    writers = [threading.Thread(target=write) for _ in range(3)]
    for writer in writers:
        writer.start()
    try:
        for number in range(3):
            outcome = backup(kms, f"busy-{number}", "--json")
            check(outcome.returncode == 0, f"{outcome}")
            document = json.loads(outcome.stdout)
            found = numbers(kms.folder / f"busy-{number}")
            check(found["entries"] == found["batches"] == found["head"] == document["entries"], f"{found} {document}")
    finally:
        stop.set()
        for writer in writers:
            writer.join()
    check(len(answered) > 10, "the service went on meanwhile")


def check_damaged(kms, restore):
    """Each is refused, names a file of the backup, and leaves no folder behind."""
    def cut(folder):
        with open(folder / "ledger.db", "r+b") as ledger:
            ledger.truncate(ledger.seek(0, 2) * 2 // 3)

    def rows(sql):
        def change(folder):
            with sqlite3.connect(folder / "ledger.db") as ledger:
                ledger.execute(sql)
        return change

    def without_head(folder):
        (folder / "ledger.db").write_bytes(b"")

    def another_checkpoint(folder):
        shutil.copy(kms.folder / "busy-0/checkpoint", folder / "checkpoint")
        text = (folder / "checkpoint").read_text().split("\n")
        (folder / "checkpoint").write_text("\n".join([text[0], str(int(text[1]) - 1), *text[2:]]))

    damages = {"cut": (cut, (1, 2)), "an entry of the middle lost": (rows("DELETE FROM entries WHERE idx = 50"), (1,)),
               "no head": (rows("DELETE FROM head"), (1,)), "no entries": (rows("DELETE FROM entries"), (1,)),
               "another program's file": (rows("PRAGMA application_id = 1"), (2,)), "empty": (without_head, (1, 2)),
               "a checkpoint that was never signed": (another_checkpoint, (3,))}
    for name, (damage, statuses) in damages.items():
        shutil.rmtree(kms.folder / "damaged", ignore_errors=True)
        shutil.copytree(kms.folder / "backup", kms.folder / "damaged")
        damage(kms.folder / "damaged")
        outcome = restore("from-damaged", source="damaged")
        check(outcome.returncode in statuses and "damaged/" in outcome.stderr, f"{name}: {outcome}")
        check(not (kms.folder / "from-damaged").exists(), f"{name}: a refused restore leaves nothing")


def main():
    with Kms() as kms:
        kms.start()
        kms.set_demo_policies()
        for _ in range(260):  # a full tile and more
            check(kms.post("/app/refresh").status == 200, "refresh")
        while_writing(kms)
        check(kms.stop() == 0, "stop")

        outcome = backup(kms, "backup")
        check(outcome.returncode == 0 and "audited" in outcome.stdout, f"{outcome}")
        check(files_of(kms.folder / "backup") == {"ledger.db": 0o600, "service.sealed": 0o600, "checkpoint": 0o600},
              f"{files_of(kms.folder / 'backup')}")
        check(stat.S_IMODE((kms.folder / "backup").stat().st_mode) == 0o700, "the folder is the operator's alone")
        sealed = (kms.data / "service.sealed").read_bytes()
        check((kms.folder / "backup/service.sealed").read_bytes() == sealed, "service.sealed")
        again = backup(kms, "backup")
        check(again.returncode == 5 and "not empty" in again.stderr, f"nothing is overwritten: {again}")
        check(backup(kms, "nowhere/backup").returncode == 6, "a folder that can't be made")

        # A backup is not a data folder: it can't go on as the old service.
        shutil.copytree(kms.folder / "backup", kms.folder / "copy")
        started = subprocess.run([BIN / "vitrined", "--dev", "--data", kms.folder / "copy", "--port", "0",
                                  "--unseal-key", kms.data / "common/unseal_key"], capture_output=True, text=True, timeout=60)
        check(started.returncode == 3 and "last_head.sealed" in started.stderr, f"{started}")

        def restore(name, *more, source="backup"):
            return vitrine(kms, "restore", "--from", kms.folder / source, "--data", kms.folder / name, *more)

        checkpoint = kms.folder / "backup/checkpoint"
        size = int(checkpoint.read_text().split("\n")[1])
        older = kms.folder / "busy-0/checkpoint"
        outcome = restore("restored", "--newest-head", checkpoint, "--newest-head", older)
        check(outcome.returncode == 0 and "note" not in outcome.stderr, f"{outcome}")
        check(files_of(kms.folder / "restored") ==
              {"ledger.db": 0o600, "service.sealed": 0o600, "restore.json": 0o600}, f"{files_of(kms.folder / 'restored')}")
        marker = json.loads((kms.folder / "restored/restore.json").read_text())
        origin, _, root = checkpoint.read_text().split("\n")[:3]
        check(sorted(marker) == ["ccf", "checkpoint", "format", "origin", "rfc9162", "shown", "size"], f"{marker}")
        check(marker["format"] == "vitrine/restore@v1" and marker["origin"] == origin and marker["size"] == size, f"{marker}")
        check(marker["checkpoint"] == checkpoint.read_text(), f"{marker}")
        check(marker["shown"] == [checkpoint.read_text(), older.read_text()], f"{marker}")
        check(numbers(kms.folder / "restored") == numbers(kms.folder / "backup"), "the same entries")
        check(restore("restored").returncode == 5, "nothing is overwritten")
        outcome = restore("unshown")
        check(outcome.returncode == 0 and "--newest-head" in outcome.stderr, f"it says what nobody showed: {outcome}")

        # The old log went on: who kept a newer head shows it.
        outcome = restore("older", "--newest-head", checkpoint, source="busy-0")
        check(outcome.returncode == 3 and "restore refused" in outcome.stderr and "rolled back" in outcome.stderr,
              f"{outcome}")
        check(not (kms.folder / "older").exists(), "a refused restore leaves nothing")
        forged = kms.folder / "forged"
        forged.write_text(checkpoint.read_text().replace(root, "A" * 43 + "="))
        check(restore("forged-head", "--newest-head", forged).returncode == 3, "a head that the log did not sign")

        check_damaged(kms, restore)

        # A changed backup is none.
        shutil.copytree(kms.folder / "backup", kms.folder / "changed")
        with sqlite3.connect(kms.folder / "changed/ledger.db") as ledger:
            ledger.execute("UPDATE entries SET sealed = zeroblob(length(sealed)) WHERE idx = 100")
        outcome = restore("from-changed", source="changed")
        check(outcome.returncode == 1 and "entry 101: its sealed part is not the one" in outcome.stderr, f"{outcome}")
        (kms.folder / "changed/checkpoint").unlink()
        check(restore("from-unfinished", source="changed").returncode == 4, "without its checkpoint")
    print(f"{size} entries backed up while written, and restored")


main()

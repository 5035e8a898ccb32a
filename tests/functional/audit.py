"""vitrine audit of a running service by URL and by folder, and of a stopped one's copy: it tells who did what and ends with
status 0; with the wrong certificate, a contradicted checkpoint or a changed ledger it ends with the status that docs/audit.md
says, and names the entry."""

import json
import shutil
import sqlite3
import subprocess
import time

from _kms import BIN, Kms, check


def audit(kms, *arguments, certificate=None):
    """Ends with the status; --json gives the lines as well."""
    command = [BIN / "vitrine", "audit", "--service-cert", certificate or kms.data / "service_cert.pem", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


def lines_of(outcome):
    return [json.loads(line) for line in outcome.stdout.splitlines()]


def wait_for_signed_head(kms, entries):
    """While nothing is appended the newest head reaches the store."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with sqlite3.connect(f"file:{kms.data}/ledger.db?mode=ro", uri=True) as ledger:
            if ledger.execute("SELECT size FROM head").fetchone() == (entries,):
                return
        time.sleep(0.1)
    raise AssertionError("the newest head is not stored")


def check_timeline(kms, kid):
    for source in (["--url", f"https://127.0.0.1:{kms.port}"], ["--data", kms.data], ["--data", kms.data / "ledger.db"]):
        outcome = audit(kms, *source)
        check(outcome.returncode == 0, f"{source}: {outcome}")
        check(outcome.stderr == "", f"nothing else is said: {outcome.stderr}")
        for word in ("service created", "member0", "member2", "started, view 2", "user0", "set_key_release_policy",
                     f"key {kid} made", "intact"):
            check(word in outcome.stdout, f"{source}: {word!r} is not in {outcome.stdout}")
        check("not signed yet" not in outcome.stdout, outcome.stdout)
        check(("not seen" in outcome.stdout) == (source[0] == "--url"), "sealed parts are seen in a folder alone")


def check_json(kms):
    by_url = lines_of(audit(kms, "--url", f"https://127.0.0.1:{kms.port}", "--json"))
    in_folder = lines_of(audit(kms, "--data", kms.data, "--json"))
    check(by_url[:-1] == in_folder[:-1], "both sources tell the same history")
    verdict = in_folder[-1]
    check(verdict["verdict"] == "intact" and verdict["entries"] == len(in_folder) - 1, f"{verdict}")
    check(verdict["signed_entries"] == verdict["entries"], f"{verdict}")
    check(verdict["checkpoint"] == kms.get("/checkpoint").body, "the checkpoint is the service's")
    check(by_url[-1]["rfc9162_root"] == verdict["rfc9162_root"], "roots")
    numbers = [int(line["transaction_id"].split(".")[1]) for line in in_folder[:-1]]
    check(numbers == list(range(1, len(numbers) + 1)), "an entry a line, in order")
    return verdict


def check_progress(kms):
    outcome = audit(kms, "--data", kms.data, "--progress")
    check("vitrine: audited" in outcome.stderr and "\r" not in outcome.stderr, f"progress lines: {outcome.stderr!r}")


def check_wrong_certificate(kms):
    with Kms() as other:
        other.start()
        outcome = audit(kms, "--data", kms.data, certificate=other.data / "service_cert.pem")
        check(outcome.returncode == 3, f"another service's certificate: {outcome}")
        check("entry 1: it was made by another service than the one whose certificate is pinned" in outcome.stderr,
              outcome.stderr)
        outcome = audit(kms, "--url", f"https://127.0.0.1:{kms.port}", certificate=other.data / "service_cert.pem")
        check(outcome.returncode == 3 and outcome.stdout == "", f"TLS is pinned: {outcome}")


def check_checkpoints(kms):
    """A checkpoint kept is extended; one of a longer or another history is not."""
    kept = kms.folder / "kept"
    outcome = audit(kms, "--data", kms.data, "--checkpoint-out", kept)
    check(outcome.returncode == 0 and kept.read_text() == kms.get("/checkpoint").body, f"{outcome}")
    older = kms.folder / "older"
    check(audit(kms, "--url", f"https://127.0.0.1:{kms.port}", "--checkpoint-out", older).returncode == 0, "by URL")
    check(kms.post("/app/refresh").status == 200, "refresh")
    outcome = audit(kms, "--url", f"https://127.0.0.1:{kms.port}", "--from-head", kept, "--from-head", older)
    check(outcome.returncode == 0, f"the history extends both: {outcome.stderr}")

    text = kept.read_text()
    kept.write_text(text.replace("\n", "\n1", 1))
    outcome = audit(kms, "--data", kms.data, "--from-head", kept)
    check(outcome.returncode == 3 and "a checkpoint seen earlier" in outcome.stderr, f"a forged one: {outcome}")
    kept.write_text("no note")
    check(audit(kms, "--data", kms.data, "--from-head", kept).returncode == 2, "no checkpoint at all")

    newer = kms.folder / "newer"
    newer.write_text(kms.get("/checkpoint").body)
    return newer


def check_rolled_back(kms, newer):
    """A copy from before the newest checkpoint was signed: cut to an older head."""
    cut = kms.folder / "cut"
    shutil.copytree(kms.data, cut)
    check(subprocess.run([BIN / "vitrine", "backup", "--data", cut, "--out", kms.folder / "cut-backup", "--service-cert",
                          kms.data / "service_cert.pem"], capture_output=True).returncode == 0, "backup")
    check(audit(kms, "--data", kms.folder / "cut-backup", "--from-head", newer).returncode == 0, "not cut")
    kms.start()
    for _ in range(3):
        check(kms.post("/app/refresh").status == 200, "refresh")
    newest = kms.folder / "newest"
    newest.write_text(kms.get("/checkpoint").body)
    outcome = audit(kms, "--data", kms.folder / "cut-backup", "--from-head", newest)
    check(outcome.returncode == 3 and "rolled back" in outcome.stderr, f"{outcome}")


def check_changed(kms):
    """The signed history in one folder, an entry of it changed: found, with its number."""
    changed = kms.folder / "changed"
    shutil.copytree(kms.data, changed)
    with sqlite3.connect(changed / "ledger.db") as ledger:
        leaf = ledger.execute("SELECT leaf FROM entries WHERE idx = 5").fetchone()[0]
        at = leaf.rindex(b"\x08\x58\x20") + 10  # within the digest of its commit evidence
        ledger.execute("UPDATE entries SET leaf = ? WHERE idx = 5",
                       (leaf[:at] + bytes([leaf[at] ^ 1]) + leaf[at + 1:],))
    outcome = audit(kms, "--data", changed)
    check(outcome.returncode == 1 and "entries 6 to 7: the head of 6 entries that entry 7 names" in outcome.stderr,
          f"{outcome}")
    verdict = lines_of(audit(kms, "--data", changed, "--json"))[-1]
    check((verdict["verdict"], verdict["first"], verdict["last"]) == ("broken", 6, 7), f"{verdict}")


def main():
    with Kms() as kms:
        kms.start()
        kms.set_demo_policies()
        made = [kms.post("/app/refresh").json()["kid"] for _ in range(3)]
        entries = int(kms.get("/checkpoint").body.split("\n")[1])
        wait_for_signed_head(kms, entries)
        check_timeline(kms, made[0])
        check_json(kms)
        check_progress(kms)
        check_wrong_certificate(kms)
        newer = check_checkpoints(kms)
        check(kms.stop() == 0, "stop")
        check(audit(kms, "--data", kms.data).returncode == 0, "a stopped service's folder")
        check_changed(kms)
        check_rolled_back(kms, newer)
        nothing = audit(kms, "--data", kms.folder / "nothing")
        check(nothing.returncode == 4 and "no such file" in nothing.stderr, f"{nothing}")
    print("audited by URL and by folder")


main()

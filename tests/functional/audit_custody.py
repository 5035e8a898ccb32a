"""What votes and losses do to the service's secrets, through real processes: a rekey, rotated service and log keys, a renewed
certificate, a member who leaves, a lost seal and recovery by members' shares, a restore under a new log. `vitrine audit` by URL
and folder follows all of it, tells it, and still holds for certificates and checkpoints from the beginning."""

import base64
import json
import shutil
import sqlite3
import subprocess
import sys
import time

from _kms import BIN, check
from _recovery import decide, founded_with_members, make_key, wait_until_open, wait_until_waiting


def vitrine(kms, *arguments):
    return subprocess.run([BIN / "vitrine", *arguments], capture_output=True, text=True, timeout=120)


def audited(kms, certificate, *arguments):
    """By URL and by folder: the lines of both are the same, and the verdict is good."""
    wait_for_signed_head(kms)
    told = []
    for source in (["--url", f"https://127.0.0.1:{kms.port}"], ["--data", kms.data]):
        pinned = kms.data / "service_cert.pem" if source[0] == "--url" else certificate
        outcome = vitrine(kms, "audit", *source, "--json", "--service-cert", pinned, *arguments)
        check(outcome.returncode == 0, f"{source}: {outcome.stdout[-600:]} {outcome.stderr}")
        told.append([json.loads(line) for line in outcome.stdout.splitlines()])
    check(told[0][:-1] == told[1][:-1], "both sources tell the same history")
    return told[1][:-1]


def wait_for_signed_head(kms):
    """While nothing is appended the newest head reaches the store."""
    for _ in range(300):
        with sqlite3.connect(f"file:{kms.data}/ledger.db?mode=ro", uri=True) as ledger:
            if ledger.execute("SELECT (SELECT size FROM head) = count(*) FROM entries").fetchone() == (1,):
                return
        time.sleep(0.1)
    raise AssertionError("the newest head is not stored")


def of(lines, kind):
    return [line for line in lines if line["kind"] == kind]


def causes_are_proposals(lines):
    """Whatever a vote demanded names the entry that decided it; deals may follow an entry that changed what is dealt."""
    numbered = {int(line["transaction_id"].split(".")[1]): line for line in lines}
    for line in lines:
        if line.get("cause"):
            cause = numbered[line["cause"]]
            check(cause.get("proposal_state") == "Accepted" or line["kind"] == "shares_dealt", f"{line} because of {cause}")


def keep_checkpoint(kms, name):
    path = kms.folder / name
    path.write_text(kms.get("/checkpoint").body)
    return path


def votes(kms, members):
    for name, args in (("trigger_ledger_rekey", {}), ("rotate_log_key", {}), ("rotate_service_key", {}),
                       ("trigger_recovery_shares_refresh", {}), ("set_recovery_threshold", {"recovery_threshold": 3}),
                       ("set_recovery_threshold", {"recovery_threshold": 2})):
        decide(kms, members, {"name": name, "args": args})
        make_key(kms, members[0])


def check_votes(lines, members):
    check(of(lines, "ledger_rekeyed")[0]["secret_version"] == 2, "rekeyed")
    deals = of(lines, "shares_dealt")
    check({deal["threshold"] for deal in deals} == {2, 3}, f"{deals}")
    check(deals[-1]["members"] == sorted(member.id for member in members), f"{deals[-1]}")
    check("2 of which open the service" in deals[-1]["what"] and "a share for alice" in deals[-1]["what"], f"{deals[-1]}")
    check("endorsed by the one before" in of(lines, "service_key_rotated")[0]["what"], "service key")
    check("signed by the one before" in of(lines, "log_key_rotated")[0]["what"], "log key")
    causes_are_proposals(lines)


def recovers(kms, members):
    check(kms.stop() == 0, "stop")
    (kms.folder / "data.unseal-key").unlink()
    wait_until_waiting(kms)
    lines = kms.get("/checkpoint", verify=False).body.split("\n")
    head = int(lines[1]), base64.b64decode(lines[2])
    for member in members[:2]:
        check(member.recover(kms, head=head).status == 200, "a share")
    wait_until_open(kms)


def restores(kms, certificate, newest):
    """On another folder, under a new log; the old one never runs again."""
    wait_for_signed_head(kms)
    outcome = vitrine(kms, "backup", "--data", kms.data, "--out", kms.folder / "backup", "--service-cert", certificate)
    check(outcome.returncode == 0, f"{outcome}")
    check(kms.stop() == 0, "stop")
    outcome = vitrine(kms, "restore", "--from", kms.folder / "backup", "--data", kms.folder / "restored", "--newest-head", newest,
                      "--service-cert", certificate)
    check(outcome.returncode == 0, f"{outcome}")
    shutil.copy(kms.folder / "data.unseal-key", kms.folder / "restored.unseal-key")
    kms.data = kms.folder / "restored"
    kms.start()


def changed_statement_is_found(kms, certificate):
    """One bit of what a member signed when the service was recovered."""
    folder = kms.folder / "changed"
    folder.mkdir()
    with sqlite3.connect(f"file:{kms.data}/ledger.db?mode=ro", uri=True) as ledger:
        with sqlite3.connect(folder / "ledger.db") as copy:
            ledger.backup(copy)
            rows = copy.execute("SELECT idx, blob FROM entries WHERE blob IS NOT NULL ORDER BY idx").fetchall()
            index, blob = next((index, blob) for index, blob in rows if b"recovery_share" in blob)
            at = blob.rindex(b'"node"') + 10
            copy.execute("UPDATE entries SET blob = ? WHERE idx = ?", (blob[:at] + bytes([blob[at] ^ 1]) + blob[at + 1:], index))
    outcome = vitrine(kms, "audit", "--data", folder, "--json", "--service-cert", certificate)
    verdict = json.loads(outcome.stdout.splitlines()[-1])
    check(outcome.returncode == 1 and verdict["first"] == verdict["last"] == index + 1, f"{outcome.returncode} {verdict}")


def main():
    kms, members = founded_with_members()
    with kms:
        kms.start()
        certificate = kms.folder / "first_service_cert.pem"
        shutil.copy(kms.data / "service_cert.pem", certificate)
        make_key(kms, members[0])
        first = keep_checkpoint(kms, "first")
        votes(kms, members)
        check_votes(audited(kms, certificate, "--from-head", first), members)

        second = keep_checkpoint(kms, "second")
        recovers(kms, members)
        make_key(kms, members[0])
        lines = audited(kms, certificate, "--from-head", first, "--from-head", second)
        (recovery,) = of(lines, "service_recovered")
        deals = [int(line["transaction_id"].split(".")[1]) for line in of(lines, "shares_dealt")]
        check(recovery["deal"] in deals, f"{recovery}")
        check(recovery["members"] == sorted(member.id for member in members[:2]), f"{recovery}")
        check("by alice (" in recovery["what"] and "by bob (" in recovery["what"], f"{recovery}")
        changed_statement_is_found(kms, certificate)

        restores(kms, certificate, keep_checkpoint(kms, "newest"))
        make_key(kms, members[0])
        lines = audited(kms, certificate, "--from-head", first, "--from-head", kms.folder / "newest")
        (continued,) = of(lines, "continued_from")
        check(continued["log_origin"] != continued["old_origin"] and "restored from a backup" in continued["what"],
              f"{continued}")
        check(continued["old_size"] == int((kms.folder / "newest").read_text().split("\n")[1]), f"{continued}")
    print("secrets, certificates, recovery and a restore, as the audit tells them")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""The whole process without its seal: the node waits and says so; wrong, malformed and foreign shares are refused one by one
and never counted; k good ones open it, and certificate, keys and receipts are those from before. Then the same from a restored
backup, which goes on under a new log. The members' side is python3-cryptography's."""

import base64
import json
import shutil
import subprocess

from _deal import check_newest_deal
from _kms import BIN, check
from _recovery import (COSE, VERSION, decide, founded_with_members, make_key, sign, wait_until_open, wait_until_waiting)


def head_of(kms):
    lines = kms.get("/checkpoint", verify=False).body.split("\n")
    return int(lines[1]), base64.b64decode(lines[2])


def lose_seal(kms):
    (kms.folder / "data.unseal-key").unlink()


def refused(answer, status, code, *words):
    check(answer.status == status and answer.json()["error"]["code"] == code, f"wanted {status} {code}: {answer}")
    for word in words:
        check(word in answer.json()["error"]["message"], f"{word!r}: {answer}")


def given(kms):
    return kms.get("/node/state", verify=False).json()["vitrine"]["shares_given"]


def waits(kms, members):
    """What a waiting node answers, and every share that it must not take."""
    alice, bob, carol = members
    check(kms.get("/node/ready/app", verify=False).status == 503, "not ready")
    check(kms.get("/app/pubkey", verify=False).status == 503, "the application is closed")
    check(kms.get("/node/network", verify=False).json()["service_status"] == "WaitingForRecoveryShares", "network")
    refused(kms.get(f"/gov/recovery/encrypted-shares/{alice.id}", verify=False), 400, "MissingApiVersionParameter")
    refused(kms.get(f"/gov/recovery/encrypted-shares/{'0' * 64}{VERSION}", verify=False), 404, "ResourceNotFound")
    classic = kms.get(f"/gov/encrypted_recovery_share/{alice.id}", verify=False).json()
    share, deal = alice.share(kms)
    check(len(share) == 66 and classic["deal"] == deal and "encrypted_share" in classic, f"{classic}")

    def statement(clear=share, **changes):
        return alice.statement(kms, clear, changes.pop("deal", deal), changes.pop("head", (0, bytes(32))), **changes)

    wrong = bytes([*share[:-1], share[-1] ^ 1])
    for clear, word in ((wrong, "not the one that was dealt"), (bob.share(kms)[0], "not the one that was dealt"),
                        (share[:2] + bytes(32) + share[34:], "another service")):
        refused(alice.give(kms, statement(clear)), 403, "AuthorizationFailed", alice.id, word)
    refused(alice.give(kms, statement(share[:65])), 400, "InvalidInput", alice.id, "65 bytes")
    for changes, word in (({"service": bytes(32)}, "another service"), ({"node": bytes(32)}, "another node"),
                          ({"evidence": bytes(32)}, "other evidence"), ({"deal": deal - 1}, "not of the newest"),
                          ({"head": (10**6, bytes(32))}, "knows a log of"), ({"head": (1, bytes(32))}, "another log")):
        refused(alice.give(kms, statement(**changes)), 403, "AuthorizationFailed", alice.id, word)
    content = statement()
    content["deal"] += 1  # not what the share is sealed with
    refused(alice.give(kms, content), 403, "AuthorizationFailed", alice.id)
    content = statement()
    content["share"] = content["share"][:-8] + "AAAAAAA="
    refused(alice.give(kms, content), 403, "AuthorizationFailed", alice.id, "does not open")
    refused(alice.give(kms, {"share": base64.b64encode(share).decode()}), 403, "AuthorizationFailed", alice.id, "in the clear")
    for content in ({}, b"", b"[]", {**statement(), "more": 1}):
        refused(alice.give(kms, content), 400, "InvalidInput", alice.id)
    refused(alice.give(kms, statement(), path=bob.id), 403, "AuthorizationFailed", alice.id, bob.id)
    refused(alice.give(kms, statement(), kind="ballot"), 401, "InvalidAuthenticationInfo")
    path = f"/gov/recovery/members/{alice.id}:recover{VERSION}"
    signed = sign(alice.identity, "recovery_share", statement())
    refused(kms.post(path, signed, verify=False), 401, "InvalidAuthenticationInfo")
    refused(kms.post(path, signed[:-1] + bytes([signed[-1] ^ 1]), headers=COSE, verify=False), 401,
            "InvalidAuthenticationInfo")
    refused(kms.post(path, b"\xff", headers=COSE, verify=False), 400, "InvalidInput")
    check(given(kms) == 0, "nothing was counted")

    answer = alice.give(kms, statement())
    check(answer.status == 200 and answer.json() == {
        "message": "1/2 recovery shares successfully submitted", "submittedCount": 1, "recoveryThreshold": 2,
        "fullKeySubmitted": False}, f"{answer}")
    check(alice.give(kms, statement()).json()["submittedCount"] == 1, "given again, counted once")
    refused(alice.give(kms, statement(wrong)), 403, "AuthorizationFailed", alice.id)
    check(given(kms) == 1, "the good one stays")


def opens(kms, member, head):
    answer = member.recover(kms, head=head)
    check(answer.status == 200 and answer.json()["submittedCount"] == 2 and "End of recovery" in answer.json()["message"],
          f"{answer}")
    wait_until_open(kms)


def main():
    kms, members = founded_with_members()
    with kms:
        kms.start()
        certificate = (kms.data / "service_cert.pem").read_text()
        for _ in range(3):
            make_key(kms, members[0])
        newest = kms.get("/app/pubkey").json()
        decide(kms, members, {"name": "trigger_ledger_rekey", "args": {}})
        make_key(kms, members[0])
        head = head_of(kms)
        check(kms.stop() == 0, "stop")
        shutil.copytree(kms.data, kms.folder / "kept")

        lose_seal(kms)
        wait_until_waiting(kms)
        waits(kms, members)
        # A restart forgets what was given: its keys are other ones.
        kms.kill()
        wait_until_waiting(kms)
        check(given(kms) == 0, "nothing survives")
        check(members[2].recover(kms, head=head).status == 200, "a first good share")
        opens(kms, members[1], head)
        check((kms.data / "service_cert.pem").read_text() == certificate, "the same service")
        network = kms.get("/node/network").json()
        check(network["recovery_count"] == 1 and network["service_status"] == "Open", f"{network}")
        check(kms.get(f"/app/pubkey?kid={newest['kid']}").json()["x"] == newest["x"], "the same keys")
        refused(members[0].give(kms, {"share": "AAAA"}), 403, "ServiceNotWaitingForRecoveryShares")
        check(members[0].share(kms)[1] > 0, "a running service gives encrypted shares too")
        make_key(kms, members[0])
        decide(kms, members, {"name": "trigger_ledger_rekey", "args": {}})
        check(kms.stop() == 0, "stop")
        kms.start()  # by its new seal
        audited = subprocess.run([BIN / "vitrine", "audit", "--data", kms.data, "--service-cert", kms.data / "service_cert.pem"],
                                 capture_output=True, text=True, timeout=120, check=False)
        check(audited.returncode == 0, f"{audited}")
        check(kms.stop() == 0, "stop")

        # An older copy of the folder, shown to members who know a larger head.
        shutil.rmtree(kms.data)
        shutil.copytree(kms.folder / "kept", kms.data)
        wait_until_waiting(kms)
        refused(members[0].recover(kms, head=(head[0] + 20, bytes(32))), 403, "AuthorizationFailed", "knows a log of")
        check(kms.stop() == 0, "a waiting node stops when told")
        restored(kms, members, certificate)


def restored(kms, members, certificate):
    """The backup without its sealed secrets: shares open it, and it goes on under a new log."""
    cert = kms.folder / "cert.pem"
    cert.write_text(certificate)

    def vitrine(*arguments):
        outcome = subprocess.run([BIN / "vitrine", *arguments, "--service-cert", cert], capture_output=True, text=True, timeout=120)
        check(outcome.returncode == 0, f"{outcome}")

    vitrine("backup", "--data", kms.data, "--out", kms.folder / "backup")
    vitrine("restore", "--from", kms.folder / "backup", "--data", kms.folder / "restored")
    (kms.folder / "restored/service.sealed").unlink()
    old = json.loads((kms.folder / "restored/restore.json").read_text())
    kms.data = kms.folder / "restored"
    wait_until_waiting(kms)
    head = (old["size"], bytes.fromhex(old["rfc9162"]))
    check(members[0].recover(kms, head=head).status == 200, "share")
    opens(kms, members[1], head)
    check(not (kms.data / "restore.json").exists(), "the marker is gone")
    origin = kms.get("/checkpoint").body.split("\n")[0]
    check(origin.startswith(old["origin"] + "/restored-"), origin)
    make_key(kms, members[0])
    check(kms.stop() == 0, "stop")
    vitrine("audit", "--data", kms.data)
    check(check_newest_deal(kms.data, members) > 3, "every key, old and new")
    kms.start()


if __name__ == "__main__":
    main()

"""vitrine member share submit: a share goes to a waiting node only after its log was audited against what the member knows and
its evidence satisfied the join policy in that log. Near each success is what it refuses: no evidence, a measurement nobody
trusts, a log that is older than a head known, a node that does not wait."""

import base64
import json
import subprocess

from _deal import check_newest_deal
from _kms import BIN, Kms, check
from _recovery import (COSE, VERSION, RecoveryMember, decide, founded_with_members, make_key, sign, wait_until_open,
                       wait_until_waiting)


def submit(kms, member, *more, status=0):
    done = subprocess.run([BIN / "vitrine", "--url", f"https://127.0.0.1:{kms.port}", "--ca", kms.folder / "pinned.pem",
                           "member", "share", "submit", "--as", member.name, *map(str, more)],
                          capture_output=True, text=True, cwd=kms.folder, timeout=120, check=False)
    check(done.returncode == status, f"{done}")
    return done


def outside_a_tee():
    kms, members = founded_with_members()
    alice, bob, carol = members
    with kms:
        kms.start()
        (kms.folder / "pinned.pem").write_bytes((kms.data / "service_cert.pem").read_bytes())
        make_key(kms, alice)
        refused = submit(kms, alice, status=5)
        check("does not wait" in refused.stderr, f"{refused}")
        check(kms.stop() == 0, "stop")
        before = (kms.data / "ledger.db").read_bytes()
        kms.start()
        make_key(kms, alice)
        check(kms.stop() == 0, "stop")
        (kms.folder / "data.unseal-key").unlink()

        wait_until_waiting(kms)
        status = subprocess.run([BIN / "vitrine", "--url", f"https://127.0.0.1:{kms.port}", "--insecure", "status"],
                                capture_output=True, text=True, timeout=60, check=False)
        check(status.returncode == 0 and "for recovery shares: 0 of 2 were given" in status.stdout, f"{status}")
        refused = submit(kms, alice, status=3)
        check("no evidence" in refused.stderr and "--without-evidence" in refused.stderr, f"{refused}")
        given = submit(kms, alice, "--without-evidence")
        check("1/2 recovery shares" in given.stdout, f"{given}")
        head = (kms.folder / "alice_head").read_text()
        check(len(head.split("\n")) > 4, "the newest head is kept")
        # carol's encryption key is another one by now.
        stranger = submit(kms, carol, "--without-evidence", "--encryption-key", "bob_enc_privk.pem", status=3)
        check("not encrypted to this key" in stranger.stderr, f"{stranger}")
        given = submit(kms, bob, "--without-evidence")
        check("2/2 recovery shares" in given.stdout, f"{given}")
        wait_until_open(kms)
        check(check_newest_deal(kms.data, members) == 2, "both keys")
        check(kms.stop() == 0, "stop")

        # An older copy of the ledger: alice remembers a larger one.
        for name in ("ledger.db-wal", "ledger.db-shm", "last_head.sealed", "service.sealed"):
            (kms.data / name).unlink(missing_ok=True)
        (kms.data / "ledger.db").write_bytes(before)
        wait_until_waiting(kms)
        refused = submit(kms, alice, "--without-evidence", status=3)
        check("rolled back" in refused.stderr, f"{refused}")
        check((kms.folder / "alice_head").read_text() == head, "what she knows stays")


def in_a_tee():
    """The simulated one of development mode."""
    with Kms() as kms:
        kms.start()
        (kms.folder / "pinned.pem").write_bytes((kms.data / "service_cert.pem").read_bytes())

        class Voter:
            def __init__(self, number):
                self.identity = kms.member(number)
                self.id = self.identity.id
        voters = [Voter(number) for number in range(3)]
        members = [RecoveryMember(kms.folder, name) for name in ("alice", "bob")]
        for member in members:
            decide(kms, voters, {"name": "set_member", "args": {
                "cert": open(member.identity.certificate_path, encoding="ascii").read(),
                "encryption_pub_key": member.public_path.read_text()}})
            answer = kms.post(f"/gov/members/state-digests/{member.id}:update{VERSION}",
                              sign(member.identity, "state_digest", b""), headers=COSE)
            answer = kms.post(f"/gov/members/state-digests/{member.id}:ack{VERSION}",
                              sign(member.identity, "ack", answer.json()), headers=COSE)
            check(answer.status == 204, f"{answer}")
        everybody = [*voters, *members]
        decide(kms, everybody, {"name": "set_recovery_threshold", "args": {"recovery_threshold": 2}})
        quote = kms.get("/node/quotes/self").json()
        measurement = quote["measurement"]
        host_data = base64.b64decode(quote["raw"])[0xc0:0xe0].hex()
        decide(kms, everybody, {"name": "add_snp_host_data", "args": {"host_data": host_data, "security_policy": ""}})
        check(kms.stop() == 0, "stop")
        (kms.common / "unseal_key").unlink()
        wait_until_waiting(kms)
        refused = submit(kms, members[0], status=3)
        check("neither listed nor endorsed" in refused.stderr and measurement in refused.stderr, f"{refused}")
        check(kms.get("/node/state", verify=False).json()["vitrine"]["shares_given"] == 0, "nothing was sent")
        # The policy can't change now: by hand, as who knows that program from elsewhere.
        other = submit(kms, members[0], "--measurement", "00" * 48, status=3)
        check("neither listed nor endorsed" in other.stderr, f"{other}")
        odd = submit(kms, members[0], "--measurement", "00", status=2)
        check("--measurement" in odd.stderr, f"{odd}")
        for number, member in enumerate(members, 1):
            given = submit(kms, member, "--measurement", measurement)
            check(f"{number}/2 recovery shares" in given.stdout, f"{given}")
        wait_until_open(kms)
        decide(kms, everybody, {"name": "add_snp_measurement", "args": {"measurement": measurement}})
        check(kms.stop() == 0, "stop")
        (kms.common / "unseal_key").unlink()
        wait_until_waiting(kms)
        for number, member in enumerate(members, 1):
            given = submit(kms, member, "--known-head", kms.folder / "head")
            check(f"{number}/2 recovery shares" in given.stdout, f"{given}")
        wait_until_open(kms)
        check(json.loads(kms.get("/node/network").body)["recovery_count"] == 2, "twice")


if __name__ == "__main__":
    outside_a_tee()
    in_a_tee()

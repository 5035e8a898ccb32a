"""The commands of members against a governed service made of Python alone (_governed.py): propose, vote, withdraw, ack, the
two steps of a key that is elsewhere, the question before signing, shares; and what is shown of a hostile service."""
import base64
import json
import os
import pathlib
import pty
import subprocess
import sys
import tempfile

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils

import _governed

VITRINE = os.path.join(os.environ["VITRINE_BIN"], "vitrine")


class Bench:
    def __init__(self, folder):
        self.folder = folder
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days",
                        "1", "-subj", "/CN=service", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", folder / "tls.pem",
                        "-out", folder / "service_cert.pem"], check=True, capture_output=True)
        self.service = _governed.Service()
        self.server = _governed.serve(self.service, folder / "service_cert.pem", folder / "tls.pem")
        self.environment = {**os.environ, "VITRINE_URL": f"https://127.0.0.1:{self.server.server_address[1]}",
                            "VITRINE_CA": str(folder / "service_cert.pem")}

    def run(self, *arguments, status=0, **more):
        done = subprocess.run([VITRINE, *map(str, arguments)], check=False, capture_output=True, text=True, cwd=self.folder,
                              env=self.environment, stdin=subprocess.DEVNULL, **more)
        assert done.returncode == status, (arguments, done)
        return done

    def json(self, *arguments, **more):
        return json.loads(self.run("--json", *arguments, **more).stdout)

    def text(self, name):
        return (self.folder / name).read_text()

    def keygen(self, name, encryption=True):
        self.run("member", "keygen", name, *(["--encryption-key"] if encryption else []))
        return self.text(f"{name}_cert.pem")

    def found(self, *names):
        for name in names:
            self.service.add(self.keygen(name), self.text(f"{name}_enc_pubk.pem"), data={"team": "a"})


def proposes_and_votes(bench):
    dave = _governed.member_id(bench.keygen("dave"))
    shown = bench.run("propose", "--action", "set_member", "--arg", "cert=@dave_cert.pem", "--arg",
                      "encryption_pub_key=@dave_enc_pubk.pem", "--arg", 'member_data={"team":"b"}', "--as", "alice")
    assert f"set_member\n  + member dave ({dave[:12]}...)\n" in shown.stderr, shown
    assert "  + holds a recovery share\n" in shown.stderr and "  + data.team: b\n" in shown.stderr, shown
    assert "state     Open\n" in shown.stdout and "next " in shown.stdout, shown
    key = next(iter(bench.service.proposals))
    table = bench.run("proposals").stdout.splitlines()
    assert table[1].split() == [key[:12] + "...", "Open", "0", "alice", table[1].split()[4], "set_member"], table
    one = bench.run("proposals", key[:8]).stdout
    assert "proposed by  alice (" in one and f"  + member dave ({dave[:12]}...)\n" in one, one
    voted = bench.run("vote", key[:8], "--for", "--as", "alice")
    assert "proposed by  alice (" in voted.stderr and "votes     1 cast\n" in voted.stdout, voted
    bench.run("vote", key[:8], "--for", "--as", "alice")  # the same again changes nothing
    other = bench.run("vote", key[:8], "--against", "--as", "alice", status=2)
    assert "VoteAlreadyExists" in other.stderr and f"vote on {key[:12]}...: " in other.stderr, other
    bench.run("vote", key[:8], "--as", "alice", status=2)
    early = bench.run("vote", key[:8], "--for", "--as", "dave", status=3)
    assert "Signer is not a known member" in early.stderr, early
    decided = bench.json("vote", key[:8], "--for", "--as", "bob")["proposal"]
    assert decided["proposalState"] == "Accepted" and len(decided["finalVotes"]) == 2, decided
    late = bench.run("vote", key[:8], "--for", "--as", "carol", status=2)
    assert "ProposalNotOpen" in late.stderr, late
    bench.run("vote", "ffff", "--for", "--as", "carol", status=4)
    members = {line.split()[0]: line.split()[1] for line in bench.run("member", "list").stdout.splitlines()[1:]}
    assert members == {"alice": "Active", "bob": "Active", "carol": "Active", "dave": "Accepted"}, members
    bench.run("member", "ack", "--as", "dave")
    assert bench.service.members[dave]["status"] == "Active"
    assert bench.service.sent[-2:] == ["state_digest", "ack"]


def removes_and_withdraws(bench):
    bob = _governed.member_id(bench.text("bob_cert.pem"))
    (bench.folder / "remove.json").write_text(json.dumps({"actions": [{"name": "remove_member", "args": {"member_id": bob}}]}))
    shown = bench.run("propose", "remove.json", "--as", "alice")
    assert f"  - member bob ({bob[:12]}...)\n  ! held a recovery share: the ledger is rekeyed\n" in shown.stderr, shown
    assert "  ~ active members: 4 -> 3\n" in shown.stderr, shown
    key = list(bench.service.proposals)[-1]
    foreign = bench.run("withdraw", key[:8], "--as", "bob", status=3)
    assert "AuthorizationFailed" in foreign.stderr, foreign
    assert "state     Withdrawn\n" in bench.run("withdraw", key[:8], "--as", "alice").stdout


def signs_elsewhere(bench):
    bench.run("propose", "--action", "freeze", "--as", "alice")
    key = list(bench.service.proposals)[-1]
    (bench.folder / "digest.json").write_text(
        bench.run("vote", key, "--against", "--cert", "carol_cert.pem", "--prepare", "ballot.cose").stdout)
    digest = json.loads(bench.text("digest.json"))
    private = serialization.load_pem_private_key((bench.folder / "carol_privk.pem").read_bytes(), None)
    r, s = utils.decode_dss_signature(private.sign(base64.b64decode(digest["value"]),
                                                   ec.ECDSA(utils.Prehashed(hashes.SHA384()))))
    value = base64.urlsafe_b64encode(r.to_bytes(48, "big") + s.to_bytes(48, "big")).decode()
    (bench.folder / "signature.json").write_text(json.dumps({"value": value}))
    bench.run("cose", "finish", "--prepared", "ballot.cose", "--cert", "carol_cert.pem", "--signature", "signature.json",
              "--out", "signed.cose")
    assert bench.json("cose", "send", "signed.cose")["answer"]["ballotCount"] == 1
    carol = _governed.member_id(bench.text("carol_cert.pem"))
    assert bench.service.proposals[key]["votes"] == {carol: False}
    # An ack in the same way signs the digest that is recorded.
    bench.run("member", "ack", "--as", "carol", "--cose-out", "ack.cose")
    bench.run("cose", "send", "ack.cose")
    # Bytes alone are not sent.
    count = len(bench.service.sent)
    bench.run("propose", "--action", "thaw", "--as", "alice", "--cose-out", "thaw.cose")
    assert len(bench.service.sent) == count
    bench.run("cose", "send", "thaw.cose")
    assert bench.service.sent[-1] == "proposal"


def asks_a_person(bench, answer):
    """Runs `vote` at a terminal and answers its question."""
    key = list(bench.service.proposals)[-1]
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(bench.folder)
        os.execve(VITRINE, [VITRINE, "vote", key, "--for", "--as", "alice"], bench.environment)
    shown = b""
    while b"[y/N] " not in shown:
        shown += os.read(terminal, 4096)
    os.write(terminal, answer + b"\n")
    try:
        while chunk := os.read(terminal, 4096):
            shown += chunk
    except OSError:
        pass
    _, status = os.waitpid(pid, 0)
    os.close(terminal)
    return os.waitstatus_to_exitcode(status), shown.decode()


def asks(bench):
    count = len(bench.service.sent)
    status, shown = asks_a_person(bench, b"n")
    assert status == 3 and "nothing was signed or sent" in shown and len(bench.service.sent) == count, shown
    status, shown = asks_a_person(bench, b"y")
    assert status == 0 and bench.service.sent[-1] == "ballot", shown


def decrypts_a_share(bench):
    alice = _governed.member_id(bench.text("alice_cert.pem"))
    bench.service.shares[alice] = bytes(range(66))
    bench.run("member", "share", "decrypt", "--as", "alice", "--out", "share.b64")
    assert base64.b64decode(bench.text("share.b64")) == bytes(range(66))
    assert (bench.folder / "share.b64").stat().st_mode & 0o777 == 0o600
    (bench.folder / "encrypted.json").write_text(json.dumps(bench.service.get(f"/gov/recovery/encrypted-shares/{alice}")))
    other = bench.run("member", "share", "decrypt", "--encrypted", "encrypted.json", "--encryption-key", "bob_enc_privk.pem",
                      status=3)
    assert "it is not encrypted to this key" in other.stderr, other
    bench.run("member", "share", "decrypt", "--as", "bob", status=4)
    wrong = bench.run("member", "share", "decrypt", "--cert", "alice_cert.pem", "--encryption-key", "alice_privk.pem", status=2)
    assert "is not an RSA key" in wrong.stderr, wrong


def tells_the_status(bench):
    bench.run("propose", "--action", "freeze", "--as", "alice")
    key = list(bench.service.proposals)[-1]
    lines = {line[:16].strip(): line[16:].strip() for line in bench.run("status").stdout.splitlines()}
    assert lines["members"] == "4 active of 4; 4 hold a recovery share", lines
    assert lines["recovery"] == "2 shares open the service" and key[:12] in lines["open proposals"], lines
    assert "FROZEN" not in lines and lines["state"] == "PartOfNetwork, view 2, committed 2.7", lines
    alice = _governed.member_id(bench.text("alice_cert.pem"))
    bench.service.frozen = {"member": alice, "since": "2026-11-24T20:00:00Z"}
    bench.service.status = "WaitingForRecoveryShares"  # then nothing of the application is asked for
    status = bench.run("status").stdout
    assert f"by {alice[:12]}... since 2026-11-24T20:00:00Z; a quorum thaws\n" in status, status
    assert "newest key" not in status and "WaitingForRecoveryShares" in status, status
    governance = bench.json("status")["governance"]
    assert governance["members_active"] == 4 and key in governance["open_proposals"], governance
    bench.service.status, bench.service.frozen = "Open", None


def is_not_moved_by_hostile_text(bench):
    document = {"actions": [{"name": "x\x1b[2J", "args": {"\x1b]0;t\x07": "a\nb\x1b[1A"}}]}
    bench.service.proposals["ee" * 32] = {"proposer": "\x1b[31m", "document": document, "state": "Open\x1b[0m", "votes": {}}
    for shown in (bench.run("proposals"), bench.run("proposals", "eeee")):
        assert "\x1b" not in shown.stdout + shown.stderr and "\x07" not in shown.stdout, shown
    del bench.service.proposals["ee" * 32]


def main():
    with tempfile.TemporaryDirectory() as name:
        bench = Bench(pathlib.Path(name))
        bench.found("alice", "bob", "carol")
        for step in (proposes_and_votes, removes_and_withdraws, signs_elsewhere, asks, decrypts_a_share,
                     tells_the_status, is_not_moved_by_hostile_text):
            step(bench)
            print(step.__name__)
        bench.server.shutdown()
    return 0


if __name__ == "__main__":
    sys.exit(main())

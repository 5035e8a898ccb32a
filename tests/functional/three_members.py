"""Three members govern a service with the commands of `vitrine` alone: keys, a proposal with what it would change, votes, a
withdrawal, a member who joins, one whose key is elsewhere, a freeze; each change is seen in force. And what README and API page
say to do, run as it stands there."""

import base64
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils

from _kms import BIN, Identity, Kms, check

SOURCE = pathlib.Path(os.environ["VITRINE_SOURCE"])
NAMES = ("alice", "bob", "carol")
GENESIS = """
[members]
certificates = ["alice_cert.pem", "bob_cert.pem", "carol_cert.pem"]
[governed]
insecure_seal = true
"""


class Council:
    def __init__(self, kms):
        self.kms, self.folder = kms, kms.folder
        self.environment = {**os.environ, "VITRINE_URL": f"https://127.0.0.1:{kms.port}",
                            "VITRINE_CA": str(kms.data / "service_cert.pem"), "PATH": f"{BIN}:{os.environ['PATH']}"}

    def run(self, *arguments, status=0):
        done = subprocess.run([BIN / "vitrine", *map(str, arguments)], check=False, capture_output=True, text=True,
                              cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL, timeout=120)
        check(done.returncode == status, f"{arguments}: {done}")
        return done

    def json(self, *arguments, status=0):
        return json.loads(self.run("--json", *arguments, status=status).stdout)

    def open_proposals(self):
        return self.json("status")["governance"]["open_proposals"]

    def newest(self):
        (key,) = self.open_proposals()
        return key

    def id_of(self, name):
        return Identity(self.folder / f"{name}_cert.pem", self.folder / f"{name}_privk.pem").id


def proposes_and_votes(council):
    shown = council.run("propose", "--action", "set_key_rotation_policy", "--arg",
                        'key_rotation_policy={"rotation_interval_seconds":1000,"grace_period_seconds":100}', "--as", "alice")
    check("rotation_interval_seconds: 1000" in shown.stderr and "state     Open\n" in shown.stdout, f"{shown}")
    key = council.newest()
    table = council.run("proposals").stdout.splitlines()[1].split()
    check(table[:4] == [key[:12] + "...", "Open", "0", "alice"] and table[-1] == "set_key_rotation_policy", f"{table}")
    check("votes     1 cast\n" in council.run("vote", key[:8], "--for", "--as", "alice").stdout, "one")
    council.run("vote", key[:8], "--for", "--as", "alice")  # the same again changes nothing
    check("VoteAlreadyExists" in council.run("vote", key[:8], "--against", "--as", "alice", status=2).stderr, "no other")
    check(council.kms.get("/app/keyRotationPolicy").status == 404, "not in force")
    decided = council.json("vote", key[:8], "--for", "--as", "bob")["proposal"]
    check(decided["proposalState"] == "Accepted" and len(decided["finalVotes"]) == 2, f"{decided}")
    check(council.kms.get("/app/keyRotationPolicy").json()["rotation_interval_seconds"] == 1000, "in force")
    check("ProposalNotOpen" in council.run("vote", key, "--for", "--as", "carol", status=2).stderr, "too late")


def takes_a_member_in(council):
    council.run("member", "keygen", "dave", "--encryption-key")
    dave = council.id_of("dave")
    shown = council.run("propose", "--action", "set_member", "--arg", "cert=@dave_cert.pem", "--arg",
                        'member_data={"team":"b"}', "--as", "carol")
    check(f"set_member\n  + member dave ({dave[:12]}...)\n" in shown.stderr, f"{shown}")
    key = council.newest()
    council.run("vote", key, "--for", "--as", "carol")
    early = council.run("vote", key, "--for", "--as", "dave", status=3)
    check("Signer is not a known member" in early.stderr, f"{early}")
    council.run("vote", key, "--for", "--as", "alice")
    early = council.run("propose", "--action", "freeze", "--as", "dave", status=3)
    check("Signer is not an ACTIVE member" in early.stderr, f"{early}")
    council.run("member", "ack", "--update", "--as", "dave")
    members = {line.split()[0]: line.split()[1] for line in council.run("member", "list").stdout.splitlines()[1:]}
    check(members == dict.fromkeys((*NAMES, "dave"), "Active"), f"{members}")


def withdraws(council):
    council.run("propose", "--action", "remove_member", "--arg", f"member_id={council.id_of('bob')}", "--as", "alice")
    key = council.newest()
    check("AuthorizationFailed" in council.run("withdraw", key, "--as", "bob", status=3).stderr, "not his")
    check("state     Withdrawn\n" in council.run("withdraw", key, "--as", "alice").stdout, "hers")
    check(council.open_proposals() == [], "none is open")
    council.run("withdraw", "ab" * 32, "--as", "alice", status=4)


def signs_elsewhere(council):
    """The key never meets our program: the digest goes out, the signature comes back."""
    council.run("propose", "--action", "set_key_rotation_policy", "--arg",
                'key_rotation_policy={"rotation_interval_seconds":2000,"grace_period_seconds":100}', "--as", "dave")
    key = council.newest()
    digest = json.loads(council.run("vote", key, "--for", "--cert", "carol_cert.pem", "--prepare", "ballot.cose").stdout)
    private = serialization.load_pem_private_key((council.folder / "carol_privk.pem").read_bytes(), None)
    r, s = utils.decode_dss_signature(private.sign(base64.b64decode(digest["value"]), ec.ECDSA(utils.Prehashed(hashes.SHA384()))))
    value = base64.urlsafe_b64encode(r.to_bytes(48, "big") + s.to_bytes(48, "big")).decode()
    (council.folder / "signature.json").write_text(json.dumps({"value": value}))
    council.run("cose", "finish", "--prepared", "ballot.cose", "--cert", "carol_cert.pem", "--signature", "signature.json",
                "--out", "signed.cose")
    check(council.json("cose", "send", "signed.cose")["answer"]["ballotCount"] == 1, "carol's ballot")
    council.run("vote", key, "--for", "--as", "alice")
    check(council.kms.get("/app/keyRotationPolicy").json()["rotation_interval_seconds"] == 1000, "two of four are no majority")
    council.run("vote", key, "--for", "--as", "bob", "--cose-out", "bob.cose")
    check(council.open_proposals() == [key], "bytes alone are not sent")
    check(council.json("cose", "send", "bob.cose")["answer"]["proposalState"] == "Accepted", "three are")
    check(council.kms.get("/app/keyRotationPolicy").json()["rotation_interval_seconds"] == 2000, "in force")


def freezes(council):
    council.run("propose", "--action", "freeze", "--as", "bob")
    status = council.run("status").stdout
    check("FROZEN" in status and council.id_of("bob")[:12] in status, f"{status}")
    council.run("propose", "--action", "thaw", "--as", "bob")
    key = council.newest()
    for name in ("alice", "bob", "carol"):
        council.run("vote", key, "--for", "--as", name)
    check("FROZEN" not in council.run("status").stdout, "thawed by three of four")


def is_for_this_service_alone(council):
    """A proposal that names another service is refused, whoever signs it."""
    refused = council.run("propose", "--action", "freeze", "--as", "alice", "--service", "00" * 32, status=2)
    check("ProposalFailedToValidate" in refused.stderr, f"{refused}")


def reads_the_constitution(council):
    (council.folder / "constitution.json").write_text(json.dumps({"constitution": {"preset": "veto"}}))
    shown = council.run("propose", "--action", "set_constitution", "--arg", "@constitution.json", "--as", "alice")
    check("preset: majority -> veto" in shown.stderr, f"{shown}")
    council.run("withdraw", council.newest(), "--as", "alice")


def can_be_audited(council):
    """Whoever holds the certificate checks all of it: who proposed, who voted, what came of it."""
    told = council.run("audit").stdout
    for word in (*NAMES, "dave", "set_key_rotation_policy", "set_member", "freeze", "thaw"):
        check(word in told, f"{word} in the timeline: {told}")


def blocks_of(page, section):
    text = (SOURCE / page).read_text().split(section + "\n", 1)[1].split("\n## ", 1)[0]
    return re.findall(r"```\n(.*?)```", text, re.S)


def by_hand(council):
    """The page on the API: signed by our tool, sent by curl, word for word."""
    (script,) = blocks_of("docs/governance-api.md", "## By hand")
    shutil.copy(council.kms.data / "service_cert.pem", council.folder)
    before = council.open_proposals()
    done = subprocess.run(["bash", "-euo", "pipefail", "-c", script.replace(":8000", f":{council.kms.port}")], check=False,
                          cwd=council.folder, env=council.environment, capture_output=True, text=True, timeout=120)
    check(done.returncode == 0 and '"ballotCount":1' in done.stdout, f"{done}")
    (key,) = set(council.open_proposals()) - set(before)
    council.run("withdraw", key, "--as", "alice")


def by_the_readme():
    """The first block ends with the service, which the others talk to."""
    first, *others = blocks_of("README.md", "## A service that three members govern")
    with Kms(arguments=[]) as kms:
        lines = first.rstrip().splitlines()
        check(lines[-1].startswith("vitrined "), f"the service comes last: {lines}")
        environment = {**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}"}
        port = re.search(r"--port (\d+)", lines[-1])[1]
        text = "\n".join(lines[:-1]).replace(port, str(kms.port))
        subprocess.run(["bash", "-euo", "pipefail", "-c", text], check=True, cwd=kms.folder, env=environment, timeout=120)
        words = lines[-1].split()
        kms.data = kms.folder / words[words.index("--data") + 1]
        kms.arguments = ["--genesis", kms.folder / words[words.index("--genesis") + 1]]
        kms.start()
        script = "\n".join(others).replace(port, str(kms.port))
        done = subprocess.run(["bash", "-euo", "pipefail", "-c", script], check=False, cwd=kms.folder, env=environment,
                              capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=240)
        check(done.returncode == 0, f"{done.stdout}\n{done.stderr}")
        members = kms.get("/gov/service/members?api-version=2024-07-01").json()["value"]
        names = {x509.load_pem_x509_certificate(member["certificate"].encode()).subject.rfc4514_string(): member["status"]
                 for member in members}
        check(names == {f"CN={name}": "Active" for name in (*NAMES, "dave")}, f"{names}")


def main():
    with Kms(arguments=[]) as kms:
        council = Council(kms)
        for name in NAMES:
            council.run("member", "keygen", name)
        (kms.folder / "genesis.toml").write_text(GENESIS)
        kms.arguments = ["--genesis", kms.folder / "genesis.toml"]
        kms.start()
        for step in (proposes_and_votes, takes_a_member_in, withdraws, signs_elsewhere, freezes, is_for_this_service_alone,
                     reads_the_constitution, by_hand, can_be_audited):
            step(council)
            print(step.__name__)
    by_the_readme()
    print(by_the_readme.__name__)
    return 0


if __name__ == "__main__":
    sys.exit(main())

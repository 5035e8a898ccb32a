"""What a genesis file says about governance: members with encryption keys and data, users who may propose, the constitution,
the recovery threshold, CA bundles, issuers that are fetched, the join policy. Each stands in the ledger's genesis entry, read
here from the database, and something close to each is refused with the place and the reason."""

import json
import pathlib
import sqlite3
import subprocess
import sys
import tempfile
import time

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from _kms import BIN, REFUSED, Kms, check, free_port, make_identity
from _oidc import Authority

GENESIS = """[service]
constitution = "veto"
recovery_threshold = 2
opening = true

[governed]
insecure_seal = true

[ca_cert_bundles]
roots = "roots.pem"

[members]
certificates = "member2_cert.pem"

[members.alice]
certificate = "member0_cert.pem"
encryption_key = "member0_enc.pem"
data = {name = "Alice", roles = ["security"], floor = 3}

[members.bob]
certificate = "member1_cert.pem"
encryption_key = "member1_enc.pem"

[users.deployer]
certificate = "user0_cert.pem"
proposer = true
data = {team = "models"}

[issuers."https://idp.example"]
auto_refresh = true
ca_cert_bundle = "roots"

[join_policy]
snp_measurements = ["MEASUREMENT"]
snp_host_data = ["HOSTDATA"]
snp_uvm_endorsements = [{did = "did:x509:0:sha256:I::eku:1.2", feed = "ContainerPlat", svn = 101}]
snp_tcb_versions = {00a00f11 = "d315000000000004"}
""".replace("MEASUREMENT", "ab" * 48).replace("HOSTDATA", "cd" * 32)
RULES = {"default": {"approve": "2/3"}, "actions": {"set_constitution": {"approve": "all", "wait_seconds": 3600}}}

# (what is replaced, by what, line of the message or None, words of the message)
REFUSALS = [
    ('"veto"', '"sandbox"', 2, ["sandbox", "--dev"]),
    ('"veto"', '"anarchy"', 2, ["anarchy"]),
    ('"veto"', '"nobody.json"', 2, ["nobody.json"]),
    ('"veto"', '"wrong.json"', 2, ["wrong.json", "aprove"]),
    ('"veto"', '"unsatisfiable.json"', None, ["genesis.toml: ", "auditor"]),
    ("recovery_threshold = 2", "recovery_threshold = 1", 3, ["from 2 to"]),
    ("recovery_threshold = 2", "recovery_threshold = 3", None, ["recovery_threshold is 3", "2 members have an encryption key"]),
    ("recovery_threshold = 2", "", None, ["2 members have an encryption key", "recovery_threshold to [service]"]),
    ("recovery_threshold = 2", 'recovery_threshold = "2"', 3, ["from 2 to"]),
    ("opening = true", 'opening = "yes"', 4, ["opening"]),
    ("opening = true", "open = true", 4, ["unknown setting open", "opening"]),
    ('roots = "roots.pem"', 'roots = "member0_enc.pem"', 10, ["member0_enc.pem"]),
    ('"member0_cert.pem"\n', '"rsa_cert.pem"\n', 15, ["alice", "rsa_cert.pem", "could sign nothing"]),
    ('"member0_cert.pem"\n', '"member2_cert.pem"\n', 13, ["member2_cert.pem", "a member's already"]),
    ("member0_enc.pem", "ec_enc.pem", 15, ["alice", "ec_enc.pem", "must be RSA"]),
    ("member0_enc.pem", "small_enc.pem", 15, ["alice", "small_enc.pem"]),
    ("member0_enc.pem", "member0_enc_private.pem", 15, ["alice", "member0_enc_private.pem"]),
    ("encryption_key = \"member0", "encription_key = \"member0", 15, ["encription_key", "encryption_key"]),
    ('data = {name = "Alice", roles = ["security"], floor = 3}', 'data = "Alice"', 15, ["alice", "data must be a table"]),
    ("floor = 3", "floor = 3.5", 18, ["float"]),
    ("proposer = true", "proposer = 1", 24, ["deployer", "proposer"]),
    ("proposer = true", "proposers = true", 24, ["deployer", "proposers", "proposer"]),
    ('"https://idp.example"', '"http://idp.example"', 29, ["not an https URL"]),
    ('ca_cert_bundle = "roots"', "", 29, ["ca_cert_bundle_name is missing"]),
    ('ca_cert_bundle = "roots"', 'ca_cert_bundle = "other"', 29, ["other"]),
    ("auto_refresh = true", "", 29, ["neither jwks nor auto_refresh"]),
    ("ab" * 48, "ab" * 47, 34, ["measurement"]),
    ("cd" * 32, "cd" * 31 + "xy", 35, ["host_data"]),
    ("svn = 101", "svn = -1", 36, ["svn"]),
    ("did = ", "bid = ", 36, ["bid"]),
    ("d315000000000004", "d3150000", 37, ["tcb_version"]),
    ("snp_tcb_versions = {", "snp_tcb_version = {", 37, ["snp_tcb_version"]),
    ("[governed]", f'[governed]\nproposers = ["{"0" * 64}"]', None, ["proposers", "no user has the id"]),
]


def prepare(folder):
    identities = {name: make_identity(folder, name) for name in ("member0", "member1", "member2", "user0")}
    for name, key in (("member0", rsa.generate_private_key(65537, 2048)), ("member1", rsa.generate_private_key(65537, 3072)),
                      ("ec", ec.generate_private_key(ec.SECP256R1())), ("small", rsa.generate_private_key(65537, 1024))):
        (folder / f"{name}_enc.pem").write_bytes(key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo))
        (folder / f"{name}_enc_private.pem").write_bytes(key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    (folder / "roots.pem").write_text(Authority().pem + Authority("another").pem)
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-noenc", "-days", "3", "-subj", "/CN=rsa", "-keyout",
                    folder / "rsa_privk.pem", "-out", folder / "rsa_cert.pem"], check=True, capture_output=True)
    (folder / "rules.json").write_text(json.dumps(RULES))
    (folder / "wrong.json").write_text(json.dumps({"default": {"aprove": "all"}}))
    (folder / "unsatisfiable.json").write_text(json.dumps({"default": {"roles": ["auditor"]}}))
    return identities


def refused(folder, text, line, words):
    (folder / "genesis.toml").write_text(text)
    with tempfile.TemporaryDirectory() as data:
        ended = subprocess.run([BIN / "vitrined", "--data", data, "--port", "0", "--genesis", folder / "genesis.toml"],
                               capture_output=True, text=True, timeout=60)
        left = list(pathlib.Path(data).glob("service.sealed"))
    check(ended.returncode in REFUSED and not left, f"not refused: {ended.returncode} {ended.stderr}\n{text}")
    for word in [*words, "vitrined: error: "] + ([f"genesis.toml, line {line}: "] if line else []):
        check(word in ended.stderr, f"{word!r} is not in: {ended.stderr}\n{text}")


def genesis_state(kms):
    """The blob of the second entry, from the database."""
    with sqlite3.connect(kms.data / "ledger.db") as database:
        return json.loads(database.execute("SELECT blob FROM entries WHERE idx = 1").fetchone()[0])


def wait_until_it_answers(kms):
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and kms.process.poll() is None:
        try:
            if kms.get("/node/network", verify=False).status == 200:
                return
        except OSError:
            time.sleep(0.05)
    raise AssertionError("vitrined does not answer:\n" + kms.log.read_text())


def founded_as_written(folder, identities):
    with Kms(arguments=["--genesis", folder / "genesis.toml"]) as kms:
        kms.spawn()  # members prepare it: it is not ready for the application
        wait_until_it_answers(kms)
        check(kms.get("/node/ready/app").status == 503, "the application is closed")
        check(kms.stop() == 0, "it stops")
        state = genesis_state(kms)
    ids = {name: identity.id for name, identity in identities.items()}
    alice, bob, carol = (state["members"][ids[f"member{i}"]] for i in range(3))
    check(alice["data"] == {"name": "Alice", "roles": ["security"], "floor": 3}, f"data: {alice}")
    for member, name in ((alice, "member0"), (bob, "member1")):
        check(member["encryption_key"] == (folder / f"{name}_enc.pem").read_text(), f"encryption key: {member}")
    check("encryption_key" not in carol and "data" not in carol, f"nothing more of carol: {carol}")
    check(all(member["status"] == "Active" for member in state["members"].values()), "active at once")
    check(state["users"][ids["user0"]]["data"] == {"team": "models"}, f"user: {state['users']}")
    check(state["settings"]["proposers"] == [ids["user0"]], f"proposers: {state['settings']}")
    check(state["recovery_threshold"] == 2 and state["opening"] is True, f"{state}")
    check(state["ca_cert_bundles"] == {"roots": (folder / "roots.pem").read_text()}, "CA bundle")
    issuer = state["issuers"]["https://idp.example"]
    check(issuer["auto_refresh"] is True and issuer["ca_cert_bundle_name"] == "roots", f"issuer: {issuer}")
    check(state["join_policy"] == {
        "snp_measurements": ["ab" * 48], "snp_host_data": {"cd" * 32: ""}, "snp_tcb_versions": {
            "00a00f11": "d315000000000004"}, "snp_uvm_endorsements": {
            "did:x509:0:sha256:I::eku:1.2": {"ContainerPlat": "101"}}}, f"join policy: {state['join_policy']}")
    return state


def development_mode():
    """--constitution is for the first start with --dev, and a later one says where it differs."""
    port = str(free_port())
    ended = subprocess.run([BIN / "vitrined", "--constitution", "sandbox", "--port", port], capture_output=True, text=True,
                           timeout=60)
    check(ended.returncode in REFUSED and "--constitution goes with --dev alone" in ended.stderr, ended.stderr)
    with Kms(arguments=["--dev", "--constitution", "sandbox"]) as kms:
        kms.start()
        check(kms.stop() == 0, "it stops")
        check("sandbox" in json.dumps(genesis_state(kms)["constitution"]), "a sandbox")
        kms.arguments = ["--dev", "--constitution", "veto"]
        kms.start()
        check(kms.stop() == 0 and "constitution of the command line ignored" in kms.log.read_text(), "the log says so")


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        identities = prepare(folder)
        for old, new, line, words in REFUSALS:
            check(GENESIS.count(old) == 1, f"{old} stands there once")
            refused(folder, GENESIS.replace(old, new), line, words)
        (folder / "genesis.toml").write_text(GENESIS)
        veto = founded_as_written(folder, identities)["constitution"]
        (folder / "genesis.toml").write_text(GENESIS.replace('"veto"', '"rules.json"'))
        table = founded_as_written(folder, identities)["constitution"]
        check(table != veto and "2/3" in json.dumps(table) and "3600" in json.dumps(table), f"its own table: {table}")
    development_mode()
    print(f"genesis: governance founded as written, {len(REFUSALS)} files close to it refused")
    return 0


if __name__ == "__main__":
    sys.exit(main())

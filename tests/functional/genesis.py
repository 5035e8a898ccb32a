"""A service outside development mode: what a genesis file says becomes the ledger's, is read once, and every wrong or
unknown setting stops the start with file, line and hint. Its defaults are the safe ones."""

import json
import pathlib
import subprocess
import sys

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from _kms import BIN, REFUSED, ISSUER, CLAIMS, Kms, TokenIssuer, b64url, check, make_identity

GENESIS = """
[members]
certificates = ["member0_cert.pem", "member1_cert.pem", "member2_cert.pem"]

[users]
certificates = "user0_cert.pem"

[issuers]
"http://Demo-jwt-issuer" = "jwks.json"

[policies]
release = "release.json"
jwt = "jwt.json"
rotation = "rotation.json"

[governed]
insecure_seal = true
refresh_interval_seconds_min = 60
"""
RELEASE = {"type": "add", "claims": {"x-ms-sevsnpvm-hostdata": ["11" * 32], "x-ms-sevsnpvm-is-debuggable": False}}


def make_issuer(folder):
    key = rsa.generate_private_key(65537, 2048)
    numbers = key.public_key().public_numbers()
    (folder / "issuer.pem").write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                                          serialization.NoEncryption()))
    (folder / "jwks.json").write_text(json.dumps({"keys": [{
        "kty": "RSA", "kid": "k1", "alg": "RS256", "e": "AQAB", "n": b64url(numbers.n.to_bytes(256, "big"))}]}))
    return TokenIssuer(folder / "issuer.pem", "k1")


def write(folder, genesis=GENESIS, release=RELEASE):
    (folder / "genesis.toml").write_text(genesis)
    (folder / "release.json").write_text(json.dumps({"actions": [{"name": "set_key_release_policy", "args": release}]}))
    (folder / "jwt.json").write_text(json.dumps({"issuer": ISSUER, "validation_policy": CLAIMS}))
    (folder / "rotation.json").write_text(json.dumps({"key_rotation_policy": {
        "rotation_interval_seconds": 2678400, "grace_period_seconds": 604800}}))


def refused(kms, folder, *words, config=None, arguments=None):
    command = [BIN / "vitrined", "--data", kms.data, "--port", "0"]
    command += arguments if arguments is not None else ["--genesis", folder / "genesis.toml"]
    if config is not None:
        (folder / "vitrine.toml").write_text(config)
        command += ["--config", folder / "vitrine.toml"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60)
    check(ended.returncode in REFUSED, f"not refused: {ended.returncode} {ended.stderr}")
    for word in (*words, "vitrined: error: ", "vitrined: hint: "):
        check(word in ended.stderr, f"{word!r} is not in: {ended.stderr}")


def main():
    with Kms(arguments=[]) as kms:
        folder = kms.folder
        for name in ("member0", "member1", "member2", "user0"):
            make_identity(folder, name)
        issuer = make_issuer(folder)
        write(folder)

        refused(kms, folder, "is empty, and no genesis file was given", arguments=[])
        # line 2 of the file is [members]
        write(folder, GENESIS.replace("[members]\n", "[members]\ncolour = 1\n"))
        refused(kms, folder, "genesis.toml, line 3", "colour")
        write(folder, GENESIS.replace("[governed]\n", "[governed]\nacept_at_once = true\n"))
        refused(kms, folder, "genesis.toml, line 17", "acept_at_once", "accept_at_once")
        write(folder, GENESIS.replace("[governed]\n", "[governed]\naccept_at_once = true\n"))
        refused(kms, folder, "genesis.toml, line 17", "accept_at_once", "dev")
        write(folder, GENESIS.replace("insecure_seal = true", "insecure_seal = false"))
        refused(kms, folder, "unsealing by key file is not allowed")
        write(folder, GENESIS.replace("member1_cert.pem", "nobody_cert.pem"))
        refused(kms, folder, "genesis.toml, line 3", "nobody_cert.pem")
        write(folder, GENESIS + "x = \n")
        refused(kms, folder, "genesis.toml, line 19")
        write(folder, release={"type": "add", "claims": {"x-ms-ver": ["3"]}})
        refused(kms, folder, "release.json", "allow_unbound")
        write(folder, release={"type": "add", "claims": {"x-ms-sevsnpvm-hostdata": [
            "73973b78d70cc68353426de188db5dfc57e5b766e399935fb73a61127ea26d20"]}})
        refused(kms, folder, "release.json", "73973b78")
        write(folder)
        refused(kms, folder, "vitrine.toml, line 2", "unknown setting colour", config="\ncolour = 1\n")
        refused(kms, folder, "vitrine.toml, line 2", "listen.port", "0 to 65535", config="[listen]\nport = 70000\n")
        refused(kms, folder, "vitrine.toml, line 1", config="port =\n")
        write(folder, GENESIS + '[service]\nlog_origin = "a b"\n')
        refused(kms, folder, "genesis.toml, line 20", "log_origin must be")
        write(folder)
        refused(kms, folder, "listen must be a table", config="listen = 3\n")
        check(not (kms.data / "service.sealed").exists() and not (folder / "data.unseal-key").exists(),
              "a refused start leaves no secrets behind")

        (folder / "vitrine.toml").write_text(f'data = "{kms.data}"\ngenesis = "{folder}/genesis.toml"\n'
                                             '[listen]\nip_addresses = ["127.0.0.1"]\ndns_names = ["kms.example"]\n')
        kms.arguments = ["--config", folder / "vitrine.toml"]
        kms.start()
        network = kms.get("/node/network").json()
        check(network["vitrine"]["dev"] is False and network["vitrine"]["insecure_seal"] is True, f"shown: {network}")
        answer = kms.get("/app/heartbeat")
        check("x-vitrine-dev" not in answer.headers, "no dev header outside dev")
        check((folder / "data.unseal-key").stat().st_mode & 0o777 == 0o600, "the unseal key lies beside the data folder, 0600")
        check(not (kms.data / "common").exists(), "no folder of clear secrets")

        # Safe defaults: refresh wants a caller, keeps an interval; proposals are not accepted at once.
        check(kms.post("/app/refresh").status == 401, "refresh is guarded")
        first = kms.post("/app/refresh", token=issuer.token())
        check(first.status == 200 and "expiry" in first.json(), f"refresh with a token: {first}")
        again = kms.post("/app/refresh", token=issuer.token())
        check(again.status == 503 and 50 <= int(again.headers["retry-after"]) <= 60, f"too soon: {again}")
        check(kms.post("/app/refresh", token=issuer.token(sub="other")).status == 401, "another subject")
        check(kms.post("/app/refresh", token=issuer.token(iss="http://other")).status == 401, "another issuer")
        envelope = make_identity(folder, "user0").envelope([])
        proposal = kms.post("/app/proposals", envelope, headers={"content-type": "application/cose"})
        check(proposal.status == 401 and "Signer is not" in proposal.body, f"proposals: {proposal}")
        check(kms.get("/app/keyReleasePolicy").json() == {"type": "add", "claims": {
            "x-ms-sevsnpvm-hostdata": ["11" * 32], "x-ms-sevsnpvm-is-debuggable": [False]}}, "the genesis policy is in force")
        check(kms.stop() == 0, "SIGTERM")

        # The genesis file changed: the ledger does not, and the log says so.
        write(folder, release={**RELEASE, "claims": {"x-ms-sevsnpvm-hostdata": ["22" * 32]}})
        kms.start()
        check("genesis file ignored: it differs" in kms.log.read_text(), "the change is named in the log")
        check("11" * 32 in kms.get("/app/keyReleasePolicy").body, "and changes nothing")
        check(kms.stop() == 0, "SIGTERM")
        refused(kms, folder, "born without --dev", arguments=["--dev"])
        print("genesis: read once, wrong settings named by file and line, safe defaults in force")
    return 0


if __name__ == "__main__":
    sys.exit(main())

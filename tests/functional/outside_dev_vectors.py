"""What a service that was founded by a genesis file refuses and development mode does not: proposals without votes, keys
made too soon or under an id still in use, the wrapping key whose private half is published, policies that anybody's
workload satisfies. Beside each refusal, what is close to it and accepted."""

import hashlib
import subprocess
import sys
import time

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from _founded import Signer, founded, refused_with
from _kms import BIN, REFUSED, CLAIMS, ISSUER, Identity, check, sample, sample_wrapping_key, unwrap
from _snp import Attester

JWT = {"issuer": ISSUER, "validation_policy": CLAIMS}
PERMISSIVE = ["73973b78d70cc68353426de188db5dfc57e5b766e399935fb73a61127ea26d20",
              "cadd74f71ebb8fbf9782baab649612520f3c416bc5ce9ac768808ddc8d9b031c",
              "4f4448c67f3c8dfc8de8a5e37125d807dadcc41f06cf23f615dbd52eec777d10",
              "7925760b568ed7719a785adf5c6b03255d1c520d91bb1da334a38062a6c5a0ff"]
HOST_DATA, MEASUREMENT = "x-ms-sevsnpvm-hostdata", "x-ms-sevsnpvm-launchmeasurement"


def spki_pem(key):
    return key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()


def pkcs8_pem(key):
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


def last(kms):
    return kms.get("/app/commit").json()["transaction_id"]


def proposals(signer):
    """401 for anyone, a registered user included, and nothing changes."""
    with founded("", issuers={ISSUER: [signer.jwk()]}, jwt=[JWT]) as kms:
        kms.start()
        user = Identity(kms.folder / "user0_cert.pem", kms.folder / "user0_privk.pem")
        before = last(kms)
        action = {"name": "set_key_release_policy", "args": {"type": "add", "claims": {HOST_DATA: "11" * 32}}}
        for headers in ({"content-type": "application/cose"}, {}):
            for body in (user.envelope([action]), b"", b"no envelope"):
                for token in (None, signer.token()):
                    answer = kms.post("/app/proposals", body, headers=headers, token=token)
                    error = answer.json()["error"]
                    check(answer.status == 401 and error["code"] == "InvalidAuthenticationInfo", f"{answer}")
                    (detail,) = error["details"]
                    wanted = ("Missing content-type header" if not headers else
                              "Signer is not listed as a proposer" if body not in (b"", b"no envelope") else "")
                    check(detail["auth_policy"] == "user_cose_sign1" and wanted in detail["message"] != "", f"{answer}")
                    check(answer.headers["www-authenticate"] == 'COSE-SIGN1 realm="Signed request access"', f"{answer}")
        check(last(kms) == before, "nothing was appended")
        check(kms.get("/app/keyReleasePolicy").status == 500, "no policy was set")
        check(kms.get("/app/proposals").json() == [], "and none is kept")


def too_soon(signer):
    """The default interval is 60 s; a governed shorter one is kept too, and no longer."""
    with founded("", issuers={ISSUER: [signer.jwk()]}, jwt=[JWT]) as kms:
        kms.start()
        token = signer.token()
        began = time.monotonic()
        check(kms.post("/app/refresh", token=token).status == 200, "the first key")
        before = last(kms)
        answer = kms.post("/app/refresh", token=token)
        passed = time.monotonic() - began
        check(passed > 60 or answer.status == 503, f"the second at once: {answer}")
        check(60 - passed - 1 <= int(answer.headers["retry-after"]) <= 60, f"{answer}")
        check(answer.headers["x-vitrine-reason"] ==
              "refresh: the newest key is younger than the governed minimum interval", f"{answer}")
        check(answer.body == "" and last(kms) == before, "nothing was appended")
    with founded("refresh_interval_seconds_min = 1\n", issuers={ISSUER: [signer.jwk()]}, jwt=[JWT]) as kms:
        kms.start()
        first = kms.post("/app/refresh", token=signer.token()).json()
        time.sleep(1.05)
        second = kms.post("/app/refresh", token=signer.token())
        check(second.status == 200 and second.json()["id"] == first["id"] + 1, f"after the interval: {second}")


def ids(signer):
    """Ids repeat after 90 keys. The 91st waits for the first to expire; without a rotation policy none ever does."""
    def ninety(kms, token):
        began = time.monotonic()
        made = [kms.post("/app/refresh", token=token) for _ in range(90)]
        check(all(answer.status == 200 for answer in made), "ninety keys")
        keys = [answer.json() for answer in made]
        check(len({key["id"] for key in keys}) == 90, "each with an id of its own")
        return began, keys

    governed = "refresh_interval_seconds_min = 0\n"
    with founded(governed, issuers={ISSUER: [signer.jwk()]}, jwt=[JWT]) as kms:
        kms.start()
        _, keys = ninety(kms, signer.token())
        answer = kms.post("/app/refresh", token=signer.token())
        check(answer.status == 503 and int(answer.headers["retry-after"]) == 3600, f"the 91st: {answer}")
        check(answer.headers["x-vitrine-reason"] ==
              "refresh: the next key's id is still used by the unexpired key " + keys[0]["kid"], f"{answer}")
    # Expired when the interval is over, and no sooner, however long the ninety took.
    interval = 15
    rotation = {"key_rotation_policy": {"rotation_interval_seconds": interval, "grace_period_seconds": 1}}
    with founded(governed, issuers={ISSUER: [signer.jwk()]}, jwt=[JWT], rotation=rotation) as kms:
        kms.start()
        began, keys = ninety(kms, signer.token())
        refused = 0
        while True:
            answer = kms.post("/app/refresh", token=signer.token())
            passed = time.monotonic() - began
            if answer.status == 200:
                break
            refused += 1
            check(answer.status == 503 and passed < interval + 20, f"after {passed:.1f} s: {answer}")
            time.sleep(min(1.0, int(answer.headers["retry-after"])))
        check(passed >= interval, f"not while the first key is in use: {passed:.1f} s")
        check(answer.json()["id"] == keys[0]["id"], f"the 91st takes the first one's id: {answer}")
        check(refused > 0 or passed > interval, "it had to wait")


def published_wrapping_key(signer):
    """The samples' evidence is genuine and binds a wrapping key that everybody has: nobody gets anything by it."""
    attester = Attester.make()
    release = {"type": "add", "claims": {"x-ms-ver": ["2", "3"]}, "allow_unbound": True}
    with founded("refresh_interval_seconds_min = 0\n", issuers={ISSUER: [signer.jwk()]}, jwt=[JWT], release=release) as kms:
        kms.start()
        token = signer.token()
        kid = kms.post("/app/refresh", token=token).json()["kid"]
        text = sample_wrapping_key()
        check(hashlib.sha256(text.encode()).hexdigest() ==
              "36b03dab8e8751b26d9b33fa2fa1296f823a238ef3dd604f758a4aff5b2b41d0", "the published one")
        before = last(kms)
        for name in ("snp-v2-ms.json", "snp-v3-ispirt.json"):
            answer = kms.post("/app/unwrapKey", {"attestation": sample(name), "wrappingKey": text, "wrappedKid": kid},
                              token=token)
            reason = refused_with(answer, 400, error_code="WRAPPING_KEY_ERROR", error_details="status_code:400")
            check(reason == "release: the private half of this wrapping key is published", reason)
        check(last(kms) == before, "no release")
    release = {"type": "add", "claims": {HOST_DATA: "11" * 32}}
    with founded(attester.genesis, issuers={ISSUER: [signer.jwk()]}, jwt=[JWT], release=release) as kms:
        kms.start()
        token = signer.token()
        kid = kms.post("/app/refresh", token=token).json()["kid"]

        def release_to(text):
            return kms.post("/app/unwrapKey", {"attestation": attester.attestation(text), "wrappingKey": text,
                                               "wrappedKid": kid}, token=token)

        published = sample_wrapping_key()
        refused_with(release_to(published), 400, error_code="WRAPPING_KEY_ERROR")
        body = "".join(published.split("\n")[1:-2])
        for width in (48, len(body)):
            text = "\n".join(["-----BEGIN PUBLIC KEY-----", *(body[at:at + width] for at in range(0, len(body), width)),
                              "-----END PUBLIC KEY-----", ""])
            answer = release_to(text)
            check(answer.status == 400 and answer.headers["x-vitrine-reason"].startswith("wrapping key: PEM: "),
                  f"the same key in another text is no fresh one: {answer}")
        mine = rsa.generate_private_key(65537, 4096)
        answer = release_to(spki_pem(mine))
        check(answer.status == 200 and b'"kid"' in unwrap(answer.json()["wrapped"], pkcs8_pem(mine)), f"a fresh key: {answer}")


def refused_policy(args, *words):
    """The start with this release policy must fail and name each of the words."""
    with founded("", release=args) as kms:
        ended = subprocess.run([BIN / "vitrined", *kms.arguments, "--data", kms.data, "--port", "0"],
                               capture_output=True, text=True, timeout=60)
        check(ended.returncode in REFUSED, f"{args} was taken: {ended.stderr}")
        for word in ("release.json", "allow_unbound", *words):
            check(word in ended.stderr, f"{word!r} is not in: {ended.stderr}")


def unbound_policies():
    claims = {"x-ms-ver": ["2", "3"], "x-ms-sevsnpvm-is-debuggable": False}
    refused_policy({"type": "add", "claims": claims}, "pins")
    refused_policy({"type": "add", "claims": claims, "allow_unbound": False}, "pins")
    refused_policy({"type": "add", "claims": claims, "gte": {"uvm_endorsements-svn": 100}}, "pins")
    for value in PERMISSIVE:
        refused_policy({"type": "add", "claims": {**claims, HOST_DATA: value}}, value)
    refused_policy({"type": "add", "claims": {**claims, HOST_DATA: ["11" * 32, PERMISSIVE[1]]}}, PERMISSIVE[1])
    # On Azure's hosts the measurement is the utility VM's, which everybody runs; of a raw report it is the workload's.
    refused_policy({"type": "add", "claims": {**claims, MEASUREMENT: "22" * 48}}, "pins")
    accepted = [
        {"type": "add", "claims": {**claims, HOST_DATA: "11" * 32}},
        {"type": "add", "claims": {**claims, HOST_DATA: PERMISSIVE[0][:-1] + "1"}},
        {"type": "add", "claims": {**claims, MEASUREMENT: "22" * 48}, "profiles": ["snp"]},
        {"type": "add", "claims": claims, "allow_unbound": True},
        {"type": "add", "claims": {**claims, HOST_DATA: PERMISSIVE}, "allow_unbound": True},
    ]
    for args in accepted:
        with founded("", release=args) as kms:
            kms.start()
            shown = kms.get("/app/keyReleasePolicy").json()
            check(shown.get("allow_unbound") == args.get("allow_unbound"), f"{args} is shown as {shown}")


def main():
    signer = Signer("k1")
    proposals(signer)
    too_soon(signer)
    ids(signer)
    published_wrapping_key(signer)
    unbound_policies()
    print("outside dev: no proposals, no hurried keys, no id twice, no published wrapping key, no policy for everybody")
    return 0


if __name__ == "__main__":
    sys.exit(main())

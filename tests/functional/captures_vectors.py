"""Replays the recorded answers of the KMS that Vitrine replaces (vectors/kms/captures) against vitrined --dev: status,
header names, fixed header values and the shape of every body must be the recorded ones, but for the differences listed
here, each of which is a Rule of kms-api.md or a decision."""

import base64
import json
import re
import sys
import time

from _kms import VECTORS, Kms, TokenIssuer, check, make_identity, sample, sample_wrapping_key, unwrap, verify_receipt

# name of the exchange → what we answer instead, and why
DIFFERENT_STATUS = {
    "auth garbage token": 401,              # 1.4, Rule: undecodable tokens are 401
    "right after refresh: pubkey": 200,     # 1.5: receipts are ready with the answer
    "key v2 report": 200,                   # 6.2, Rule: report version 2 is accepted
    "proposal not cose": 401,               # 1.4, Rule
    "proposal without created_at": 401,     # 12.2 #6: required
    "old proposal after that": 400,         # 12.2 #6: so the order check still holds
}
DIFFERENT_BODY = set(DIFFERENT_STATUS) | {
    "auth no iss", "auth other iss",        # the texts name our reasons
    "auth two parts", "auth expired",
    "keyRotationPolicy",                    # decisions.md, Wire: I+ is in, so 404 has an empty body
    "proposals",                            # compared by themselves below
}
OURS = re.compile(r"^(x-vitrine-.*|x-ms-kms-request-id)$")
VARIABLE_HEADERS = {"content-length", "date", "x-ms-ccf-transaction-id", "x-ms-kms-request-id"}


def shape(value):
    """Member names in order and types, without the values."""
    if isinstance(value, dict):
        return {name: shape(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [shape(inner) for inner in value]
    return type(value).__name__


def body_of(exchange, kid):
    request = exchange["request"]
    if "body_hex" in request:
        return bytes.fromhex(request["body_hex"])
    if "body" not in request:
        return None

    def filled(value):
        if value == "@attestation/snp-v3-ispirt.json":
            return sample("snp-v3-ispirt.json")
        if value == "@attestation/snp-v2-ms.json":
            return sample("snp-v2-ms.json")
        if value == "@wrapping/publicWrapKey.pem":
            return sample_wrapping_key()
        if isinstance(value, dict):
            return {name: filled(inner) for name, inner in value.items()}
        return kid(value) if isinstance(value, str) else value

    return json.dumps(filled(request["body"]))


def main():
    recorded = json.loads((VECTORS / "kms/captures/ispirt-on-ccf7.json").read_text())
    exchanges = recorded["exchanges"]
    by_name = {exchange["name"]: exchange for exchange in exchanges}
    with Kms() as kms:
        kms.common.mkdir(parents=True)
        # The identities of the recording, registered as they are: its signed envelopes are replayed as they were signed.
        for name, certificate in (("member0", by_name["auth member"]), ("user0", by_name["auth user"])):
            (kms.common / f"{name}_cert.pem").write_text(json.loads(certificate["response"]["body"])["auth"]["cert"])
        user = make_identity(kms.common, "user1")
        member = make_identity(kms.common, "member1")
        kms.start()
        issuer = kms.issuer()
        tokens = {
            "auth wrong sub": issuer.token(sub="somebody-else"),
            "auth expired": issuer.token(exp=int(time.time()) - 10),
            "auth no iss": issuer.token(remove=["iss"]),
            "auth other iss": issuer.token(iss="http://another-issuer"),
            "auth no nbf": issuer.token(remove=["nbf"]),
            "auth array claim": issuer.token(name=["Cool caller"]),
            "auth garbage token": "a.b.c",
            "auth two parts": "a.b",
        }
        recorded_kid = json.loads(by_name["refresh"]["response"]["body"])["kid"]
        current = {"kid": None}

        def kid(text):
            return text.replace(recorded_kid, current["kid"] or recorded_kid)

        wrong = []
        for exchange in exchanges:
            name, request, expected = exchange["name"], exchange["request"], exchange["response"]
            identity = {"auth member": member, "auth user": user, "key member certificate": member}.get(name)
            token = tokens.get(name)
            if request["auth"] == "valid token":
                token = issuer.token()
            if name == "unwrapKey expired":
                time.sleep(2.1)  # the recorded rotation policy says one second
            path = kid(request["path"])
            if name == "receipt":
                path = "/app/receipt?transaction_id=" + current["transaction"]
            answer = kms.request(request["method"], path, body_of(exchange, kid), headers=request["headers"], token=token,
                                 identity=identity)
            if name == "refresh":
                current["kid"] = answer.json()["kid"]
                current["transaction"] = answer.headers["x-ms-ccf-transaction-id"]

            def differs(what, ours, theirs):
                wrong.append(f"{name}: {what} is {ours!r}, recorded {theirs!r}")

            status = DIFFERENT_STATUS.get(name, expected["status"])
            if answer.status != status:
                differs("status", answer, status)
                continue
            if answer.headers.get("content-length") != str(len(answer.body.encode())):
                differs("content-length", answer.headers.get("content-length"), len(answer.body))
            if "x-ms-kms-request-id" not in answer.headers:
                differs("x-ms-kms-request-id", None, "present")
            if name in DIFFERENT_STATUS:
                continue
            names = {header for header in answer.headers if not OURS.match(header)}
            recorded_names = {header for header in expected["headers"] if not OURS.match(header)}
            if name == "keyRotationPolicy":
                recorded_names -= {"content-type"}
            if names != recorded_names:
                differs("headers", sorted(names), sorted(recorded_names))
            for header, value in expected["headers"].items():
                if header not in VARIABLE_HEADERS and header in answer.headers and answer.headers[header] != kid(value):
                    differs(header, answer.headers[header], kid(value))
            if name in DIFFERENT_BODY:
                continue
            if not expected["body"]:
                if answer.body:
                    differs("body", answer.body, "")
                continue
            ours, theirs = answer.json(), json.loads(expected["body"])
            if name == "node network":
                check(ours.pop("vitrine")["dev"] is True, "dev is shown in /node/network")
            if name.startswith("auth") and "auth" in ours and "jwt" in ours["auth"]:
                check(ours["auth"]["jwt"]["payload"].items() >= {"iss": "http://Demo-jwt-issuer"}.items(), "payload")
                ours, theirs = shape(ours["auth"]["jwt"].keys() == theirs["auth"]["jwt"].keys()), shape(True)
            if expected["status"] != 200:
                if ours != theirs:
                    differs("body", ours, theirs)
            elif isinstance(ours, dict) and "receipt" in ours:
                transaction = verify_receipt(ours["receipt"], (kms.data / "service_cert.pem").read_text())
                check(transaction == current["transaction"], "the key's receipt names the entry that made it")
                ours.pop("receipt"), theirs.pop("receipt")
            elif name == "receipt":
                verify_receipt(ours, (kms.data / "service_cert.pem").read_text())
            if shape(ours) != shape(theirs) and name != "receipt":
                differs("shape", shape(ours), shape(theirs))
            if isinstance(ours, dict) and "receipt" not in name and name not in ("receipt",):
                if list(ours) != list(theirs):
                    differs("member order", list(ours), list(theirs))
            if name in ("keyReleasePolicy", "settingsPolicy", "jwtValidationPolicy", "keyReleasePolicy after removal",
                        "keyReleasePolicy empty", "empty: settingsPolicy", "heartbeat", "set_key_rotation_policy"):
                if answer.body != expected["body"]:
                    differs("body", answer.body, expected["body"])
            if name == "unwrapKey ok":
                private = json.loads(unwrap(ours["wrapped"]))
                check(private["kid"] == current["kid"] and list(private)[:3] == ["crv", "d", "kid"], "private JWK")
                # The private half belongs to the public one (RFC 7748, by OpenSSL).
                from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
                from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
                raw = base64.urlsafe_b64decode(private["d"] + "=")
                public = X25519PrivateKey.from_private_bytes(raw).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
                check(base64.urlsafe_b64encode(public).rstrip(b"=").decode() == private["x"], "d and x are a pair")
            if name == "unwrapKey tink":
                keyset = unwrap(ours["wrapped"])
                check(len(keyset) == 101 and keyset[:2] == b"\x12\x63", "Tink keyset")
            if name == "proposals":
                check(all(bytes.fromhex(item) for item in ours), "hex envelopes")
        check(len(exchanges) == 85, "the recording has 85 exchanges")
        if wrong:
            print("\n".join(wrong))
            return 1
        print(f"{len(exchanges)} recorded exchanges answered as recorded, {len(DIFFERENT_STATUS)} with the status that a Rule asks")
        return 0


if __name__ == "__main__":
    sys.exit(main())

"""Corners of the contract that were once missed: paths of the node under /app, an envelope over nothing, lengths in
characters, OHTTP key ids with a leading zero, the same signed proposal in other bytes."""

import sys
import time

import cbor2

from _kms import Kms, check
from proposals import COSE, CREATED, set_settings, sign


def node_paths(kms):
    # kms-api.md 1.1: the prefix is the app's; 1.6: what is no path of ccf.md 9 is unknown.
    for path in ("network", "state", "version", "ready/app", "network/nodes", "commit"):
        answer = kms.get("/app/node/" + path)
        check(answer.status == 404, f"/app/node/{path} is answered with {answer.status}, wanted 404")


def empty_envelope(kms):
    # kms-api.md 1.4: a COSE user with an empty payload fails the identity check: 401 with an empty body.
    answer = kms.post("/app/proposals", sign(kms.user(0), b""), headers=COSE)
    check(answer.status == 401 and answer.body == "", f"an envelope over nothing: {answer}")


def characters(kms):
    # kms-api.md 2.7, 4b: the length is the number of characters.
    answer = kms.post("/app/unwrapKey", {"attestation": {}, "wrappedKid": "x", "wrappingKey": "\u00e9\u00e9"},
                      token=kms.issuer().token())
    length = answer.headers.get("x-ms-kms-wrapping-key-length")
    check(length == "2", f"two characters are {length} long")


def leading_zero(kms):
    # kms-api.md 2.6, I+: digits only are a number, and 017 is 17.
    check(kms.post("/app/refresh").json()["id"] == 11, "the first key")
    for kid in ("17", "017"):
        answer = kms.post("/app/key?fmt=odd&kid=" + kid, {"attestation": {}}, token=kms.issuer().token())
        check(answer.status == 400, f"kid={kid} is looked up, and then fmt is refused: {answer}")


def replay_in_other_bytes(kms):
    # kms-api.md 12.2 #6, attestation.md 1.5: what is signed is known, whatever is around it. Whoever reads the public
    # GET /app/proposals can write the map that nobody signs anew, or s as n - s, and must not bring an old policy back.
    order = 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973  # of P-384
    user, now = kms.user(0), int(time.time()) + 10

    def name():
        return kms.get("/app/settingsPolicy").json()["service"]["name"]

    envelope = sign(user, {"actions": [set_settings("old")]}, header={CREATED: now})
    check(kms.post("/app/proposals", envelope, headers=COSE).status == 200, "the first")
    check(kms.post("/app/proposals", sign(user, {"actions": [set_settings("new")]}, header={CREATED: now}),
                   headers=COSE).status == 200, "another within the same second")
    protected, _, payload, signature = cbor2.loads(envelope).value
    other = signature[:48] + (order - int.from_bytes(signature[48:], "big")).to_bytes(48, "big")
    for what, whole in (("unprotected map", [protected, {"x": 1}, payload, signature]), ("n - s", [protected, {}, payload, other])):
        answer = kms.post("/app/proposals", cbor2.dumps(cbor2.CBORTag(18, whole)), headers=COSE)
        check(answer.status == 400 and name() == "new", f"replayed with another {what}: {answer.status}, {name()!r} is in force")


def main():
    wrong = []
    with Kms() as kms:
        kms.start()
        kms.set_demo_policies()
        for corner in (node_paths, empty_envelope, characters, leading_zero, replay_in_other_bytes):
            try:
                corner(kms)
            except AssertionError as error:
                wrong.append(f"{corner.__name__}: {error}")
    print("\n".join(wrong) or "corners of the contract: as it says")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

"""/app/proposals and the policy GETs: signed envelopes by every rule of kms-api.md 2.9 and 8.1 and ccf.md 2, all or
nothing, order and replay, the five that are kept, and how release policies merge (7.1)."""

import base64
import datetime
import hashlib
import json
import sys
import time

import cbor2
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from _cose import ALGORITHMS, COSE, CREATED, OWN, TYPE, sign
from _founded import Signer, founded
from _kms import CLAIMS, ISSUER, Identity, Kms, check, make_identity

SETTINGS = {"service": {"name": "n", "description": "d", "version": "1", "debug": False}}


def set_settings(name="n", **more):
    return {"name": "set_settings_policy", "args": {"settings_policy": {"service": {**SETTINGS["service"], "name": name}},
                                                    **more}}


class Door:
    def __init__(self, kms, user):
        self.kms, self.user = kms, user

    def post(self, envelope, headers=COSE):
        return self.kms.post("/app/proposals", envelope, headers=headers)

    def state(self):
        return [self.kms.get(path).body for path in ("/app/settingsPolicy", "/app/keyReleasePolicy", "/app/jwtValidationPolicy",
                                                     "/app/keyRotationPolicy", "/app/proposals")]

    def propose(self, *actions, signer=None, **more):
        return self.post(sign(signer or self.user, {"actions": list(actions)}, **more))

    def accepted(self, envelope, why, actions=None, signer=None):
        answer = self.post(envelope)
        check(answer.status == 200, f"{why}: {answer}")
        if actions is not None:
            wanted = [{"ballot_count": 0, "proposal_id": hashlib.sha256(json.dumps(
                action["args"], separators=(",", ":"), ensure_ascii=False).encode()).hexdigest(),
                "proposer_id": (signer or self.user).id, "state": "Accepted", "votes": {}} for action in actions]
            check(answer.json() == wanted, f"{why}: {answer}")
            check(all(list(entry) == list(wanted[0]) for entry in answer.json()), f"{why}: order of members")
        check("x-ms-ccf-transaction-id" in answer.headers, why)
        return answer

    def refused(self, envelope, status, why, message=None, headers=COSE):
        before = self.state()
        answer = self.post(envelope, headers=headers)
        check(answer.status == status, f"{why}: {answer}")
        check("x-ms-ccf-transaction-id" not in answer.headers, why)
        check(self.state() == before, f"{why}: nothing changed")
        if status == 401:
            check(answer.headers["www-authenticate"] == 'COSE-SIGN1 realm="Signed request access"', f"{why}: {answer}")
            error = answer.json()["error"]
            check(list(error) == ["code", "details", "message"] and len(error["details"]) == 1, f"{why}: {answer}")
            check(error["code"] == error["details"][0]["code"] == "InvalidAuthenticationInfo", f"{why}: {answer}")
            check(error["message"] == "Invalid authentication credentials.", f"{why}: {answer}")
            check(error["details"][0]["auth_policy"] == "user_cose_sign1", f"{why}: {answer}")
            if message:
                check(message in error["details"][0]["message"], f"{why}: {answer}")
        elif status in (400, 404):
            check(answer.body == "", f"{why}: {answer}")
        else:
            check(answer.json()["error"]["code"] == "InternalError", f"{why}: {answer}")
        return answer


def signatures(door, users, member):
    payload = {"actions": []}
    user = door.user
    for name, identity in users.items():
        door.accepted(sign(identity, payload), name, [])
        for alg in ALGORITHMS:
            if alg != OWN[identity.key.curve.name]:
                door.refused(sign(identity, payload, alg=alg), 401, f"{name} says {alg}")
                door.refused(sign(identity, payload, alg=alg, hashed=ALGORITHMS[alg][0]), 401, f"{name} signs with {alg}")
    stranger = make_identity(door.kms.common, "stranger")
    door.refused(sign(stranger, payload), 401, "a stranger", "Signer is not a known user")
    door.refused(sign(member, payload), 401, "a member is no user", "Signer is not a known user")
    other = users["user384"]
    door.refused(sign(user, payload, header={4: other.id.encode()}), 401, "another's kid")
    for kid, why in ((bytes.fromhex(user.id), "the raw digest"), (user.id.upper().encode(), "upper case"), (b"", "empty"),
                     (user.id, "text, not bytes"), (user.id.encode() + b"\n", "and more"), (None, "null")):
        door.refused(sign(user, payload, header={4: kid}), 401, f"kid is {why}")
    for tag in (None, 17, 98, 97, 61):
        door.refused(sign(user, payload, tag=tag), 401, f"tag {tag}")
    for label, why in ((1, "alg"), (4, "kid"), (CREATED, "created_at")):
        door.refused(sign(user, payload, drop=(label,)), 401, f"no {why}", why)
        value = {1: OWN[user.key.curve.name], 4: user.id.encode(), CREATED: int(time.time())}[label]
        door.refused(sign(user, payload, drop=(label,), unprotected={label: value}), 401, f"{why} not protected", why)
    door.accepted(sign(user, payload, drop=(TYPE,)), "the type need not be there")
    for wrong in ("ballot", "ack", "Proposal", "", None, 1):
        door.refused(sign(user, payload, header={TYPE: wrong}), 401, f"type {wrong!r}")
    for wrong in (-1, None, "2026-11-24", str(int(time.time())), float(int(time.time())), 10_000_000_000, 2**63, [1]):
        door.refused(sign(user, payload, header={CREATED: wrong}), 401, f"created_at {wrong!r}")
    for alg in (-8, -37, -257, 5, 0, "ES384", None):
        door.refused(sign(user, payload, header={1: alg}), 401, f"alg {alg!r}")
    door.accepted(sign(user, payload, header={"more": [1]}), "unknown protected labels")
    door.accepted(sign(user, payload, unprotected={"more": 1, 99: b"x"}), "the unprotected map is not read")
    good = cbor2.loads(sign(user, payload)).value
    for index in (0, 2, 3):
        changed = list(good)
        changed[index] = changed[index][:-1] + bytes([changed[index][-1] ^ 1])
        door.refused(cbor2.dumps(cbor2.CBORTag(18, changed)), 401, f"element {index} altered")
    for signature, why in ((good[3][:-1], "short"), (good[3] + b"\0", "long"), (bytes(96), "zeros"), (b"", "empty"),
                           (good[3][48:] + good[3][:48], "s, r")):
        door.refused(sign(user, payload, signature=signature), 401, f"signature {why}")
    whole = sign(user, payload)
    for envelope, why in ((whole + b"\0", "a byte more"), (whole[:-1], "a byte less"), (b"", "empty"), (b"x" * 300, "text"),
                          (cbor2.dumps(cbor2.CBORTag(18, good[:3])), "three elements"),
                          (cbor2.dumps(cbor2.CBORTag(18, good + [1])), "five elements"),
                          (cbor2.dumps(cbor2.CBORTag(18, [good[0], {}, None, good[3]])), "detached"),
                          (cbor2.dumps(cbor2.CBORTag(18, [cbor2.loads(good[0]), {}, *good[2:]])), "protected is a map"),
                          (cbor2.dumps(cbor2.CBORTag(18, cbor2.CBORTag(18, good))), "tagged twice"),
                          (b"\xd8\x12" + whole[1:], "tag in two bytes"), (json.dumps(payload).encode(), "plain JSON"),
                          (b"\xff" * 40, "no CBOR"), (b"\x9f" * 5000, "deep")):
        door.refused(envelope, 401, why)
    twice = b"\xa5" + cbor2.dumps({1: -35, 4: user.id.encode(), TYPE: "proposal", CREATED: int(time.time())})[1:] + \
        cbor2.dumps(1) + cbor2.dumps(-35)
    door.refused(sign(user, payload, protected=twice), 401, "a label twice")
    for content_type, message in ((None, "Missing content-type header"),
                                  *((text, "Content type is not set to application/cose") for text in (
                                      "application/cose; charset=utf-8", "application/cose;", "application/json", "Application/Cose",
                                      "application/cose-sign1", 'application/cose; cose-type="cose-sign1"', ""))):
        headers = {} if content_type is None else {"content-type": content_type}
        door.refused(sign(user, payload), 401, f"content type {content_type}", message, headers=headers)


def actions(door):
    """One or several, all or none; ids; statuses."""
    user = door.user
    for list_of in ([], [set_settings("a")], [set_settings("a"), set_settings("b"), set_settings("a")],
                    [set_settings("\u00e9\U0001f600 \"q\" \\ /")]):
        door.accepted(sign(user, {"actions": list_of}), f"{len(list_of)} actions", list_of)
    door.refused(sign(user, {"actions": [set_settings("a", zz=[1, -2, True, None, {"b": 1, "a": 2}])]}), 500, "an unknown arg")
    spaced = '{ "actions" : [ { "args" : ' + json.dumps(set_settings("spaced")["args"], indent=3) + \
        ',\n"name" : "set_settings_policy" } ] }'
    door.accepted(sign(user, spaced), "white space does not count for ids", [set_settings("spaced")])
    check(json.loads(door.kms.get("/app/settingsPolicy").body)["service"]["name"] == "spaced", "the last one is in force")
    bad = {"name": "set_settings_policy", "args": {"settings_policy": {"service": {"name": "x"}}}}
    unknown = {"name": "no_such_action", "args": {}}
    for name in ("no_such_action", "set_jwt_issuer", "set_member", "set_user", "remove_jwt_issuer", "set_js_app", "",
                 "Set_settings_policy", "set_jwt_public_signing_keys"):
        door.refused(sign(user, {"actions": [{"name": name, "args": {}}]}), 404, f"action {name!r}")
    door.refused(sign(user, {"actions": [set_settings("x"), unknown]}), 404, "an unknown one after a good one")
    door.refused(sign(user, {"actions": [set_settings("x"), bad]}), 500, "a bad one after a good one")
    door.refused(sign(user, {"actions": [bad, unknown]}), 500, "in order: the first that fails counts")
    door.refused(sign(user, {"actions": [unknown, bad]}), 404, "in order: the first that fails counts")
    for payload in ("not json", "[]", "{}", "null", '{"actions":{}}', '{"actions":null}', '{"actions":[3]}', '{"actions":[{}]}',
                    '{"actions":[],"actions":[]}', '{"actions":[]} x', b"\xff", '{"actions":[{"name":1,"args":{}}]}'):
        door.refused(sign(user, payload), 500, f"payload {payload[:30]!r}")
    # Settings policies: four members of their types; more survive.
    service = SETTINGS["service"]
    for name in service:
        without = {key: value for key, value in service.items() if key != name}
        for wrong in (without, {**service, name: None}, {**service, name: 3}, {**service, name: [service[name]]}):
            action = {"name": "set_settings_policy", "args": {"settings_policy": {"service": wrong}}}
            door.refused(sign(user, {"actions": [action]}), 500, f"settings {wrong}")
    for wrong in (None, {}, {"service": None}, {"service": []}, "x"):
        door.refused(sign(user, {"actions": [{"name": "set_settings_policy", "args": {"settings_policy": wrong}}]}), 500,
                     f"settings {wrong}")
    kept = {"service": {"debug": True, "name": "n", "more": {"b": 1, "a": [2]}, "version": "", "description": "d"}, "x": 1}
    door.accepted(sign(user, {"actions": [{"name": "set_settings_policy", "args": {"settings_policy": kept}}]}), "more members")
    check(door.kms.get("/app/settingsPolicy").body == json.dumps(kept, separators=(",", ":")), "as stored")
    # JWT policies: replaced as a whole; text and arrays.
    kms = door.kms
    check(kms.get("/app/jwtValidationPolicy").body == "{}", "none")

    def jwt(issuer, policy):
        return {"name": "set_jwt_validation_policy", "args": {"issuer": issuer, "validation_policy": policy}}

    door.accepted(sign(user, {"actions": [jwt(ISSUER, CLAIMS), jwt("b", {"x": [1, "2", True]})]}), "two issuers")
    door.accepted(sign(user, {"actions": [jwt(ISSUER, {"sub": "s"})]}), "replaced")
    check(kms.get("/app/jwtValidationPolicy").json() == {ISSUER: {"sub": "s"}, "b": {"x": [1, "2", True]}}, "as a whole")
    for issuer, policy in ((3, CLAIMS), (None, CLAIMS), (ISSUER, None), (ISSUER, []), (ISSUER, {"a": 1}), (ISSUER, {"a": {}}),
                           (ISSUER, {"a": None}), (ISSUER, {"a": True})):
        door.refused(sign(user, {"actions": [jwt(issuer, policy)]}), 500, f"{issuer} {policy}")
    # Rotation policies: both integers; more members survive.
    rotation = {"rotation_interval_seconds": 100, "grace_period_seconds": 10, "note": "x"}
    door.accepted(sign(user, {"actions": [{"name": "set_key_rotation_policy", "args": {"key_rotation_policy": rotation}}]}),
                  "rotation")
    check(kms.get("/app/keyRotationPolicy").body == json.dumps(rotation, separators=(",", ":")), "as stored")
    for change in ({"rotation_interval_seconds": "100"}, {"grace_period_seconds": 1.5}, {"grace_period_seconds": None},
                   {"grace_period_seconds": 100}, {"rotation_interval_seconds": -1}, {"grace_period_seconds": -1}):
        action = {"name": "set_key_rotation_policy", "args": {"key_rotation_policy": {**rotation, **change}}}
        door.refused(sign(user, {"actions": [action]}), 500, f"rotation {change}")


def order(door):
    kms, user = door.kms, door.user
    newest = int(time.time()) + 100  # development mode takes any time
    first = sign(user, {"actions": [set_settings("first")]}, header={CREATED: newest})
    door.accepted(first, "newer")
    second = sign(user, {"actions": [set_settings("second")]}, header={CREATED: newest})
    door.accepted(second, "the same second, another envelope")
    door.refused(first, 400, "the first again")
    door.refused(second, 400, "the second again")
    door.refused(sign(user, {"actions": []}, header={CREATED: newest - 1}), 400, "older")
    door.refused(sign(user, {"actions": []}, header={CREATED: 0}), 400, "of 1970")
    for name in ("no_such_action", "set_settings_policy"):
        door.refused(sign(user, {"actions": [{"name": name, "args": {}}]}, header={CREATED: newest - 1}), 400,
                     "age is judged before actions")
    check(kms.get("/app/settingsPolicy").json()["service"]["name"] == "second", "the second is in force")
    door.accepted(sign(user, {"actions": []}, header={CREATED: newest + 1}), "newer")
    for old in (first, second):
        door.refused(old, 400, "old and known")
    check(len(kms.get("/app/proposals").json()) == 5, "five are kept")
    last = []
    for number in range(7):
        last.append(sign(user, {"actions": [set_settings(str(number))]}, header={CREATED: newest + 2}))
        door.accepted(last[-1], f"number {number}")
        check(len(kms.get("/app/proposals").json()) == 5, "five, also within one second (12.1 #9)")
    check(kms.get("/app/proposals").json() == [envelope.hex() for envelope in last[-5:]], "the newest five, oldest first")
    for envelope in last:
        door.refused(envelope, 400, "known though no longer kept")
    # Refused ones are not kept, and do not move the clock.
    door.refused(sign(user, {"actions": [{"name": "x", "args": {}}]}, header={CREATED: newest + 50}), 404, "unknown action")
    door.accepted(sign(user, {"actions": []}, header={CREATED: newest + 3}), "as if it had not been")


def shown(kms):
    return json.loads(kms.get("/app/keyReleasePolicy").body)


def merging(door):
    kms = door.kms
    check(kms.get("/app/keyReleasePolicy").status == 500 and kms.get("/app/keyReleasePolicy").body == "", "not set")
    created = int(time.time()) + 1000

    def propose(status=200, **args):
        envelope = sign(door.user, {"actions": [{"name": "set_key_release_policy", "args": args}]}, header={CREATED: created})
        if status == 200:
            door.accepted(envelope, f"{args}")
        else:
            door.refused(envelope, status, f"{args}")

    def text(wanted):
        body = kms.get("/app/keyReleasePolicy").body
        check(body == json.dumps(wanted, separators=(",", ":")), f"{body}, wanted {wanted}")

    VER, SMT, HOST, SVN = ("x-ms-ver", "x-ms-sevsnpvm-smt-allowed", "x-ms-sevsnpvm-hostdata", "x-ms-sevsnpvm-guestsvn")
    propose(500, type="remove", claims={})
    propose(500, type="remove", claims={VER: "2"})
    propose(type="add", claims={})
    text({"type": "add", "claims": {}})
    propose(type="add", claims={VER: ["2", "3"], SMT: True})
    text({"type": "add", "claims": {VER: ["2", "3"], SMT: [True]}})
    propose(type="add", claims={SMT: [True, False], VER: ["3", 2, "1"], HOST: "aa"}, service="ignored")
    text({"type": "add", "claims": {VER: ["2", "3", 2, "1"], SMT: [True, False], HOST: ["aa"]}})
    propose(type="add", claims={}, gte={VER: "2"}, gt={VER: "1", SVN: 1})
    text({"type": "add", "claims": {VER: ["2", "3", 2, "1"], SMT: [True, False], HOST: ["aa"]}, "gte": {VER: "2"},
          "gt": {VER: "1", SVN: 1}})
    propose(type="add", claims={}, gte={VER: 3}, gt={})
    check(shown(kms)["gte"] == {VER: 3} and shown(kms)["gt"] == {VER: "1", SVN: 1}, "operators overwrite")
    propose(type="remove", claims={VER: ["2", "9"]})
    check(shown(kms)["claims"][VER] == ["3", 2, "1"], "\"2\" is not 2; a value that is not there is passed over")
    propose(type="remove", claims={HOST: "aa"})
    check(HOST not in shown(kms)["claims"], "an empty list disappears")
    propose(500, type="remove", claims={HOST: "aa"})
    propose(500, type="remove", claims={SVN: 1})
    propose(type="remove", claims={}, gt={VER: "whatever", SVN: 0})
    check(shown(kms)["gt"] == {}, "an operator once set stays, emptied")
    propose(500, type="remove", claims={}, gt={VER: "1"})
    propose(type="remove", claims={VER: ["3", 2, "1"], SMT: [True, False]}, gte={VER: 0})
    text({"type": "add", "claims": {}, "gte": {}, "gt": {}})
    propose(type="add", claims={VER: "2"}, lte={SVN: 5}, lt={SVN: "6"})
    text({"type": "add", "claims": {VER: ["2"]}, "gte": {}, "gt": {}, "lt": {SVN: "6"}, "lte": {SVN: 5}})
    propose(type="remove", claims={}, lte={SVN: 5}, lt={SVN: 5})
    check((shown(kms)["lt"], shown(kms)["lte"]) == ({}, {}), "lt and lte, too")
    propose(type="add", claims={}, profiles=["snp-aci"], freshness="none", allow_unbound=True)
    check(list(shown(kms)) == ["type", "claims", "gte", "gt", "profiles", "freshness", "allow_unbound", "lt", "lte"] or
          list(shown(kms))[-2:] == ["lt", "lte"], f"lt and lte stand last: {list(shown(kms))}")
    for args in ({"type": "replace", "claims": {}}, {"type": 3, "claims": {}}, {"claims": {}}, {"type": "add"},
                 {"type": "add", "claims": []}, {"type": "add", "claims": None}, {"type": "add", "claims": {"x-ms-odd": "1"}},
                 {"type": "add", "claims": {}, "gte": {VER: ["2"]}}, {"type": "add", "claims": {}, "gte": {"x-ms-odd": 1}},
                 {"type": "add", "claims": {}, "gte": []}, {"type": "add", "claims": {}, "ge": {VER: 1}},
                 {"type": "add", "claims": {VER: [[]]}}, {"type": "add", "claims": {VER: {}}}, {"type": "add", "claims": {VER: None}},
                 {"type": "Add", "claims": {}}, {"type": "add", "claims": {"signature-r": "00", "constructor": 1}}):
        propose(500, **args)
    every = ["x-ms-attestation-type", "x-ms-compliance-status", "x-ms-policy-hash", "vm-configuration-secure-boot",
             "vm-configuration-secure-boot-template-id", "vm-configuration-tpm-enabled", "vm-configuration-vmUniqueId", VER,
             *("x-ms-sevsnpvm-" + name for name in (
                 "authorkeydigest", "bootloader-svn", "familyId", "guestsvn", "hostdata", "idkeydigest", "imageId",
                 "is-debuggable", "launchmeasurement", "microcode-svn", "migration-allowed", "reportdata", "reportid",
                 "smt-allowed", "snpfw-svn", "tee-svn", "vmpl"))]
    check(len(every) == 25, "the list of 25")
    propose(type="add", claims={name: "x" for name in every})


def outside_dev():
    """Policies from a genesis file; signing keys given as certificates; nobody proposes."""
    maa = "https://sharedeus2.eus2.attest.azure.net"
    signer = Signer("maa", issuer=maa)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, maa)])
    now = datetime.datetime.utcnow()
    certificate = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(signer.key.public_key())
                   .serial_number(1).not_valid_before(now - datetime.timedelta(days=9))
                   .not_valid_after(now + datetime.timedelta(days=9))
                   .add_extension(x509.BasicConstraints(False, None), critical=True).sign(signer.key, hashes.SHA256()))
    x5c = [base64.b64encode(certificate.public_bytes(Encoding.DER)).decode()]
    other = Signer("both", issuer=maa)
    keys = [{"kid": "maa", "kty": "RSA", "x5c": x5c, "n": None, "e": None, "alg": None},
            {"kty": "OKP", "kid": "ed", "crv": "Ed25519", "x": "AA"}, other.jwk(alg=False)]
    settings = {"settings_policy": SETTINGS}
    rotation = {"key_rotation_policy": {"rotation_interval_seconds": 100, "grace_period_seconds": 10}}
    release = {"type": "add", "claims": {"x-ms-sevsnpvm-hostdata": "11" * 32}, "gte": {"x-ms-ver": 2}}
    with founded(issuers={maa: keys}, jwt=[{"issuer": maa, "validation_policy": {"iss": maa}}], settings=settings,
                 rotation=rotation, release=release) as kms:
        kms.start()
        check(kms.get("/app/settingsPolicy").json() == SETTINGS, "settings")
        check(kms.get("/app/keyRotationPolicy").json() == rotation["key_rotation_policy"], "rotation")
        check(kms.get("/app/keyReleasePolicy").json() == {"type": "add", "claims": {"x-ms-sevsnpvm-hostdata": ["11" * 32]},
                                                          "gte": {"x-ms-ver": 2}}, "release")
        check(kms.get("/app/jwtValidationPolicy").json() == {maa: {"iss": maa}}, "jwt")
        check(kms.get("/app/auth", token=signer.token()).json()["auth"]["jwt"]["keyIssuer"] == maa, "x5c alone, as MAA's")
        check(kms.get("/app/auth", token=other.token()).status == 200, "n and e beside it")
        check(kms.get("/app/auth", token=Signer("maa", issuer=maa).token()).status == 401, "not any key")
        check(kms.get("/app/proposals").json() == [], "none")
        user = Identity(kms.folder / "user0_cert.pem", kms.folder / "user0_privk.pem")
        answer = kms.post("/app/proposals", sign(user, {"actions": []}), headers=COSE)
        check(answer.status == 401 and kms.get("/app/proposals").json() == [], f"accepted at once only in dev: {answer}")


def main():
    with Kms() as kms:
        kms.common.mkdir(parents=True)
        users = {"user256": make_identity(kms.common, "user1", ec.SECP256R1()), "user384": make_identity(kms.common, "user2"),
                 "user521": make_identity(kms.common, "user3", ec.SECP521R1())}
        kms.start()
        check(kms.get("/app/proposals").body == "[]" and kms.get("/app/keyRotationPolicy").status == 404, "nothing yet")
        check(kms.get("/app/settingsPolicy").body == '{"service":{"name":"azure-privacy-sandbox-kms","description":'
              '"Key Management Service","version":"1.0.0","debug":false}}', "default settings")
        door = Door(kms, kms.user(0))
        signatures(door, users, kms.member(0))
        actions(door)
        order(door)
        merging(door)
        before = door.state()
        kms.kill()
        kms.start()
        check(door.state() == before, "all of it is in the ledger")
    outside_dev()
    print("proposals: signatures, actions, order, replay, merging and policies as the contract says")
    return 0


if __name__ == "__main__":
    sys.exit(main())

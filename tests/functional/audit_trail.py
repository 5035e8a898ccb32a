"""The operators' trail: a line for each release and each refusal, with the request id, transaction and caller of the ledger's
own entry; none of the secrets that the test knows; rotation, SIGHUP, and a file that takes nothing."""

import hashlib
import json
import os
import re
import sqlite3
import stat
import sys
import time

import cbor2
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from _kms import CLAIMS, ISSUER, Kms, check, make_wrapping_key
from _snp import Attester
from logs import forms
from restart import derive, unsealed_service

ALWAYS = {"time", "event", "request", "endpoint", "status", "microseconds", "caller"}


def trail(kms, name="audit_trail.jsonl"):
    text = (kms.data / name).read_text()
    check(text.endswith("\n") and text.isascii(), "whole lines of ASCII")
    lines = [json.loads(line) for line in text.splitlines()]
    for line in lines:
        check(ALWAYS <= set(line), f"{line}")
        check(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line["time"]), line["time"])
        check(type(line["microseconds"]) is int and line["microseconds"] > 0, f"{line}")
        check(("reason" in line) == (line["status"] >= 300) and ("transaction" in line) == (line["status"] == 200), f"{line}")
    return lines


def entry_of(kms, transaction):
    seqno = int(transaction.split(".")[1])
    with sqlite3.connect(f"file:{kms.data}/ledger.db?mode=ro", uri=True) as database:
        leaf, sealed = database.execute("SELECT leaf, sealed FROM entries ORDER BY rowid LIMIT 1 OFFSET ?",
                                        (seqno - 1,)).fetchone()
    database.close()
    leaf = cbor2.loads(leaf)
    check(f"{leaf[2][0]}.{leaf[2][1]}" == transaction, "that entry")
    return leaf, sealed


def agrees_with_the_ledger(kms, line):
    """Against the entry's public part, and against its sealed part, opened by its published format."""
    leaf, stored = entry_of(kms, line["transaction"])
    public = leaf[5]
    check(leaf[4] == 7 and public[1] == line["kid"], f"a release of that key: {public}")
    check(public[7].hex() == line["caller_hash"], "the same caller")
    service_id, _, secret = unsealed_service(kms)
    if 9 in public:
        parts = b"vitrine request v1" + service_id + public[6] + line["request"].encode()
        check(public[9] == hashlib.sha256(parts).digest(), "the same request, as anyone can check")
    keys = derive(secret, stored[:32], b"vitrine seal v1" + service_id, 64)
    sealed = json.loads(AESGCM(keys[:32]).decrypt(bytes(12), stored[64:], cbor2.dumps([service_id, leaf[6][0], 7, public[6]])))
    check(sealed["request"] == line["request"], f"the same request: {sealed}")
    check(sealed["caller"] == f"jwt {ISSUER} {CLAIMS['sub']}", f"and the caller by name: {sealed}")


def job(kms):
    """What the trail must tell: (request id, event, endpoint, status, words of the reason)."""
    wanted = []

    def send(event, method, path, status, reason, body=None, headers=None, **more):
        request = f"trail-{len(wanted)}"
        answer = kms.request(method, path, body, {**(headers or {}), "x-ms-request-id": request}, **more)
        check(answer.status == status, f"wanted {status}: {answer}")
        if event:
            wanted.append((request, event, f"{method} {path.split('?')[0].removeprefix('/app')}", status, reason))
        return answer

    cose = {"content-type": "application/cose"}
    jwt = {"name": "set_jwt_validation_policy", "args": {"issuer": ISSUER, "validation_policy": CLAIMS}}
    release = {"name": "set_key_release_policy", "args": {"type": "add", "claims": {
        "x-ms-ver": ["2", "3"], "x-ms-sevsnpvm-is-debuggable": False}}}
    for action in (jwt, release):
        send("governance_accepted", "POST", "/app/proposals", 200, "", kms.user(0).envelope([action]), cose)
    send("governance_refused", "POST", "/app/proposals", 401, "", b"no envelope", cose)
    send("governance_refused", "POST", "/app/proposals", 404, "no_such", kms.user(0).envelope([{"name": "no_such", "args": {}}]), cose)
    key = send("key_created", "POST", "/app/refresh", 200, "").json()
    token = kms.issuer().token()
    _, text = make_wrapping_key()
    body = {"attestation": Attester.of_dev_service(kms.common).attestation(text), "wrappingKey": text,
            "wrappedKid": key["kid"]}
    send(None, "POST", "/app/key", 200, "", {"attestation": body["attestation"]}, token=token)  # gives no key
    for query in ("", "?fmt=tink"):
        send("key_released", "POST", "/app/unwrapKey" + query, 200, "", body, token=token)
    send("key_refused", "POST", "/app/unwrapKey", 401, "Missing authorization header", body)
    send("key_refused", "POST", "/app/unwrapKey", 404, "nobody", {**body, "wrappedKid": "nobody"}, token=token)
    send("key_refused", "POST", "/app/unwrapKey", 400, "MISSING_WRAPPED_KID", {"attestation": body["attestation"]}, token=token)
    send("key_refused", "POST", "/app/unwrapKey", 400, "", {**body, "wrappingKey": make_wrapping_key()[1]}, token=token)
    send("key_refused", "POST", "/app/key", 400, "endorsements is missing", {"attestation": {"evidence": "AA=="}}, token=token)
    for path in ("/app/heartbeat", "/app/pubkey", "/metrics", "/app/keyReleasePolicy"):
        send(None, "GET", path, 200, "")
    return wanted, key, token


def tells_what_happened(kms):
    wanted, key, token = job(kms)
    lines = trail(kms)
    got = [(line["request"], line["event"], line["endpoint"], line["status"]) for line in lines]
    check(got == [each[:4] for each in wanted], f"one line for each, in order:\n{got}\n{wanted}")
    for line, (*_, reason) in zip(lines, wanted):
        check(reason in line.get("reason", ""), f"{reason!r} in {line}")
    released = [line for line in lines if line["event"] == "key_released"]
    check(len(released) == 2, "both releases")
    for line in released:
        agrees_with_the_ledger(kms, line)
        check(line["caller"] == "jwt" and line["issuer"] == ISSUER, f"{line}")
    refused = [line for line in lines if line["event"] == "key_refused"]
    check([line["caller"] for line in refused] == ["unknown", "jwt", "jwt", "jwt", "jwt"], f"{refused}")
    check({line.get("caller_hash") for line in refused[1:]} == {released[0]["caller_hash"]}, "the same caller, refused")
    signed = [line for line in lines if line["event"] == "governance_accepted"]
    check(all(line["caller_id"] == kms.user(0).id for line in signed), f"who signed: {signed}")

    file = kms.data / "audit_trail.jsonl"
    check(stat.S_IMODE(file.stat().st_mode) == 0o600, "for its owner alone")
    content = file.read_bytes()
    check(any(form in content for form in forms(key["kid"].encode())), "the search finds what is there")
    for name, secret in (("token", token.encode()), ("subject", CLAIMS["sub"].encode()), ("PEM", b"BEGIN"),
                         ("name", CLAIMS["name"].encode()), *((part, part.encode()) for part in token.split("."))):
        check(not any(form in content for form in forms(secret)), f"the trail holds the {name}")
    return len(lines)


def rotates_and_reopens(kms):
    settings = kms.folder / "vitrine.toml"
    path = kms.folder / "elsewhere.jsonl"
    settings.write_text(f'[audit_trail]\npath = "{path}"\nfile_bytes = 4096\nfiles = 3\n')
    kms.arguments += ["--config", str(settings)]
    kms.start()
    for number in range(60):
        kms.post("/app/unwrapKey", {}, headers={"request-id": f"r-{number}"})
    files = [path, kms.folder / "elsewhere.jsonl.1", kms.folder / "elsewhere.jsonl.2"]
    check(all(file.stat().st_size <= 4096 for file in files) and not (kms.folder / "elsewhere.jsonl.3").exists(), "3 files")
    text = "".join(file.read_text() for file in reversed(files))
    ids = [json.loads(line)["request"] for line in text.splitlines()]
    check(ids == [f"r-{number}" for number in range(60 - len(ids), 60)] and len(ids) > 15, f"the newest, in order: {ids}")

    moved = kms.folder / "moved.jsonl"
    path.rename(moved)
    kms.process.send_signal(1)
    deadline = time.monotonic() + 20
    while not path.exists():
        check(time.monotonic() < deadline, "no file after SIGHUP")
        time.sleep(0.02)
    kms.post("/app/unwrapKey", {}, headers={"request-id": "after"})
    check("after" in path.read_text() and "after" not in moved.read_text(), "the file is opened anew")
    kms.stop()


def a_file_that_takes_nothing_costs_lines_alone(kms):
    settings = kms.folder / "vitrine.toml"
    settings.write_text('[audit_trail]\npath = "/dev/full"\n')  # no file: refused as a full disk is
    kms.start()
    for _ in range(3):
        check(kms.post("/app/refresh").status == 200, "it serves")
    deadline = time.monotonic() + 20
    while 'vitrine_audit_trail_lines_total{outcome="lost"} 3' not in kms.get("/metrics").body:
        check(time.monotonic() < deadline, "lost lines are counted")
        time.sleep(0.05)
    check(kms.log.read_text().count('event="the audit trail is not written"') == 1, "and said once")
    check(kms.stop() == 0, "SIGTERM")


def main():
    with Kms() as kms:
        kms.start()
        lines = tells_what_happened(kms)
        kms.kill()
        check(len(trail(kms)) == lines, "what was answered is there after SIGKILL")
        rotates_and_reopens(kms)
        a_file_that_takes_nothing_costs_lines_alone(kms)
        print(f"audit trail: {lines} lines as the ledger has them; rotated, reopened, and no answer lost where nothing can be written")
    return 0


if __name__ == "__main__":
    os.umask(0o077)
    sys.exit(main())

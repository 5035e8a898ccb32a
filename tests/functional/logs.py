"""The log at level debug of a whole job, refusals and a restart included: one event a line in its documented form, each
line that a request caused with the request's id, one line for each request, and none of the secrets that the test knows."""

import base64
import collections
import json
import re
import sys

from cryptography.hazmat.primitives import serialization

from _kms import CLAIMS, ISSUER, Kms, check, make_wrapping_key, unwrap
from _snp import Attester
from restart import unsealed_keys, unsealed_service

VALUE = r'"(?:[^"\\\x00-\x1f\x7f]|\\["\\n]|\\x[0-9a-f]{2})*"'
LINE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (debug|info|warning|error) event=" + VALUE +
                  r"((?: [a-z_]+=" + VALUE + ")*)")


class Job:
    """Sends requests under ids of its own and remembers how each was answered."""

    def __init__(self, kms):
        self.kms = kms
        self.answered = {}

    def __call__(self, method, path, body=None, headers=None, **more):
        request_id = f"job-{len(self.answered)}"
        answer = self.kms.request(method, path, body, {**(headers or {}), "x-request-id": request_id}, **more)
        check(answer.headers["x-ms-kms-request-id"] == request_id, f"the id comes back: {answer}")
        self.answered[request_id] = (method, path.split("?")[0].removeprefix("/app"), answer.status)
        return answer

    def propose(self, *actions, **more):
        return self("POST", "/app/proposals", self.kms.user(0).envelope(list(actions), **more),
                    {"content-type": "application/cose"})


def whole_job(job, kms, token, seen):
    """Every secret that the test learns goes into `seen`, by name."""
    attester = Attester.of_dev_service(kms.common)
    jwt = {"name": "set_jwt_validation_policy", "args": {"issuer": ISSUER, "validation_policy": CLAIMS}}
    release = {"name": "set_key_release_policy", "args": {"type": "add", "claims": {
        "x-ms-ver": ["2", "3"], "x-ms-sevsnpvm-is-debuggable": False}}}
    check(job.propose(jwt).status == 200 and job.propose(release).status == 200, "policies")
    key = job("POST", "/app/refresh").json()
    seen["kid"] = key["kid"].encode()
    private, text = make_wrapping_key()
    pkcs8 = private.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                  serialization.NoEncryption())
    body = {"attestation": attester.attestation(text), "wrappingKey": text, "wrappedKid": key["kid"]}
    check(job("POST", "/app/key", {"attestation": body["attestation"]}, token=token).status == 200, "key")
    for query in ("?fmt=jwk", "?fmt=tink"):
        answer = job("POST", "/app/unwrapKey" + query, body, token=token)
        check(answer.status == 200, f"unwrapKey{query}: {answer}")
        wrapped = answer.json()["wrapped"]
        seen[f"wrapped{query}"] = wrapped.encode()
        seen[f"unwrapped{query}"] = unwrap(wrapped, pkcs8)
        if query == "?fmt=jwk":
            seen["d"] = base64.urlsafe_b64decode(json.loads(seen["unwrapped?fmt=jwk"])["d"] + "=")
    seen["wrapping key"] = private.private_numbers().d.to_bytes(384, "big")

    # What is refused says why, and says no more than that.
    odd = token[:-8] + ("AAAAAAAA" if token[-8:] != "AAAAAAAA" else "BBBBBBBB")
    seen["forged token"] = odd.encode()
    junk = base64.b64encode(b"junk of a caller, not to be repeated").decode()
    seen["junk"] = b"junk of a caller, not to be repeated"
    for status, body_of, more in (
            (401, body, {}), (401, body, {"token": odd}), (401, body, {"headers": {"authorization": "Basic " + junk}}),
            (400, None, {"token": token}), (400, {**body, "wrappingKey": junk}, {"token": token}),
            (404, {**body, "wrappedKid": "nobody"}, {"token": token}),
            (400, {**body, "wrappingKey": make_wrapping_key(2048)[1]}, {"token": token}),
            (500, {**body, "attestation": {**body["attestation"], "evidence": junk}}, {"token": token})):
        answer = job("POST", "/app/unwrapKey", body_of, **more)
        check(answer.status == status, f"wanted {status}: {answer}")
    for path in ("/app/heartbeat", "/app/pubkey", "/app/listpubkeys", "/node/network", "/app/nothere?token=" + junk,
                 "/app/auth", f"/app/receipt?transaction_id={junk}", "/app/keyReleasePolicy", "/metrics"):
        job("GET", path)
    job("GET", "/app/auth", token=token)
    job("GET", "/app/auth", identity=kms.member(0))
    check(job("POST", "/app/proposals", b"no envelope", {"content-type": "application/cose"}).status == 401, "no envelope")
    check(job.propose({"name": "no_such_action", "args": {"secret": junk}}).status in (400, 404, 500), "no such action")
    # An id of the client's own cannot forge a line.
    kms.get("/app/keyReleasePolicy", headers={"x-request-id": 'a" event="forged" x="'})


def lines_are_in_form(text, job):
    counted = collections.Counter()
    of_job = re.compile(r' request="(job-\d+)"')
    for line in text.splitlines():
        if not re.match(r"\d{4}-\d\d-\d\dT", line):
            continue  # the screen that --dev prints
        match = LINE.fullmatch(line)
        check(match, f"not in its form: {line!r}")
        check('event="forged"' not in line.replace('\\"', ""), f"forged: {line}")
        if ' event="request" ' in line:
            fields = dict(re.findall(r" ([a-z_]+)=\"((?:[^\"\\]|\\.)*)\"", line))
            check(set(fields) == {"event", "method", "path", "status", "ms", "caller", "request"}, f"fields: {line}")
            if id_of := of_job.search(line):
                method, path, status = job.answered[id_of.group(1)]
                check((fields["method"], fields["path"], fields["status"]) == (method, path, str(status)), line)
                check(float(fields["ms"]) > 0, line)
                counted[id_of.group(1)] += 1
        elif any(f'event="{event}"' in line for event in (
                "release refused", "caller refused", "identity refused", "refresh refused", "proposal refused",
                "proposal accepted", "key created", "key released")):
            check(of_job.search(line) or 'request="' in line, f"without the request's id: {line}")
    check(counted == collections.Counter(dict.fromkeys(job.answered, 1)), "one line for each request: "
          f"{set(job.answered) ^ set(counted)} {[i for i, n in counted.items() if n != 1]}")


def forms(secret):
    """As it may be written: raw, hex, base64 of both alphabets at each of the three offsets."""
    yield secret
    yield secret.hex().encode()
    yield secret.hex().upper().encode()
    for pad in range(3):
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            # Without the characters that depend on neighbours.
            text = encode(b"\0" * pad + secret)
            yield text[(0, 2, 3)[pad]:len(text) - 4]


def main():
    with Kms() as kms:
        kms.arguments += ["--log-level", "debug"]
        kms.start()
        job, seen = Job(kms), {}
        token = kms.issuer().token()
        whole_job(job, kms, token, seen)
        check(kms.stop() == 0, "SIGTERM")
        kms.start()
        job("POST", "/app/refresh")
        kms.kill()
        kms.start()
        check(kms.stop() == 0, "SIGTERM")

        text = kms.log.read_text()
        lines_are_in_form(text, job)
        seen["token"] = token.encode()
        for number, part in enumerate(token.split(".")[1:]):
            seen[f"token's part {number}"] = part.encode()
        unseal_key = (kms.common / "unseal_key").read_text().strip()
        seen["unseal key"] = bytes.fromhex(unseal_key)
        service_id, service_keys, ledger_secret = unsealed_service(kms)
        seen["ledger secret"] = ledger_secret
        for number, private in enumerate(unsealed_keys(kms, service_id, ledger_secret)):
            seen[f"HPKE key {number}"] = private
        for number, der in enumerate(service_keys):
            seen[f"service key {number}"] = der
        for path in kms.common.rglob("*"):
            if path.is_file() and b"PRIVATE KEY" in (content := path.read_bytes()):
                key = serialization.load_pem_private_key(content, None)
                seen[path.name] = key.private_bytes(serialization.Encoding.DER, serialization.PrivateFormat.PKCS8,
                                                    serialization.NoEncryption())
                numbers = key.private_numbers() if hasattr(key, "private_numbers") else None
                if hasattr(numbers, "private_value"):
                    seen[path.name + " scalar"] = numbers.private_value.to_bytes((key.key_size + 7) // 8, "big")
        log = kms.log.read_bytes()
        # The search finds what is there: a key's id, which is no secret.
        check(any(form in log for form in forms(seen.pop("kid"))), "the id of a key stands in the log")
        check(len(seen) >= 20, f"there are secrets to look for: {len(seen)}")
        for name, secret in seen.items():
            check(len(secret) >= 32, f"{name} is long enough to look for")
            for form in forms(secret):
                check(form not in log, f"the log holds {name}")
        check(b"PRIVATE KEY" not in log and b"BEGIN" not in log, "nor PEM of any kind")
        print(f"logs: {len(text.splitlines())} lines, {len(job.answered)} requests, {len(seen)} secrets, none in the log")
    return 0


if __name__ == "__main__":
    sys.exit(main())

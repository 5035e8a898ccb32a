"""Issuers whose keys are fetched, against real HTTPS servers of Python's: one that rotates its keys, and others that serve
slowly, wrongly, under a wrong name, too much, elsewhere or not at all. Keys follow the issuer, count for it alone, and stay
as they are whatever else happens; failures show in the metrics, the status and, once each, in the log."""

import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys
import time

from prometheus_client.parser import text_string_to_metric_families

from _founded import Signer, founded
from _kms import BIN, CLAIMS, check, free_port
from _oidc import DISCOVERY, Authority, Issuer

PAGE = pathlib.Path(os.environ["VITRINE_SOURCE"]) / "docs/metrics.md"


def wait_for(what, condition, seconds=60):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = condition()
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError(f"not within {seconds} s: {what}")


class Cases:
    """The issuers: good ones by name, bad ones with the word that their failure must hold."""

    def __init__(self, folder):
        self.folder, self.authority, self.other = folder, Authority(), Authority("another CA")
        self.signers, self.failing = {}, {}
        self.rotating = self.add("rotating")
        self.neighbour = self.add("neighbour", kid="rotating")  # the same kid as the other's
        self.named = self.add("by name", host="localhost")
        self.silent = self.add("without a name in its document")
        self.silent.misbehave[DISCOVERY] = lambda h: h.answer({"jwks_uri": self.silent.url + "/jwks"})
        self.tls_cases()
        self.http_cases()
        self.document_cases()

    def add(self, name, fails=None, kid=None, **more):
        issuer = Issuer(self.folder, self.authority, **more)
        signer = Signer(kid or name, issuer=issuer.url)
        issuer.keys = [signer.jwk()]
        self.signers[name] = signer
        if fails:
            self.failing[issuer.url] = (name, fails)
        return issuer

    def tls_cases(self):
        refused = "the server's certificate is refused"
        self.add("another CA", refused, certificate=self.other.issue(["127.0.0.1"]))
        self.add("another host", refused, certificate=self.authority.issue(["127.0.0.2"]))
        self.add("common name alone", refused, certificate=self.authority.issue([], common_name="127.0.0.1"))
        self.add("over", refused, certificate=self.authority.issue(["127.0.0.1"], days=-1))

    def http_cases(self):
        def document(issuer, answer):
            issuer.misbehave[DISCOVERY] = answer

        def drip(handler):  # a byte now and then: the whole answer has its time, not each read
            handler.send_response(200)
            handler.send_header("content-length", "1000")
            handler.end_headers()
            for _ in range(300):
                handler.wfile.write(b" ")
                handler.wfile.flush()
                time.sleep(0.1)

        document(self.add("slow", "timed out"), lambda h: time.sleep(30))
        document(self.add("dripping", "timed out"), drip)
        document(self.add("elsewhere", "status 302"),
                 lambda h: h.answer({}, 302, {"location": self.rotating.url + DISCOVERY}))
        document(self.add("broken", "status 500"), lambda h: h.answer({}, 500))
        document(self.add("no HTTP", "answer of"), lambda h: h.wfile.write(b"nonsense\r\n\r\n"))
        large = self.add("large document", "answer of")
        document(large, lambda h: h.answer({**large.document(), "x": "y" * 66_000}))
        many = self.add("large key set", "answer of")
        many.misbehave["/jwks"] = lambda h: h.answer({"keys": many.keys, "x": "y" * 1_050_000})
        self.gone = f"https://127.0.0.1:{free_port()}"
        self.failing[self.gone] = ("gone", "Connection refused")
        self.failing["https://no-such-host.invalid"] = ("no such name", "no-such-host.invalid")

    def document_cases(self):
        for name, fails, change in (
                ("another's document", "it is that of issuer", {"issuer": self.rotating.url}),
                ("a slash more", "it is that of issuer", {"issuer": None}),
                ("keys by http", "not an https URL", {"jwks_uri": "http://127.0.0.1/jwks"}),
                ("keys nowhere", "jwks_uri is not text", {"jwks_uri": 1})):
            issuer = self.add(name, fails)
            if change.get("issuer", "") is None:
                change = {"issuer": issuer.url + "/"}
            body = {**issuer.document(), **change}
            issuer.misbehave[DISCOVERY] = lambda h, body=body: h.answer(body)
        elsewhere = self.add("nameless, keys elsewhere", "its keys lie on another host")
        elsewhere.misbehave[DISCOVERY] = lambda h: h.answer({"jwks_uri": self.rotating.url + "/jwks"})
        html = self.add("a page", "discovery document")
        html.misbehave[DISCOVERY] = lambda h: h.answer(b"<html></html>")
        self.add("no keys", "none of its keys").keys = []
        other = self.add("another's keys", "1 say another issuer")
        other.keys = [{**other.keys[0], "issuer": "https://idp.example"}]
        twice = self.add("a key too short", "RSA of 17 bits")
        twice.keys = [{**twice.keys[0], "n": "AQAB"}]

    def urls(self):
        return [s.issuer for s in self.signers.values()] + [self.gone, "https://no-such-host.invalid"]


def genesis(cases, kms):
    folder = kms.folder
    (folder / "roots.pem").write_text(cases.authority.pem)
    text = (folder / "genesis.toml").read_text()
    lines = ["", "[ca_cert_bundles]", 'roots = "roots.pem"']
    for url in cases.urls():
        lines += [f"[issuers.{json.dumps(url)}]", "auto_refresh = true", 'ca_cert_bundle = "roots"']
    (folder / "genesis.toml").write_text(text + "\n".join(lines) + "\n")
    (folder / "vitrine.toml").write_text("[issuers]\nrefresh_seconds = 1\n")
    kms.arguments += ["--config", folder / "vitrine.toml"]


def shown(kms):
    body = kms.get("/node/jwt_keys/refresh/metrics").json()
    check(body["attempts"] == body["successes"] + body["failures"], f"counts: {body}")
    return {each["issuer"]: each for each in body["vitrine"]["issuers"]}


def accepted(kms, token):
    status = kms.get("/app/auth", token=token).status
    check(status in (200, 401), f"/app/auth: {status}")
    return status == 200


def keys_follow_the_issuer(kms, cases):
    rotating, first = cases.rotating, cases.signers["rotating"]
    for name in ("rotating", "neighbour", "by name", "without a name in its document"):
        wait_for(f"a token of {name}", lambda: accepted(kms, cases.signers[name].token()))
    second = Signer("second", "ES256", issuer=rotating.url)
    rotating.keys = [first.jwk(), second.jwk()]
    wait_for("the second key", lambda: accepted(kms, second.token()))
    check(accepted(kms, first.token()), "the first key still counts")
    rotating.keys = [second.jwk()]
    wait_for("the first key's end", lambda: not accepted(kms, first.token()))
    check(accepted(kms, second.token()), "the second goes on")
    # The other way of the same kid: only what the issuer itself serves under it counts.
    rotating.keys = [cases.signers["neighbour"].jwk(), second.jwk()]
    asked = len(rotating.asked)
    wait_for("two more fetches", lambda: len(rotating.asked) >= asked + 4)
    check(accepted(kms, cases.signers["neighbour"].token()), "the neighbour's token, by the neighbour's key")
    rotating.keys = [second.jwk()]
    wait_for("its end", lambda: not accepted(kms, cases.signers["neighbour"].token(iss=rotating.url)))
    return second


def no_key_vouches_for_another_issuer(kms, cases, second):
    neighbour = cases.neighbour.url
    check(not accepted(kms, second.token(iss=neighbour)), "a key of one issuer under another's name")
    check(not accepted(kms, second.token(iss=neighbour, header={"kid": "rotating"})), "and under the other's kid")
    check(not accepted(kms, cases.signers["neighbour"].token(iss=cases.rotating.url)), "nor the other way round")
    for name in ("another CA", "another's document", "another host", "nameless, keys elsewhere"):
        check(not accepted(kms, cases.signers[name].token()), f"a token of {name}")
    check(not accepted(kms, second.token(iss=cases.signers["nameless, keys elsewhere"].issuer)), "keys fetched elsewhere")


def failures_show(kms, cases):
    def all_tried():
        seen = shown(kms)
        return seen if all(seen.get(url, {}).get("failures_in_row", 0) >= 2 for url in cases.failing) else None

    seen = wait_for("two failures of each", all_tried, 120)
    for url, (name, word) in cases.failing.items():
        check(word in seen[url]["failure"] and seen[url]["last_success"] is None, f"{name}: {seen[url]}")
    for name in ("rotating", "neighbour", "by name"):
        good = seen[cases.signers[name].issuer]
        check(good["failures_in_row"] == 0 and "failure" not in good and good["last_success"], f"{name}: {good}")

    families = {family.name: family for family in text_string_to_metric_families(kms.get("/metrics").body)}
    rows = {sample.labels["issuer"]: sample.value for sample in families["vitrine_issuer_refresh_failures_in_row"].samples}
    check(set(rows) == {hashlib.sha256(url.encode()).hexdigest()[:16] for url in cases.urls()}, f"ids: {rows}")
    for url in cases.failing:
        check(rows[seen[url]["id"]] >= 2, f"the metric of {url}: {rows}")
    check(rows[seen[cases.rotating.url]["id"]] == 0, "nothing fails there")
    good = [s.value for s in families["vitrine_issuer_refresh_last_success_timestamp_seconds"].samples
            if s.labels["issuer"] == seen[cases.rotating.url]["id"]]
    check(abs(good[0] - time.time()) < 60, f"its last success: {good}")
    counts = {s.labels["result"]: s.value for s in families["vitrine_issuer_refreshes"].samples}
    check(counts["changed"] >= 6 and counts["unchanged"] > 0 and counts["failed"] >= 2 * len(cases.failing), f"{counts}")
    documented = re.findall(r"^\| `(vitrine_issuer_\w+)` \|", PAGE.read_text(), re.M)
    check(sorted(name.removesuffix("_total") for name in documented) ==
          sorted(name for name in families if name.startswith("vitrine_issuer_")), f"documented: {documented}")

    log = kms.log.read_text()
    for url, (name, word) in cases.failing.items():
        lines = [line for line in log.splitlines() if 'event="issuer keys not fetched"' in line and f'issuer="{url}"' in line]
        reasons = [re.search(r'reason="((?:[^"\\]|\\.)*)"', line)[1] for line in lines]
        check(lines and all(a != b for a, b in zip(reasons, reasons[1:])), f"{name}: once for each reason: {lines}")
    return seen


def status_tells(kms, cases):
    ended = subprocess.run([BIN / "vitrine", "--url", f"https://127.0.0.1:{kms.port}", "--ca", kms.data / "service_cert.pem",
                            "status"], capture_output=True, text=True, timeout=60)
    check(ended.returncode == 0 and f"{len(cases.urls())} asked for their keys; {len(cases.failing)} failing" in ended.stdout
          and f"ISSUER FAILS" in ended.stdout and cases.gone in ended.stdout, f"{ended.returncode} {ended.stdout} {ended.stderr}")


def nothing_changed_appends_nothing(kms, cases):
    entries = kms.get("/app/commit").json()["transaction_id"]
    asked = len(cases.rotating.asked)
    wait_for("three more fetches", lambda: len(cases.rotating.asked) >= asked + 6)
    check(kms.get("/app/commit").json()["transaction_id"] == entries, "the ledger grew without need")


def slow_issuers_hold_up_nobody(kms):
    slowest = 0
    for _ in range(50):
        began = time.monotonic()
        check(kms.get("/app/heartbeat").status == 200, "it serves")
        slowest = max(slowest, time.monotonic() - began)
    check(slowest < 5, f"a request took {slowest} s")


def what_fails_leaves_the_keys(kms, cases, second):
    rotating = cases.rotating
    rotating.misbehave["/jwks"] = lambda h: h.answer({"keys": []})
    wait_for("an empty key set refused", lambda: shown(kms)[rotating.url]["failures_in_row"] >= 2)
    check(accepted(kms, second.token()), "an empty key set deletes nothing")
    del rotating.misbehave["/jwks"]
    wait_for("its recovery", lambda: shown(kms)[rotating.url]["failures_in_row"] == 0)
    check('event="issuer keys fetched again"' in kms.log.read_text(), "and the log says so")
    # Across a restart, with the issuer gone.
    rotating.close()
    began = time.monotonic()
    check(kms.stop() == 0 and time.monotonic() - began < 5, "a stop waits for no issuer")
    kms.start()
    check(accepted(kms, second.token()), "keys that were fetched are in the ledger")
    check(not accepted(kms, cases.signers["rotating"].token()), "and those that were replaced are not")


def main():
    kms = founded(jwt=[])
    cases = Cases(kms.folder)
    policies = [{"issuer": url, "validation_policy": {"sub": CLAIMS["sub"]}} for url in cases.urls()]
    kms.folder.joinpath("jwt.json").write_text(json.dumps(
        {"actions": [{"name": "set_jwt_validation_policy", "args": policy} for policy in policies]}))
    text = kms.folder.joinpath("genesis.toml").read_text()
    kms.folder.joinpath("genesis.toml").write_text(text.replace("jwt = []", 'jwt = "jwt.json"'))
    genesis(cases, kms)
    with kms:
        kms.start()
        second = keys_follow_the_issuer(kms, cases)
        no_key_vouches_for_another_issuer(kms, cases, second)
        slow_issuers_hold_up_nobody(kms)
        failures_show(kms, cases)
        status_tells(kms, cases)
        nothing_changed_appends_nothing(kms, cases)
        what_fails_leaves_the_keys(kms, cases, second)
        check(kms.stop() == 0, "it stops")
    print(f"issuer refresh: keys follow their issuer, {len(cases.failing)} ways to fail change none and show")
    return 0


if __name__ == "__main__":
    sys.exit(main())

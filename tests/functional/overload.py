"""More is asked than one kind of request may cost: what is too much is answered 503 with retry-after at once, every 200 is
in the ledger and nothing else is, and requests that spend another budget are served as before. Callers without
credentials spend none of what releases have, and who forges a member's signature none of what governance has."""

import collections
import http.client
import json
import sys
import threading
import time

from _cose import COSE, PROPOSAL, sign
from _kms import Kms, check, make_wrapping_key
from _snp import Attester

CLIENTS = 64
SECONDS = 3
SETTINGS = """
[limits]
release_workers = 1
open_workers = 1
wait_milliseconds = 20
verifications = 1
"""


class Flood:
    """Clients that post one request over and over on a connection each, and keep what they were answered."""

    def __init__(self, kms, path, body, headers):
        self.stop = threading.Event()
        self.lock = threading.Lock()
        self.statuses = collections.Counter()
        self.transactions, self.broken, self.errors = [], [], 0
        self.request = (path, body if isinstance(body, bytes) else json.dumps(body), headers)
        self.kms = kms
        self.threads = [threading.Thread(target=self.run) for _ in range(CLIENTS)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        for thread in self.threads:
            thread.join()

    def run(self):
        path, body, headers = self.request
        connection = self.kms.connection(verify=False)
        while not self.stop.is_set():
            try:
                connection.request("POST", path, body, headers)
                response = connection.getresponse()
                response.read()
            except (OSError, http.client.HTTPException):
                with self.lock:
                    self.errors += 1
                connection.close()
                continue
            with self.lock:
                self.statuses[response.status] += 1
                if response.status == 200:
                    self.transactions.append(response.headers["x-ms-ccf-transaction-id"])
                elif response.status == 503:
                    retry_after = response.headers["retry-after"]
                    if not (retry_after and retry_after.isdigit() and int(retry_after) >= 1):
                        self.broken.append(retry_after)
        connection.close()


def entries(kms):
    return int(kms.get("/app/commit").json()["transaction_id"].split(".")[1])


def others_are_served(kms, first):
    """Everything that is no release: reads, receipts, governance. Returns the longest time one of them took."""
    longest = 0
    for method, path in (("GET", "/app/heartbeat"), ("GET", "/app/pubkey"), ("GET", "/app/listpubkeys"),
                         ("GET", f"/app/receipt?transaction_id={first}"), ("GET", "/app/keyReleasePolicy"),
                         ("POST", "/app/refresh"), ("GET", "/node/network"), ("GET", "/metrics")):
        began = time.monotonic()
        answer = kms.request(method, path)
        if answer.status == 503:  # a busy machine may wake a worker later than so short a wait
            answer = kms.request(method, path)
        longest = max(longest, time.monotonic() - began)
        check(answer.status == 200, f"{path} beside the flood: {answer}")
    return longest


def main():
    with Kms() as kms:
        (kms.folder / "vitrine.toml").write_text(SETTINGS)
        kms.arguments += ["--config", kms.folder / "vitrine.toml"]
        kms.start()
        kms.set_demo_policies()
        token = kms.issuer().token()
        created = kms.post("/app/refresh")
        first = created.headers["x-ms-ccf-transaction-id"]
        _, text = make_wrapping_key()
        body = {"attestation": Attester.of_dev_service(kms.common).attestation(text), "wrappingKey": text,
                "wrappedKid": created.json()["kid"]}
        bearer = {"authorization": "Bearer " + token}
        check(any(kms.post("/app/unwrapKey", body, token=token).status == 200 for _ in range(20)), "a release")

        before = entries(kms)
        longest = refreshed = 0
        with Flood(kms, "/app/unwrapKey", body, bearer) as flood:
            deadline = time.monotonic() + SECONDS
            while time.monotonic() < deadline:
                longest = max(longest, others_are_served(kms, first))
                refreshed += 1
        check(set(flood.statuses) == {200, 503}, f"released, or refused for want of room: {flood.statuses}")
        check(flood.statuses[503] > 20 and flood.statuses[200] > 20, f"both happened: {flood.statuses}")
        check(not flood.broken and flood.errors == 0, f"each 503 says when to try again: {flood.broken} {flood.errors}")
        check(len(set(flood.transactions)) == flood.statuses[200], "each release has an entry of its own")
        check(entries(kms) - before == flood.statuses[200] + refreshed, "nothing else was appended")
        for transaction in flood.transactions[:: max(1, len(flood.transactions) // 50)]:
            check(kms.get(f"/app/tx?transaction_id={transaction}").json()["status"] == "Committed", transaction)
        check("too many requests" in kms.log.read_text(), "the log says that requests were shed")
        check(kms.log.read_text().count('"too many requests"') <= SECONDS + 4, "once a second, not once a request")

        # Forged tokens: a known kid, so that only the signature tells. Who is known already is served all the same.
        forged = {"authorization": "Bearer " + token[:-6] + ("AAAAAA" if token[-6:] != "AAAAAA" else "BBBBBB")}
        before = entries(kms)
        with Flood(kms, "/app/unwrapKey", body, forged) as strangers:
            time.sleep(0.5)
            for _ in range(10):
                # So short a wait may be over before a busy machine has woken the worker: then once more.
                answers = (kms.post("/app/unwrapKey", body, token=token) for _ in range(20))
                check(any(answer.status == 200 for answer in answers), "a known caller beside forged tokens")
        check(set(strangers.statuses) <= {401, 503} and strangers.statuses[401] > 0, f"{strangers.statuses}")
        check(entries(kms) - before == 10, "nothing of a stranger was appended")

        check(strangers.statuses[200] == 0, "a stranger gets nothing")
        # Forged ballots: a known member's name, so that only the signature tells. Governance is spent by others alone.
        ballot = sign(kms.member(0), {"vote": True}, {PROPOSAL: "ab" * 32}, kind="ballot", signature=bytes([1] * 96))
        before = entries(kms)
        with Flood(kms, f"/gov/proposals/{'ab' * 32}/ballots", ballot, COSE) as forgers:
            time.sleep(0.5)
            for _ in range(10):
                answers = (kms.post("/app/refresh") for _ in range(20))
                check(any(answer.status == 200 for answer in answers), "a new key beside forged ballots")
        check(set(forgers.statuses) <= {401, 503} and forgers.statuses[401] > 0, f"{forgers.statuses}")
        check(entries(kms) - before == 10, "nothing of a forger was appended")

        metrics = kms.get("/metrics").body
        shed = [line for line in metrics.splitlines() if line.startswith("vitrine_requests_shed_total") and "release" in line]
        check(sum(float(line.split()[-1]) for line in shed) >= flood.statuses[503], f"counted: {shed} {flood.statuses}")
        check(kms.stop() == 0, "SIGTERM")
        kms.start()  # every entry is read again
        print(f"overload: {flood.statuses[200]} released, {flood.statuses[503]} refused early, others within {longest:.2f} s; "
              f"{sum(strangers.statuses.values())} strangers spent nothing")
    return 0


if __name__ == "__main__":
    sys.exit(main())

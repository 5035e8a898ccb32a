"""GET /metrics: read by Prometheus' own parser, each metric described in docs/metrics.md and each one described served,
counts that follow what happened, and no secret, key id or client's text."""

import os
import pathlib
import re
import sys
import time

from prometheus_client.parser import text_string_to_metric_families

from _kms import CLAIMS, ISSUER, Kms, check, make_wrapping_key
from _snp import Attester

PAGE = pathlib.Path(os.environ["VITRINE_SOURCE"]) / "docs/metrics.md"


def scrape(kms):
    time.sleep(0.3)  # a text may be a quarter of a second old
    answer = kms.get("/metrics")
    check(answer.status == 200 and answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8",
          f"the format's own type: {answer}")
    families = {family.name: family for family in text_string_to_metric_families(answer.body)}
    check(families and all(family.documentation for family in families.values()), "each has its help text")
    return answer.body, families


def value(families, name, **labels):
    family = families[re.sub(r"_(total|count|sum|bucket)$", "", name)]
    found = [s.value for s in family.samples if s.name == name and all(s.labels.get(k) == v for k, v in labels.items())]
    return sum(found)


def documented():
    """Name, type and labels of each row of the page's tables."""
    rows = re.findall(r"^\| `(\w+)` \| (counter|gauge|histogram) \| ([^|]*) \|", PAGE.read_text(), re.M)
    return {name: (kind, tuple(sorted(re.findall(r"`(\w+)`", labels)))) for name, kind, labels in rows}


def served(families):
    out = {}
    for family in families.values():
        name = family.name + "_total" if family.type == "counter" else family.name
        labels = {tuple(sorted(set(sample.labels) - {"le"})) for sample in family.samples}
        check(len(labels) == 1, f"{name} has the same labels everywhere: {labels}")
        out[name] = (family.type, labels.pop())
    return out


def main():
    with Kms() as kms:
        kms.start()
        kms.set_demo_policies()
        token = kms.issuer().token()
        check(kms.get("/app/listpubkeys").status == 400, "no keys yet")
        _, before = scrape(kms)
        check("vitrine_key_age_seconds" not in before, "no age without a key")
        key = kms.post("/app/refresh").json()
        _, text = make_wrapping_key()
        body = {"attestation": Attester.of_dev_service(kms.common).attestation(text), "wrappingKey": text,
                "wrappedKid": key["kid"]}
        for wanted in (200, 200, 404):
            answer = kms.post("/app/unwrapKey", {**body, "wrappedKid": "nobody"} if wanted == 404 else body, token=token)
            check(answer.status == wanted, f"unwrapKey: {answer}")
        check(kms.post("/app/unwrapKey", body).status == 401, "no token")
        check(kms.post("/app/unwrapKey", {**body, "wrappingKey": make_wrapping_key()[1]}, token=token).status == 400,
              "another wrapping key")
        check(kms.post("/app/key", {"attestation": {"evidence": "AA=="}}, token=token).status == 400, "no evidence")
        secret_path = "/app/" + "q" * 40
        check(kms.get(secret_path).status == 404, "no such path")
        check(kms.get("/app/metrics").status == 404, "the metrics are no part of the application")
        check(kms.post("/metrics").status == 405, "and are only read")
        exposed, after = scrape(kms)

        def grew(name, by, **labels):
            growth = value(after, name, **labels) - (value(before, name, **labels) if labels or name in exposed else 0)
            check(growth == by, f"{name} {labels} grew by {growth}, not {by}")

        grew("vitrine_requests_total", 2, route="/unwrapKey", method="POST", status="200")
        grew("vitrine_requests_total", 1, route="/unwrapKey", method="POST", status="401")
        grew("vitrine_requests_total", 1, route="/unwrapKey", method="POST", status="404")
        grew("vitrine_requests_total", 2, route="none", status="404")
        grew("vitrine_requests_total", 1, route="none", status="405")
        grew("vitrine_request_duration_seconds_count", 5, route="/unwrapKey")
        grew("vitrine_release_decisions_total", 2, endpoint="unwrapKey", decision="released")
        grew("vitrine_release_decisions_total", 1, endpoint="unwrapKey", decision="key_unknown")
        grew("vitrine_release_decisions_total", 1, endpoint="unwrapKey", decision="wrapping_key_unbound")
        grew("vitrine_release_decisions_total", 1, endpoint="key", decision="evidence_malformed")
        grew("vitrine_release_decisions_total", 0, decision="evidence_denied")
        grew("vitrine_ledger_entries", 3)
        grew("vitrine_keys", 1, state="active")
        grew("vitrine_commit_seconds_count", 3)
        grew("vitrine_batch_entries_sum", 3)
        check(value(after, "vitrine_confirmed") == 1, "the guard holds")
        grew("vitrine_evidence_verification_seconds_count", 4)
        check(value(after, "vitrine_requests_shed_total") == 0, "nothing was refused for its budget")
        check(0 <= value(after, "vitrine_key_age_seconds", key="newest") < 60, "the key is young")
        check(value(after, "vitrine_certificate_expiry_timestamp_seconds", certificate="service") >
              time.time() + 300 * 86400, "the certificate lasts")
        check(abs(value(after, "process_start_time_seconds") - time.time()) < 120, "it began now")

        # Those of one issuer are there where issuers are asked: issuer_refresh.py.
        pages = {name: row for name, row in documented().items() if row[1] != ("issuer",)}
        wire = served(after)
        check(pages == wire, f"docs/metrics.md and /metrics differ: {sorted(set(pages.items()) ^ set(wire.items()))}")
        for word in (key["kid"], key["x"], token, "q" * 40, CLAIMS["sub"], ISSUER, kms.user(0).id):
            check(word not in exposed, f"{word[:20]} stands in the metrics")
        print(f"metrics: {len(wire)} metrics as documented")
    return 0


if __name__ == "__main__":
    sys.exit(main())

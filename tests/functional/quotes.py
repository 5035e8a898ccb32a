"""The node's own evidence: what its report data bind, that a challenge makes it fresh, and that a service without a TEE
shows none. The report is read and its signature verified here, with python3-cryptography."""

import base64
import hashlib
import sqlite3
import time

import cbor2
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils

from _founded import founded
from _kms import Kms, check


def genesis_leaf(kms):
    database = sqlite3.connect(f"file:{kms.data}/ledger.db?mode=ro", uri=True)
    leaf = database.execute("SELECT leaf FROM entries WHERE idx = 0").fetchone()[0]
    database.close()
    return leaf


def bound_to(kms, quote, freshness):
    """SHA-512 of what the quote of a node stands for, each part found elsewhere than in the quote."""
    leaf = genesis_leaf(kms)
    service = x509.load_pem_x509_certificate((kms.data / "service_cert.pem").read_bytes()).public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    log_key = cbor2.loads(leaf)[5][4]
    return hashlib.sha512(b"vitrine node v1\0" + hashlib.sha256(leaf).digest() + hashlib.sha256(service).digest() +
                          hashlib.sha256(log_key).digest() + bytes.fromhex(quote["node_id"]) + freshness).digest()


def check_report(quote, expected):
    report = base64.b64decode(quote["raw"], validate=True)
    check(len(report) == 1184, "a whole report")
    check(report[0x50:0x90] == expected, "the report data are of something else")
    check(report[0x90:0xc0].hex() == quote["measurement"], "the measurement is the report's")
    vcek = x509.load_pem_x509_certificate(base64.b64decode(quote["endorsements"]))
    r, s = (int.from_bytes(report[at:at + 72], "little") for at in (0x2a0, 0x2e8))
    vcek.public_key().verify(utils.encode_dss_signature(r, s), report[:0x2a0], ec.ECDSA(hashes.SHA384()))


def self_quotes(kms):
    first = kms.get("/node/quotes/self").json()
    check(first["format"] == "AMD_SEV_SNP_v1" and first["uvm_endorsements"] and first["endorsed_tcb"], f"{first}")
    check(first["node_id"] == kms.get("/node/network").json()["primary_id"], "the node that answers")
    check_report(first, bound_to(kms, first, bytes.fromhex(first["vitrine"]["root"])))
    kms.post("/app/refresh")
    check(kms.get("/node/attestations/self").json() == first, "kept for a while, also under its other name")
    check(kms.get("/node/quotes").json() == {"quotes": [first]}, "the list holds it")

    challenge = hashlib.sha256(b"of this test").digest()
    fresh = kms.get("/node/quotes/self?challenge=" + challenge.hex()).json()
    check(fresh["vitrine"]["challenge"] == challenge.hex(), "says what it answers")
    check_report(fresh, bound_to(kms, fresh, challenge))
    check(fresh["vitrine"]["size"] > first["vitrine"]["size"], "of the newest head")
    for wrong in ("12", "zz" * 16, "00" * 65, "0" * 33, ""):
        time.sleep(0.15)
        answer = kms.get("/node/quotes/self?challenge=" + wrong)
        check(answer.status == 400 and "challenge" in answer.body, f"{wrong}: {answer}")
    time.sleep(0.15)
    answers = [kms.get("/node/quotes/self?challenge=" + challenge.hex()).status for _ in range(30)]
    check(answers[0] == 200 and set(answers) <= {200, 503}, f"{answers}")


def another_measurement():
    with Kms(arguments=["--dev", "--simulated-measurement", "ab" * 48]) as kms:
        kms.start()
        quote = kms.get("/node/quotes/self").json()
        check(quote["measurement"] == "ab" * 48 and "uvm_endorsements" not in quote, f"{quote}")
        check_report(quote, bound_to(kms, quote, bytes.fromhex(quote["vitrine"]["root"])))


def without_a_tee():
    with founded() as kms:
        kms.start()
        answer = kms.get("/node/quotes/self")
        check(answer.status == 404 and "runs in no TEE" in answer.body, f"{answer}")
        check(kms.get("/node/quotes").json() == {"quotes": []}, "no quote")


def main():
    with Kms() as kms:
        kms.start()
        self_quotes(kms)
    another_measurement()
    without_a_tee()


if __name__ == "__main__":
    main()

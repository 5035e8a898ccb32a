"""An upgrade of a node: the next version of the program, with another measurement and another seal, gets the secrets through
the join policy and takes over. Service, keys and receipts stay. Refused: an empty policy, another measurement or host data,
a debug guest, evidence that is old, used or binds other keys, a frozen service. The other side is made here, HPKE too."""

import base64
import hashlib
import hmac
import json
import subprocess
import time

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, x25519
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from _kms import BIN, Kms, check, verify_receipt
from _snp import Attester

NEXT = "cd" * 48  # the measurement of the next version
HOST_DATA = "00" * 32
RAW = serialization.Encoding.Raw, serialization.PublicFormat.Raw
SPKI = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo


def expand(key, info, size):
    return HKDFExpand(hashes.SHA256(), size, info).derive(key)


def labeled_extract(suite, salt, label, ikm):
    return hmac.new(salt, b"HPKE-v1" + suite + label + ikm, hashlib.sha256).digest()


def labeled_expand(suite, prk, label, info, size):
    return expand(prk, size.to_bytes(2, "big") + b"HPKE-v1" + suite + label + info, size)


def hpke_open(private, enc, info, aad, ciphertext):
    """RFC 9180, mode base: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM."""
    kem = b"KEM\x00\x20"
    suite = b"HPKE\x00\x20\x00\x01\x00\x02"
    dh = private.exchange(x25519.X25519PublicKey.from_public_bytes(enc))
    shared = labeled_expand(kem, labeled_extract(kem, b"", b"eae_prk", dh), b"shared_secret",
                            enc + private.public_key().public_bytes(*RAW), 32)
    context = b"\x00" + labeled_extract(suite, b"", b"psk_id_hash", b"") + labeled_extract(suite, b"", b"info_hash", info)
    secret = labeled_extract(suite, shared, b"secret", b"")
    key = labeled_expand(suite, secret, b"key", context, 32)
    nonce = labeled_expand(suite, secret, b"base_nonce", context, 12)
    return AESGCM(key).decrypt(nonce, ciphertext, aad)


class Joiner:
    """A program that asks for the secrets, as it should or not."""

    def __init__(self, kms):
        self.kms = kms
        self.attester = Attester.of_dev_service(kms.common)
        self.node = ec.generate_private_key(ec.SECP256R1())
        self.hpke = x25519.X25519PrivateKey.generate()

    def offer(self):
        return self.kms.get("/node/handoff").json()

    def bound(self, offer):
        node = hashlib.sha256(self.node.public_key().public_bytes(*SPKI)).digest()
        return hashlib.sha512(b"vitrine hand-off v1\0" + bytes.fromhex(offer["service"]) + node +
                              self.hpke.public_key().public_bytes(*RAW) + bytes.fromhex(offer["challenge"])).digest()

    def request(self, offer, report_data=None, policy=None, host_data=bytes(32), **more):
        report = bytearray(self.attester.report(report_data or self.bound(offer), host_data=host_data))
        report[0x90:0xc0] = bytes.fromhex(NEXT)
        if policy is not None:
            report[0x08:0x10] = policy.to_bytes(8, "little")
        attestation = self.attester.attestation(report=self.attester.signed(report))
        attestation.update(uvm_endorsements="", endorsed_tcb="")
        return {"challenge": offer["challenge"],
                "node_key": base64.b64encode(self.node.public_key().public_bytes(*SPKI)).decode(),
                "hpke_key": base64.b64encode(self.hpke.public_key().public_bytes(*RAW)).decode(),
                "attestation": attestation, **more}


def refused(kms, request, status, *words):
    answer = kms.post("/node/handoff", request)
    check(answer.status == status, f"wanted {status}: {answer}")
    for word in words:
        check(word in answer.body, f"{word!r} is not in {answer}")


def trust(kms, *actions):
    """By a member, under the constitution `sandbox`: in force at once."""
    answer = kms.post("/gov/members/proposals:create?api-version=2024-07-01", kms.member(0).envelope(list(actions)),
                      headers={"content-type": "application/cose"})
    check(answer.status == 200 and answer.json()["proposalState"] == "Accepted", f"{actions}: {answer}")


def refusals(kms):
    joiner = Joiner(kms)
    refused(kms, joiner.request(joiner.offer()), 401, "InvalidQuote", "join policy is empty")
    trust(kms, {"name": "add_snp_measurement", "args": {"measurement": NEXT}},
          {"name": "add_snp_host_data", "args": {"host_data": HOST_DATA, "security_policy": ""}})

    offer = joiner.offer()
    refused(kms, joiner.request(offer, host_data=b"\x11" * 32), 401, "host data " + "11" * 32)
    refused(kms, joiner.request(offer, policy=0x3001f | 1 << 19), 401, "debug")
    other = Joiner(kms)
    refused(kms, {**joiner.request(offer), "hpke_key": other.request(offer)["hpke_key"]}, 401, "binds other keys")
    refused(kms, {**joiner.request(offer), "node_key": other.request(offer)["node_key"]}, 401, "binds other keys")
    refused(kms, joiner.request(offer, report_data=bytes(64)), 401, "binds other keys")
    foreign = bytearray(bytes.fromhex(offer["challenge"]))
    foreign[-1] ^= 1
    refused(kms, joiner.request({**offer, "challenge": foreign.hex()}), 401, "not this process's")
    for wrong, word in (({"challenge": "00"}, "challenge"), ({"hpke_key": "AAAA"}, "hpke_key"), ({"node_key": "AAAA"}, "node_key"),
                        ({"attestation": 1}, "attestation"), ({"more": 1}, "more")):
        refused(kms, {**joiner.request(offer), **wrong}, 400, "InvalidInput", word)
    refused(kms, "{", 400, "JSON")

    # What is refused used nothing up: the same challenge still counts, once.
    request = joiner.request(offer)
    answer = kms.post("/node/handoff", request)
    check(answer.status == 200, f"{answer}")
    sealed = answer.json()
    plaintext = hpke_open(joiner.hpke, base64.b64decode(sealed["enc"]), b"vitrine hand-off v1", joiner.bound(offer),
                          base64.b64decode(sealed["ct"]))
    size = int.from_bytes(plaintext[32:36], "big")
    check(json.loads(plaintext[36:36 + size])["dev"] is True, "the settings go along")
    at = 36 + size
    length = int.from_bytes(plaintext[at:at + 4], "big")
    service = serialization.load_der_private_key(plaintext[at + 4:at + 4 + length], None)
    certificate = x509.load_pem_x509_certificate((kms.data / "service_cert.pem").read_bytes())
    check(service.public_key().public_bytes(*SPKI) == certificate.public_key().public_bytes(*SPKI), "the service's own key")
    refused(kms, request, 401, "used already")
    check(kms.get("/app/tx?transaction_id=" + sealed["transaction_id"]).json()["status"] == "Committed", "it is in the ledger")
    time.sleep(2.1)


def spawn_next(kms, *arguments, measurement=NEXT):
    """The next version: another measurement, another unseal key, the same data folder and port."""
    return subprocess.Popen([BIN / "vitrined", "--dev", "--data", kms.data, "--port", str(kms.port), "--simulated-measurement",
                             measurement, "--unseal-key", kms.folder / "next.key", "--handoff",
                             f"https://127.0.0.1:{kms.port}", *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def upgrade(kms):
    made = [kms.post("/app/refresh").json() for _ in range(3)]
    service = (kms.data / "service_cert.pem").read_text()
    node = kms.get("/node/network").json()["primary_id"]
    receipt = kms.get("/app/pubkey?kid=" + made[0]["kid"]).json()["receipt"]

    other = spawn_next(kms, measurement="ef" * 48)
    said = other.communicate(timeout=100)[0]
    check(other.returncode == 3 and "measurement " + "ef" * 48 in said, f"{other.returncode} {said}")
    check(not (kms.data / "service.sealed.next").exists(), "nothing was left")

    following = spawn_next(kms)
    wait_for(lambda: (kms.data / "service.sealed.next").exists(), "the secrets are handed on")
    check(kms.get("/node/ready/app").status == 204, "the old one serves meanwhile")
    last = kms.post("/app/refresh").json()
    kms.stop()
    kms.process = following
    wait_for(lambda: ready(kms), "the next version serves")
    check((kms.data / "service_cert.pem").read_text() == service, "the same service")
    network = kms.get("/node/network").json()
    check(network["primary_id"] != node, "another node")
    check(kms.get("/node/quotes/self").json()["measurement"] == NEXT, "of the next version")
    for item in [*made, last]:
        again = kms.get("/app/pubkey?kid=" + item["kid"]).json()
        check({**again, "receipt": 0} == {**item, "receipt": 0}, "the key is as it was")
        verify_receipt(again["receipt"], service, item["x"])
    verify_receipt(receipt, service, made[0]["x"])
    check(kms.post("/app/refresh").status == 200, "it makes keys")
    check(not (kms.data / "service.sealed.next").exists(), "they took their place")
    kms.kill()

    kms.arguments += ["--unseal-key", str(kms.folder / "next.key"), "--simulated-measurement", NEXT]
    kms.start()
    audited = subprocess.run([BIN / "vitrine", "audit", "--data", kms.data, "--service-cert", kms.data / "service_cert.pem"],
                             capture_output=True, text=True)
    check(audited.returncode == 0, f"{audited}")
    kms.stop()


def frozen(kms):
    kms.start()
    trust(kms, {"name": "freeze", "args": {}})
    joiner = Joiner(kms)
    refused(kms, joiner.request(joiner.offer()), 401, "frozen")
    kms.stop()


def ready(kms):
    try:
        return kms.request("GET", "/node/ready/app", verify=False).status == 204
    except OSError:
        return False


def wait_for(condition, what, seconds=100):
    deadline = time.monotonic() + seconds
    while not condition():
        check(time.monotonic() < deadline, what)
        time.sleep(0.1)


def main():
    with Kms(arguments=["--dev", "--constitution", "sandbox"]) as kms:
        kms.start()
        refusals(kms)
        upgrade(kms)
        frozen(kms)


if __name__ == "__main__":
    main()

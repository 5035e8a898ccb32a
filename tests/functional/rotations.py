"""Keys and certificates that votes replace while the service runs: TLS follows within a second and without a restart, who pinned
the old service certificate still gets through by the endorsement, receipts lead to the new one, checkpoints are signed by the
new log key, and the audit follows each step."""

import hashlib
import http.client
import json
import ssl
import subprocess
import time

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from _kms import BIN, check
from _recovery import decide, founded_with_members, make_key

FOLLOWS_WITHIN = 1.0


def action(name, **args):
    return {"name": name, "args": args}


def handshake(kms, pinned):
    """The certificate that TLS presents to who pinned `pinned`; None where that does not verify it."""
    context = ssl.create_default_context(cafile=str(pinned))
    connection = http.client.HTTPSConnection("127.0.0.1", kms.port, context=context, timeout=10)
    try:
        connection.request("GET", "/node/version")
        check(connection.getresponse().status == 200, "answer")
        return connection.sock.getpeercert(binary_form=True)
    except ssl.SSLCertVerificationError:
        return None
    finally:
        connection.close()


def certificate_of(kms):
    return x509.load_pem_x509_certificate((kms.data / "service_cert.pem").read_bytes())


def public_bytes(certificate):
    return certificate.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def until(condition, what):
    deadline = time.monotonic() + FOLLOWS_WITHIN
    while not condition():
        check(time.monotonic() < deadline, what)
        time.sleep(0.02)


def service_key(kms, members):
    old = kms.folder / "old.pem"
    old.write_bytes((kms.data / "service_cert.pem").read_bytes())
    before, presented = certificate_of(kms), handshake(kms, old)
    decide(kms, members, action("rotate_service_key"))
    until(lambda: certificate_of(kms) != before and handshake(kms, old) not in (None, presented), "TLS follows")
    after = certificate_of(kms)
    check(public_bytes(after) != public_bytes(before), "another key")
    check(handshake(kms, kms.data / "service_cert.pem") == handshake(kms, old), "old and new pins see one node")
    unrelated = kms.folder / "unrelated.pem"
    unrelated.write_bytes(open(members[0].identity.certificate_path, "rb").read())
    check(handshake(kms, unrelated) is None, "another pin sees nothing")
    # What answers carry leads to the new one.
    answer = kms.get("/app/pubkey").json()
    node = x509.load_pem_x509_certificate(json.loads(answer["receipt"])["cert"].encode())
    after.public_key().verify(node.signature, node.tbs_certificate_bytes, ec.ECDSA(node.signature_hash_algorithm))
    verified = subprocess.run([BIN / "vitrine", "--ca", kms.data / "service_cert.pem", "--url", f"https://127.0.0.1:{kms.port}",
                               "pubkey"], capture_output=True, text=True, timeout=60, check=False)
    check(verified.returncode == 0, f"{verified}")


def certificates(kms, members):
    before = certificate_of(kms)
    day = time.strftime("%y%m%d000000Z", time.gmtime(time.time() - 86400))
    decide(kms, members, action("set_service_certificate_validity", valid_from=day, validity_period_days=40))
    until(lambda: certificate_of(kms) != before, "the service certificate")
    after = certificate_of(kms)
    check(public_bytes(after) == public_bytes(before), "the same key")
    check((after.not_valid_after - after.not_valid_before).days == 40, f"{after.not_valid_after}")
    until(lambda: handshake(kms, kms.data / "service_cert.pem") is not None, "TLS")
    presented = handshake(kms, kms.data / "service_cert.pem")
    decide(kms, members, action("set_all_nodes_certificate_validity", valid_from=day, validity_period_days=20))
    until(lambda: handshake(kms, kms.data / "service_cert.pem") != presented, "the node's")
    node = x509.load_der_x509_certificate(handshake(kms, kms.data / "service_cert.pem"))
    check((node.not_valid_after - node.not_valid_before).days == 20, f"{node.not_valid_after}")


def log_key(kms, members):
    def signer():
        return kms.get("/checkpoint").body.split("\n")[-2].split(" ")[-1][:5]  # base64 of the key's hash comes first
    before = signer()
    decide(kms, members, action("rotate_log_key"))
    check(signer() != before, "another key signs")


def compromised(kms, members):
    kid = kms.get("/app/pubkey").json()["kid"]
    decide(kms, members, action("mark_key_compromised", kid=kid))
    newest = kms.get("/app/pubkey").json()["kid"]
    check(newest != kid, "a new key at once")


def main():
    kms, members = founded_with_members()
    with kms:
        kms.start()
        make_key(kms, members[0])
        for change in (service_key, certificates, log_key, compromised, service_key):
            change(kms, members)
            digest = hashlib.sha256((kms.data / "service_cert.pem").read_bytes()).hexdigest()
            check(kms.stop() == 0, "stop")
            kms.start()
            check(hashlib.sha256((kms.data / "service_cert.pem").read_bytes()).hexdigest() == digest, "after a restart")
        audited = subprocess.run([BIN / "vitrine", "audit", "--url", f"https://127.0.0.1:{kms.port}", "--service-cert",
                                  kms.data / "service_cert.pem"], capture_output=True, text=True, timeout=120, check=False)
        check(audited.returncode == 0, f"{audited}")


if __name__ == "__main__":
    main()

"""The envelope of `vitrine propose`, read and verified by other software (cbor2 and Python's cryptography): its tag,
headers, kid, payload and signature, for keys on each curve that governance accepts."""
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time

import cbor2
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding

VITRINE = os.path.join(os.environ["VITRINE_BIN"], "vitrine")
CURVES = [("prime256v1", -7, hashes.SHA256()), ("secp384r1", -35, hashes.SHA384()), ("secp521r1", -36, hashes.SHA512())]
PROPOSAL = '{"actions":[{"name":"set_key_rotation_policy","args":{"key_rotation_policy":' \
           '{"rotation_interval_seconds":2678400,"grace_period_seconds":604800}}}]}\n'


def check(folder, curve, algorithm, digest):
    path = lambda name: os.path.join(folder, name)
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", f"ec_paramgen_curve:{curve}", "-nodes", "-days",
                    "1", "-subj", "/CN=user", "-keyout", path("key.pem"), "-out", path("cert.pem")],
                   check=True, capture_output=True)
    with open(path("proposal.json"), "w", encoding="ascii") as file:
        file.write(PROPOSAL)
    before = int(time.time())
    subprocess.run([VITRINE, "propose", path("proposal.json"), "--cert", path("cert.pem"), "--key", path("key.pem"),
                    "--cose-out", path("envelope.cose")], check=True, capture_output=True)
    with open(path("envelope.cose"), "rb") as file:
        envelope = cbor2.loads(file.read())
    with open(path("cert.pem"), "rb") as file:
        certificate = x509.load_pem_x509_certificate(file.read())
    assert envelope.tag == 18, envelope.tag
    protected, unprotected, payload, signature = envelope.value
    header = cbor2.loads(protected)
    created_at = header.pop("ccf.gov.msg.created_at")
    kid = hashlib.sha256(certificate.public_bytes(Encoding.DER)).hexdigest().encode()
    assert header == {1: algorithm, 4: kid, "ccf.gov.msg.type": "proposal"}, header
    assert before <= created_at <= int(time.time()), created_at
    assert unprotected == {} and payload.decode() == PROPOSAL
    half = len(signature) // 2
    der = encode_dss_signature(int.from_bytes(signature[:half], "big"), int.from_bytes(signature[half:], "big"))
    certificate.public_key().verify(der, cbor2.dumps(["Signature1", protected, b"", payload]), ec.ECDSA(digest))


def refuses_rsa(folder):
    path = lambda name: os.path.join(folder, name)
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=user", "-keyout",
                    path("key.pem"), "-out", path("cert.pem")], check=True, capture_output=True)
    done = subprocess.run([VITRINE, "--json", "propose", path("proposal.json"), "--cert", path("cert.pem"), "--key",
                           path("key.pem"), "--cose-out", path("no.cose")], check=False, capture_output=True)
    assert done.returncode == 2, done
    error = json.loads(done.stderr)["error"]
    assert error["message"] == "signer's key is not on P-256, P-384 or P-521", error
    assert not os.path.exists(path("no.cose"))


def main():
    for curve, algorithm, digest in CURVES:
        with tempfile.TemporaryDirectory() as folder:
            check(folder, curve, algorithm, digest)
            refuses_rsa(folder)
    print(f"{len(CURVES)} envelopes verified, RSA refused")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""A vitrined process for tests, and the other side of its wire made from Python's own TLS, JSON and Debian's
python3-cryptography and python3-cbor2: nothing of the project's code is used here."""

import base64
import datetime
import hashlib
import http.client
import json
import os
import pathlib
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time

import cbor2
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils
from cryptography.x509.oid import NameOID

BIN = pathlib.Path(os.environ["VITRINE_BIN"])
VECTORS = pathlib.Path(os.environ.get("VITRINE_VECTORS", "../shared/vectors"))
REFUSED = range(1, 7)  # exit statuses of a start that is refused (docs/errors.md)
ISSUER = "http://Demo-jwt-issuer"
CLAIMS = {"iss": ISSUER, "sub": "c0d8e9a7-6b8e-4e1f-9e4a-3b2c1d0f5a6b", "name": "Cool caller"}


def b64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def check(condition, what):
    """Unlike assert, stays on under -O."""
    if not condition:
        raise AssertionError(what)


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = {name.lower(): value for name, value in response.getheaders()}
        self.body = response.read().decode()

    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"{self.status} {self.headers} {self.body[:300]}"


class Identity:
    """A member's or user's certificate and key."""

    def __init__(self, certificate_path, key_path):
        self.certificate_path = str(certificate_path)
        self.key_path = str(key_path)
        self.certificate = x509.load_pem_x509_certificate(pathlib.Path(certificate_path).read_bytes())
        self.key = serialization.load_pem_private_key(pathlib.Path(key_path).read_bytes(), None)
        self.id = hashlib.sha256(self.certificate.public_bytes(serialization.Encoding.DER)).hexdigest()

    def envelope(self, actions, created_at=None, drop=(), **extra):
        """A COSE_Sign1 over {"actions": actions}, ES384."""
        header = {1: -35, 4: self.id.encode(), "ccf.gov.msg.type": "proposal",
                  "ccf.gov.msg.created_at": int(time.time()) if created_at is None else created_at, **extra}
        for label in drop:
            del header[label]
        protected = cbor2.dumps(header, canonical=True)
        payload = json.dumps({"actions": actions}).encode()
        to_sign = cbor2.dumps(["Signature1", protected, b"", payload])
        r, s = utils.decode_dss_signature(self.key.sign(to_sign, ec.ECDSA(hashes.SHA384())))
        return cbor2.dumps(cbor2.CBORTag(18, [protected, {}, payload, r.to_bytes(48, "big") + s.to_bytes(48, "big")]))


def make_identity(folder, name, curve=ec.SECP384R1()):
    key = ec.generate_private_key(curve)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.utcnow()
    certificate = (x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
                   .serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(hours=1))
                   .not_valid_after(now + datetime.timedelta(days=30)).sign(key, hashes.SHA384()))
    folder = pathlib.Path(folder)
    (folder / f"{name}_cert.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / f"{name}_privk.pem").write_bytes(key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    return Identity(folder / f"{name}_cert.pem", folder / f"{name}_privk.pem")


class TokenIssuer:
    def __init__(self, private_key_path, kid):
        self.key = serialization.load_pem_private_key(pathlib.Path(private_key_path).read_bytes(), None)
        self.kid = kid

    def token(self, remove=(), header=None, **claims):
        now = int(time.time())
        payload = {**CLAIMS, "nbf": now - 60, "iat": now, "exp": now + 3600, **claims}
        for name in remove:
            payload.pop(name)
        head = {"alg": "RS256", "typ": "JWT", "kid": self.kid, **(header or {})}
        text = b64url(json.dumps(head).encode()) + "." + b64url(json.dumps(payload).encode())
        return text + "." + b64url(self.key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256()))


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Kms:
    """vitrined --dev on a data folder. As a context manager it stops with the block and removes the folder."""

    def __init__(self, folder=None, arguments=("--dev",), environment=None):
        self.folder = pathlib.Path(folder or tempfile.mkdtemp(prefix="vitrine-test-"))
        self.data = self.folder / "data"
        self.common = self.data / "common"
        self.arguments = list(arguments)
        self.environment = environment
        self.port = free_port()
        self.process = None
        self.log = self.folder / "log"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def spawn(self):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [BIN / "vitrined", *self.arguments, "--data", self.data, "--port", str(self.port)],
                stdout=log, stderr=log, env={**os.environ, **(self.environment or {})})

    def start(self, seconds=120, ready="/node/ready/app"):
        self.spawn()
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise AssertionError(f"vitrined ended with {self.process.returncode}:\n{self.log.read_text()}")
            try:
                if self.request("GET", ready, verify=False).status == 204:
                    return self
            except OSError:
                time.sleep(0.05)
        raise AssertionError("vitrined does not answer:\n" + self.log.read_text())

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=10)

    def connection(self, identity=None, verify=True, timeout=60):
        if verify:
            context = ssl.create_default_context(cafile=str(self.data / "service_cert.pem"))
        else:
            context = ssl._create_unverified_context()
        if identity:
            context.load_cert_chain(identity.certificate_path, identity.key_path)
        return http.client.HTTPSConnection("127.0.0.1", self.port, context=context, timeout=timeout)

    def request(self, method, path, body=None, headers=None, token=None, identity=None, verify=True):
        connection = self.connection(identity, verify)
        headers = dict(headers or {})
        if token:
            headers["authorization"] = "Bearer " + token
        if isinstance(body, (dict, list)):
            body = json.dumps(body)
        try:
            connection.request(method, path, body=body, headers=headers)
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def get(self, path, **more):
        return self.request("GET", path, **more)

    def post(self, path, body=None, **more):
        return self.request("POST", path, body, **more)

    def propose(self, *actions, identity=None, **more):
        signer = identity or self.user(0)
        return self.post("/app/proposals", signer.envelope(list(actions), **more),
                         headers={"content-type": "application/cose"})

    def user(self, number):
        return Identity(self.common / f"user{number}_cert.pem", self.common / f"user{number}_privk.pem")

    def member(self, number):
        return Identity(self.common / f"member{number}_cert.pem", self.common / f"member{number}_privk.pem")

    def issuer(self):
        kid = json.loads((self.common / "jwt_issuer_jwks.json").read_text())["keys"][0]["kid"]
        return TokenIssuer(self.common / "jwt_issuer_privk.pem", kid)

    def set_demo_policies(self):
        """The demo issuer's validation policy and a release policy that the recorded samples satisfy."""
        check(self.propose({"name": "set_jwt_validation_policy",
                            "args": {"issuer": ISSUER, "validation_policy": CLAIMS}}).status == 200, "JWT policy")
        check(self.propose({"name": "set_key_release_policy", "args": {
            "type": "add", "claims": {"x-ms-ver": ["2", "3"], "x-ms-sevsnpvm-is-debuggable": False}}}).status == 200,
            "release policy")


def sample(name):
    return json.loads((VECTORS / "kms/attestation" / name).read_text())


def sample_wrapping_key():
    return (VECTORS / "kms/wrapping/publicWrapKey.pem").read_text()


def make_wrapping_key(bits=3072):
    """A fresh key pair: the private half and the public one's PEM text."""
    key = rsa.generate_private_key(65537, bits)
    return key, key.public_key().public_bytes(serialization.Encoding.PEM,
                                              serialization.PublicFormat.SubjectPublicKeyInfo).decode()


def unwrap(wrapped, key_pem=None):
    """RSA-OAEP with SHA-256 twice, by the published private key of the samples or another."""
    pem = key_pem or (VECTORS / "kms/wrapping/privateWrapKey.pem").read_bytes()
    key = serialization.load_pem_private_key(pem, None)
    return key.decrypt(base64.b64decode(wrapped, validate=True),
                       padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None))


def verify_receipt(receipt, service_certificate_pem, x=None):
    """ccf.md 7, step by step, with OpenSSL through python3-cryptography. Returns the transaction id."""
    if isinstance(receipt, str):
        receipt = json.loads(receipt)
    leaf = receipt["leaf_components"]
    evidence = leaf["commit_evidence"]
    kind, transaction, _ = evidence.split(":")
    check(kind == "ce", "commit evidence")
    claims = bytes.fromhex(leaf["claims_digest"])
    if x is not None:
        check(claims == hashlib.sha256(x.encode()).digest(), "claims digest is that of x")
    value = hashlib.sha256(bytes.fromhex(leaf["write_set_digest"]) + hashlib.sha256(evidence.encode()).digest() +
                           claims).digest()
    for step in receipt["proof"]:
        if "left" in step:
            value = hashlib.sha256(bytes.fromhex(step["left"]) + value).digest()
        else:
            value = hashlib.sha256(value + bytes.fromhex(step["right"])).digest()
    node = x509.load_pem_x509_certificate(receipt["cert"].encode())
    node.public_key().verify(base64.b64decode(receipt["signature"]), value, ec.ECDSA(utils.Prehashed(hashes.SHA256())))
    spki = node.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    check(hashlib.sha256(spki).hexdigest() == receipt["node_id"], "node id")
    service = x509.load_pem_x509_certificate(service_certificate_pem.encode())
    check(node.issuer == service.subject, "issuer")
    service.public_key().verify(node.signature, node.tbs_certificate_bytes, ec.ECDSA(node.signature_hash_algorithm))
    return transaction

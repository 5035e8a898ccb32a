"""Signed governance requests of `vitrine cose` and `vitrine member keygen`, read, verified and made by other software (cbor2
and Python's cryptography): keys and certificates, headers of each type, and the two steps of a key that is elsewhere."""
import base64
import hashlib
import json
import os
import pathlib
import stat
import subprocess
import sys
import tempfile

import cbor2
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, utils
from cryptography.hazmat.primitives.serialization import Encoding

VITRINE = os.path.join(os.environ["VITRINE_BIN"], "vitrine")
PROPOSAL_ID = "ab" * 32
CONTENTS = {"proposal": b'{"actions":[]}', "ballot": b'{"ballot":"export function vote (p, i) { return true }"}',
            "withdrawal": b"", "state_digest": b"", "ack": b'{"stateDigest":"00"}', "recovery_share": b'{"share":"AA=="}'}
CREATED, CREATED_SECONDS = "2026-11-24T20:00:00+01:00", 1795546800


def vitrine(*arguments, status=0):
    done = subprocess.run([VITRINE, *map(str, arguments)], check=False, capture_output=True)
    assert done.returncode == status, (arguments, done)
    return done


def keygen(folder, name, *options):
    vitrine("member", "keygen", name, "--out", folder, *options)
    certificate = x509.load_pem_x509_certificate((folder / f"{name}_cert.pem").read_bytes())
    key = serialization.load_pem_private_key((folder / f"{name}_privk.pem").read_bytes(), None)
    return certificate, key


def keys(folder):
    certificate, key = keygen(folder, "alice", "--encryption-key")
    assert isinstance(key.curve, ec.SECP384R1) and isinstance(certificate.signature_hash_algorithm, hashes.SHA384)
    assert certificate.subject.rfc4514_string() == "CN=alice" == certificate.issuer.rfc4514_string()
    assert (certificate.not_valid_after - certificate.not_valid_before).days == 365
    assert certificate.public_key().public_numbers() == key.public_key().public_numbers()
    key.public_key().verify(certificate.signature, certificate.tbs_certificate_bytes, ec.ECDSA(hashes.SHA384()))
    rsa_key = serialization.load_pem_private_key((folder / "alice_enc_privk.pem").read_bytes(), None)
    public = serialization.load_pem_public_key((folder / "alice_enc_pubk.pem").read_bytes())
    oaep = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)
    assert rsa_key.decrypt(public.encrypt(b"share", oaep), oaep) == b"share"
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    assert modes["alice_privk.pem"] == modes["alice_enc_privk.pem"] == 0o600, modes
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    again = vitrine("member", "keygen", "alice", "--out", folder, status=5)
    assert b"it is there already, and is never overwritten" in again.stderr, again
    assert before == {path.name: path.read_bytes() for path in folder.iterdir()}
    vitrine("member", "keygen", "../alice", "--out", folder, status=2)
    certificate, key = keygen(folder, "bob", "--curve", "p256", "--days", 30)
    assert isinstance(key.curve, ec.SECP256R1) and isinstance(certificate.signature_hash_algorithm, hashes.SHA256)
    assert (certificate.not_valid_after - certificate.not_valid_before).days == 30
    assert not (folder / "bob_enc_privk.pem").exists()


def options_of(folder, name, kind):
    (folder / "content").write_bytes(CONTENTS[kind])
    options = ["--type", kind, "--cert", folder / f"{name}_cert.pem", "--created-at", CREATED]
    if CONTENTS[kind]:
        options += ["--content", folder / "content"]
    if kind in ("ballot", "withdrawal"):
        options += ["--proposal-id", PROPOSAL_ID]
    return options


def verify(envelope, certificate, kind):
    """ccf.md 2, by another encoder; returns nothing, or fails."""
    message = cbor2.loads(envelope)
    assert message.tag == 18, message
    protected, unprotected, payload, signature = message.value
    algorithm, digest = {"secp256r1": (-7, hashes.SHA256()), "secp384r1": (-35, hashes.SHA384())}[
        certificate.public_key().curve.name]
    kid = hashlib.sha256(certificate.public_bytes(Encoding.DER)).hexdigest().encode()
    header = {1: algorithm, 4: kid, "ccf.gov.msg.type": kind, "ccf.gov.msg.created_at": CREATED_SECONDS}
    if kind in ("ballot", "withdrawal"):
        header["ccf.gov.msg.proposal_id"] = PROPOSAL_ID
    assert cbor2.loads(protected) == header
    assert protected == cbor2.dumps(header, canonical=True), "labels in deterministic order"
    assert unprotected == {} and payload == CONTENTS[kind]
    half = len(signature) // 2
    der = utils.encode_dss_signature(int.from_bytes(signature[:half], "big"), int.from_bytes(signature[half:], "big"))
    certificate.public_key().verify(der, cbor2.dumps(["Signature1", protected, b"", payload]), ec.ECDSA(digest))


def requests(folder, name):
    certificate = x509.load_pem_x509_certificate((folder / f"{name}_cert.pem").read_bytes())
    key = serialization.load_pem_private_key((folder / f"{name}_privk.pem").read_bytes(), None)
    digest, algorithm = (hashes.SHA384(), -35) if name == "alice" else (hashes.SHA256(), -7)
    for kind in CONTENTS:
        options = options_of(folder, name, kind)
        verify(vitrine("cose", "sign", *options, "--key", folder / f"{name}_privk.pem").stdout, certificate, kind)
        prepared = json.loads(vitrine("cose", "prepare", *options).stdout)
        assert set(prepared) == {"alg", "value"} and prepared["alg"] == algorithm, prepared
        value = base64.b64decode(prepared["value"], validate=True)
        r, s = utils.decode_dss_signature(key.sign(value, ec.ECDSA(utils.Prehashed(digest))))
        size = digest.digest_size
        raw = base64.urlsafe_b64encode(r.to_bytes(size, "big") + s.to_bytes(size, "big")).rstrip(b"=").decode()
        (folder / "signature.json").write_text(json.dumps({"kid": "https://vault.example/keys/alice", "value": raw}))
        finished = vitrine("cose", "finish", *options, "--signature", folder / "signature.json").stdout
        verify(finished, certificate, kind)
        other = [CREATED.replace("20:00:00", "20:00:01") if option == CREATED else option for option in options]
        refused = vitrine("cose", "finish", *other, "--signature", folder / "signature.json", status=3)
        assert b"the signature is not one of this request" in refused.stderr, refused


def documents(folder):
    """What `propose --cose-out` signs of arguments: a document that names its service."""
    (folder / "data.json").write_text('{"team": "red"}')
    vitrine("propose", "--action", "set_member", "--arg", f"cert=@{folder / 'bob_cert.pem'}", "--arg",
            f"member_data=@{folder / 'data.json'}", "--arg", "recovery_role=NonParticipant", "--as", folder / "alice",
            "--service", "cd" * 32, "--cose-out", folder / "p.cose")
    payload = json.loads(cbor2.loads((folder / "p.cose").read_bytes()).value[2])
    assert payload == {"actions": [{"name": "set_member", "args": {
        "cert": (folder / "bob_cert.pem").read_text(), "member_data": {"team": "red"}, "recovery_role": "NonParticipant"}}],
        "service": "cd" * 32}, payload
    (folder / "foreign.json").write_text(json.dumps({"actions": [], "service": "ef" * 32}))
    foreign = vitrine("propose", folder / "foreign.json", "--as", folder / "alice", "--service", "cd" * 32, "--cose-out",
                      folder / "no.cose", status=5)
    assert b"it is for service efef" in foreign.stderr and not (folder / "no.cose").exists(), foreign
    vitrine("propose", "--action", "freeze", "--as", folder / "alice", "--service", "cd" * 32, "--prepare",
            folder / "freeze.cose")
    vitrine("propose", "--action", "freeze", "--as", folder / "bob", "--key", "x", status=64)
    unnamed = vitrine("--common", folder / "nowhere", "propose", "--action", "freeze", "--as", folder / "alice",
                      "--cose-out", folder / "no.cose", status=2)
    assert b"name it with --service" in unnamed.stderr, unnamed


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        keys(folder)
        requests(folder, "alice")
        requests(folder, "bob")
        documents(folder)
    print(f"keys made, {4 * len(CONTENTS)} signed requests verified by another encoder, documents named")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""What `vitrine seal` writes, an independent reading of RFC 9180 opens, and the reverse (Python's cryptography for the
primitives; mode base, X25519, HKDF-SHA256, AES-256-GCM, info "vitrine/seal v1", aad empty)."""
import base64
import hashlib
import hmac
import json
import os
import subprocess
import sys
import tempfile

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

VITRINE = os.path.join(os.environ["VITRINE_BIN"], "vitrine")
INFO = b"vitrine/seal v1"
KEM_SUITE = b"KEM" + bytes.fromhex("0020")
HPKE_SUITE = b"HPKE" + bytes.fromhex("002000010002")


def b64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def from_b64url(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def extract(salt, suite, label, ikm):
    return hmac.new(salt or bytes(32), b"HPKE-v1" + suite + label + ikm, hashlib.sha256).digest()


def expand(prk, suite, label, info, size):
    labeled = size.to_bytes(2, "big") + b"HPKE-v1" + suite + label + info
    out = block = b""
    counter = 1
    while len(out) < size:
        block = hmac.new(prk, block + labeled + bytes([counter]), hashlib.sha256).digest()
        out += block
        counter += 1
    return out[:size]


def raw(public_key):
    return public_key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)


def key_and_nonce(dh, enc, recipient):
    eae_prk = extract(b"", KEM_SUITE, b"eae_prk", dh)
    shared = expand(eae_prk, KEM_SUITE, b"shared_secret", enc + recipient, 32)
    context = b"\x00" + extract(b"", HPKE_SUITE, b"psk_id_hash", b"") + extract(b"", HPKE_SUITE, b"info_hash", INFO)
    secret = extract(shared, HPKE_SUITE, b"secret", b"")
    return (expand(secret, HPKE_SUITE, b"key", context, 32), expand(secret, HPKE_SUITE, b"base_nonce", context, 12))


def open_sealed(private_key, sealed):
    enc = from_b64url(sealed["enc"])
    dh = private_key.exchange(X25519PublicKey.from_public_bytes(enc))
    key, nonce = key_and_nonce(dh, enc, raw(private_key.public_key()))
    return AESGCM(key).decrypt(nonce, from_b64url(sealed["ct"]), b"")


def seal(public_key, kid, plaintext):
    ephemeral = X25519PrivateKey.generate()
    enc = raw(ephemeral.public_key())
    key, nonce = key_and_nonce(ephemeral.exchange(public_key), enc, raw(public_key))
    return {"kid": kid, "enc": b64url(enc), "ct": b64url(AESGCM(key).encrypt(nonce, plaintext, b""))}


def kid_of(public_key):
    pem = public_key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return b64url(hashlib.sha256(pem).digest()) + "_1"


def vitrine(*arguments, stdin=b""):
    return subprocess.run([VITRINE, "--common", "/nonexistent", *arguments], input=stdin, capture_output=True, check=True)


def main():
    private_key = X25519PrivateKey.generate()
    public_key = private_key.public_key()
    kid = kid_of(public_key)
    scalar = private_key.private_bytes(serialization.Encoding.Raw, serialization.PrivateFormat.Raw,
                                       serialization.NoEncryption())
    item = {"crv": "X25519", "d": b64url(scalar), "kid": kid, "kty": "OKP", "x": b64url(raw(public_key)),
            "timestamp": 1700000000000, "id": 11}
    with tempfile.TemporaryDirectory() as folder:
        path = lambda name: os.path.join(folder, name)
        with open(path("private.jwk"), "w", encoding="ascii") as file:
            json.dump(item, file, separators=(",", ":"))
        del item["d"]
        with open(path("public.json"), "w", encoding="ascii") as file:
            json.dump(item, file)
        for plaintext in (b"", b"a prompt", bytes(range(256)) * 300):
            ours = json.loads(vitrine("seal", "--key", path("public.json"), stdin=plaintext).stdout)
            assert ours["kid"] == kid, ours["kid"]
            assert open_sealed(private_key, ours) == plaintext, "the other side opens what vitrine sealed"
            theirs = json.dumps(seal(public_key, kid, plaintext)).encode()
            opened = vitrine("open", "--key", path("private.jwk"), stdin=theirs).stdout
            assert opened == plaintext, "vitrine opens what the other side sealed"
    print("3 texts sealed and opened both ways")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""The other side of a deal of recovery shares (docs/formats/recovery.md, seal.md, service-secrets.md): from the members' keys
and the ledger's file alone to the service's secrets, with the field, HKDF and the plaintext's parts written out here."""

import hashlib
import hmac
import sqlite3

import cbor2
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import x25519
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from _kms import check
from _recovery import OAEP


def multiply(a, b):
    """In GF(2^8), polynomial of AES (FIPS 197 4.2)."""
    product = 0
    while b:
        if b & 1:
            product ^= a
        a = (a << 1) ^ (0x11b if a & 0x80 else 0)
        b >>= 1
    return product


def inverse(a):
    return next(b for b in range(1, 256) if multiply(a, b) == 1)


def combine(shares):
    """{index: value} → the value at 0."""
    secret = bytearray(32)
    for x, value in shares.items():
        factor = 1
        for other in shares:
            if other != x:
                factor = multiply(factor, multiply(other, inverse(other ^ x)))
        for i in range(32):
            secret[i] ^= multiply(value[i], factor)
    return bytes(secret)


def hkdf(secret, salt, info, size):
    key, out, block = hmac.new(salt, secret, hashlib.sha256).digest(), b"", b""
    for number in range(1, 1 + -(-size // 32)):
        block = hmac.new(key, block + info + bytes([number]), hashlib.sha256).digest()
        out += block
    return out[:size]


def open_sealed(secret, service, kind, context, stored):
    keys = hkdf(secret, stored[:32], b"vitrine seal v1" + service, 64)
    check(keys[32:] == stored[32:64], "key commitment")
    return AESGCM(keys[:32]).decrypt(bytes(12), stored[64:], cbor2.dumps([service, 1, kind, context], canonical=True))


def parts_of(packed):
    parts = []
    while packed:
        size = int.from_bytes(packed[:4], "big")
        parts.append(packed[4:4 + size])
        packed = packed[4 + size:]
    return parts


def records(data):
    """(leaf, sealed) in order."""
    with sqlite3.connect(f"file:{data}/ledger.db?mode=ro", uri=True) as ledger:
        return [(cbor2.loads(leaf), sealed) for leaf, sealed in
                ledger.execute("SELECT leaf, sealed FROM entries ORDER BY idx")]


def check_newest_deal(data, members):
    """Any `threshold` of the members open the newest deal, and what it holds opens every private key in the ledger. How many
    keys there are."""
    ledger = records(data)
    service = ledger[0][0][5][1]
    leaf, sealed = next(record for record in reversed(ledger) if record[0][4] == 17)
    _, version, threshold, dealt = (leaf[5][key] for key in (1, 2, 3, 4))
    by_id = {member.id: member for member in members}
    shares = {}
    for member_id, encrypted, digest in dealt:
        share = by_id[member_id.hex()].key.decrypt(encrypted, OAEP)
        check(len(share) == 66 and share[0] == 1 and share[2:34] == service, "share")
        check(hashlib.sha256(share).digest() == digest, "digest of the share")
        shares[share[1]] = share[34:]
    context = cbor2.dumps([threshold, [digest for _, _, digest in dealt]], canonical=True)
    first, last = (dict(list(shares.items())[one]) for one in (slice(0, threshold), slice(-threshold, None)))
    check(combine(first) == combine(last), "any of them give the same key")
    parts = parts_of(open_sealed(combine(first), service, 17, context, sealed))
    check(parts[2] == b"", "no node key is dealt")
    secrets = {cbor2.loads(parts[i]): parts[i + 1] for i in range(5, len(parts), 2)}
    in_force = max([1] + [entry[5][2] for entry, _ in ledger if entry[4] == 18] +
                   [entry[5][5] for entry, _ in ledger if entry[4] == 24])
    check(version == in_force and version in secrets, f"{version} {in_force} {sorted(secrets)}")
    keys = 0
    for entry, stored in ledger:
        if entry[4] != 6:
            continue
        public = entry[5][2]
        private = open_sealed(secrets[entry[6][0]], service, 6, public, stored)
        raw = dict(encoding=serialization.Encoding.Raw, format=serialization.PublicFormat.Raw)
        check(x25519.X25519PrivateKey.from_private_bytes(private).public_key().public_bytes(**raw) == public, "private key")
        keys += 1
    return keys

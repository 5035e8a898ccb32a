"""What a service keeps, and whom it does not open for: restart after SIGKILL, a store that somebody without the secrets
wrote to, another unseal key, dev mode on the wrong ledger; and that its data folder holds no secret in the clear."""

import base64
import hashlib
import json
import re
import shutil
import sqlite3
import subprocess
import sys

import cbor2
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from _kms import BIN, Kms, check, verify_receipt


def refuses_to_start(kms, *words, arguments=("--dev",), status=3):
    """The start must fail with the status of `denied`, or another, and its error name each of the words."""
    ended = subprocess.run([BIN / "vitrined", *arguments, "--data", kms.data, "--port", "0"], capture_output=True, text=True,
                           timeout=120)
    check(ended.returncode == status, f"it started, or crashed: {ended.returncode} {ended.stderr}")
    for word in words:
        check(word in ended.stderr, f"{word!r} is not in the error: {ended.stderr}")
    check("vitrined: hint: " in ended.stderr, f"no hint: {ended.stderr}")


def restart_after_kill(kms):
    kms.start()
    service = (kms.data / "service_cert.pem").read_text()
    made = [kms.post("/app/refresh").json() for _ in range(3)]
    before = kms.get("/app/pubkey?kid=" + made[0]["kid"]).json()
    kms.kill()

    kms.start()
    check((kms.data / "service_cert.pem").read_text() == service, "the service's identity is kept")
    for item in made:
        again = kms.get("/app/pubkey?kid=" + item["kid"]).json()
        check({**again, "receipt": 0} == {**item, "receipt": 0}, "the key is as it was")
        verify_receipt(again["receipt"], service, item["x"])
    verify_receipt(before["receipt"], service, made[0]["x"])
    network = kms.get("/node/network").json()
    check(network["current_view"] == 3, "a restart raises the view")
    check(kms.post("/app/refresh").headers["x-ms-ccf-transaction-id"].startswith("3."), "new entries are of the new view")
    check(kms.get("/app/tx?transaction_id=2.4").json()["status"] == "Committed", "an old id stays committed")
    check(kms.get("/app/tx?transaction_id=3.4").json()["status"] == "Invalid", "the same number in another view is invalid")
    check(kms.get("/app/tx?transaction_id=3.4000").json()["status"] == "Unknown", "a future id is unknown")
    check(kms.get("/app/receipt?transaction_id=9.4000").status == 404, "no receipt of a future id")
    return made


def derive(secret, salt, info, size):
    return HKDF(hashes.SHA256(), size, salt, info).derive(secret)


def unsealed_service(kms):
    """Opens service.sealed by its published format (docs/formats/service-secrets.md): private keys and ledger secrets."""
    stored = cbor2.loads((kms.data / "service.sealed").read_bytes())
    service_id, salt = stored[3], stored[4]
    sealing_key = bytes.fromhex((kms.common / "unseal_key").read_text())
    keys = derive(sealing_key, salt, b"vitrine service secrets v1" + service_id, 64)
    check(keys[32:] == stored[5], "key commitment")
    plaintext = AESGCM(keys[:32]).decrypt(bytes(12), stored[6], cbor2.dumps([service_id, 2, "file"]))
    parts = []
    while plaintext:
        size = int.from_bytes(plaintext[:4], "big")
        parts.append(plaintext[4:4 + size])
        plaintext = plaintext[4 + size:]
    check(len(parts) == 7 and parts[3:5] == [b"", b""] and cbor2.loads(parts[5]) == 1,
          "service, log and node key, no next ones, one ledger secret")
    return service_id, parts[:3], parts[6]


def unsealed_keys(kms, service_id, ledger_secret):
    """Opens the sealed part of every key_created entry by its published format (docs/formats/seal.md)."""
    with sqlite3.connect(f"file:{kms.data}/ledger.db?mode=ro", uri=True) as database:
        rows = database.execute("SELECT leaf, sealed FROM entries WHERE sealed IS NOT NULL").fetchall()
    database.close()
    private = []
    for leaf_bytes, stored in rows:
        leaf = cbor2.loads(leaf_bytes)
        if leaf[4] != 6:
            continue
        public = leaf[5][2]
        check(leaf[6] == [1, len(stored), hashlib.sha256(stored).digest()], "commitment")
        keys = derive(ledger_secret, stored[:32], b"vitrine seal v1" + service_id, 64)
        check(keys[32:] == stored[32:64], "key commitment")
        private.append(AESGCM(keys[:32]).decrypt(bytes(12), stored[64:], cbor2.dumps([service_id, leaf[1], leaf[4], public])))
        check(X25519PrivateKey.from_private_bytes(private[-1]).public_key().public_bytes(
            serialization.Encoding.Raw, serialization.PublicFormat.Raw) == public, "the private half of that key")
    return private


def no_secret_in_the_clear(kms):
    """Greps everything but common/ for every secret of the service in raw, hex and base64 forms, and for PEM and PKCS#8."""
    secrets = [(kms.common / "unseal_key").read_text().strip().encode(), bytes.fromhex((kms.common / "unseal_key").read_text())]
    service_id, service_keys, ledger_secret = unsealed_service(kms)
    private = unsealed_keys(kms, service_id, ledger_secret)
    check(len(private) >= 3, "the keys that were made")
    secrets += [*service_keys, ledger_secret, *private]
    # The bare scalar of each PKCS#8 key too.
    for der in service_keys:
        key = serialization.load_der_private_key(der, None)
        if hasattr(key, "private_numbers"):
            secrets.append(key.private_numbers().private_value.to_bytes(key.key_size // 8, "big"))
        else:
            secrets.append(key.private_bytes(serialization.Encoding.Raw, serialization.PrivateFormat.Raw,
                                             serialization.NoEncryption()))
    for path in kms.common.rglob("*"):
        if path.is_file() and b"PRIVATE KEY" in (content := path.read_bytes()):
            key = serialization.load_pem_private_key(content, None)
            secrets.append(key.private_bytes(serialization.Encoding.DER, serialization.PrivateFormat.PKCS8,
                                             serialization.NoEncryption()))
    check(len(secrets) >= 15, "there are secrets to look for")
    forms = set()
    for secret in secrets:
        forms |= {secret, secret.hex().encode(), secret.hex().upper().encode(), base64.b64encode(secret).rstrip(b"="),
                  base64.urlsafe_b64encode(secret).rstrip(b"=")}
    looked_at = 0
    for path in [*kms.data.rglob("*"), kms.log]:
        if not path.is_file() or kms.common in path.parents:
            continue
        content = path.read_bytes()
        looked_at += len(content)
        check(b"PRIVATE KEY" not in content, f"{path} holds a private key in PEM")
        # RFC 5958: an EC, RSA or Ed25519 private key in PKCS#8 begins with version 0 and its algorithm.
        for prefix in (b"\x02\x01\x00\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01", b"\x02\x01\x00\x30\x05\x06\x03\x2b\x65"):
            check(prefix not in content, f"{path} holds a private key in DER")
        for form in forms:
            check(form not in content, f"{path} holds a secret")
    check(looked_at > 20_000, "there is something to look at")


def foreign_entries(kms):
    """Somebody who knows every format, but no secret, appends an entry to the database with the node down."""
    kms.stop()
    clean = kms.folder / "clean"
    shutil.copytree(kms.data, clean)

    def restore():
        shutil.rmtree(kms.data)
        shutil.copytree(clean, kms.data)

    def sql(*statements):
        with sqlite3.connect(kms.data / "ledger.db") as database:
            for statement, *values in statements:
                database.execute(statement, values)
        database.close()

    with sqlite3.connect(kms.data / "ledger.db") as database:
        columns = [row[1] for row in database.execute("PRAGMA table_info(entries)")]
        check(columns[0] == "idx" and "leaf" in columns, f"the columns are {columns}")
        size = database.execute("SELECT count(*) FROM entries").fetchone()[0]
        leaf, sealed = database.execute("SELECT leaf, sealed FROM entries WHERE idx = ?", (size - 1,)).fetchone()
        tag = database.execute("SELECT tag FROM batches ORDER BY size_before DESC LIMIT 1").fetchone()[0]
    database.close()

    # A copy of the last entry, under its own old tag.
    sql(("INSERT INTO entries (idx, leaf, sealed) VALUES (?, ?, ?)", size, leaf, sealed),
        ("INSERT INTO batches (size_before, size_after, tag) VALUES (?, ?, ?)", size, size + 1, tag))
    refuses_to_start(kms, "ledger.db", f"entry {size + 1}")
    restore()
    # The same with the sequence number, in its shortest CBOR form, raised: the position fits now.
    old, new = bytes([0x82, 3, size]), bytes([0x82, 3, size + 1])
    check(leaf.count(old) >= 1 and size < 23, "the leaf's id is where it is looked for")
    sql(("INSERT INTO entries (idx, leaf, sealed) VALUES (?, ?, ?)", size, leaf.replace(old, new, 1), sealed),
        ("INSERT INTO batches (size_before, size_after, tag) VALUES (?, ?, ?)", size, size + 1, tag))
    refuses_to_start(kms, "ledger.db", f"entry {size + 1}")
    restore()
    # Entries without any tag; a tag altered; an entry altered; an entry taken away.
    sql(("INSERT INTO entries (idx, leaf, sealed) VALUES (?, ?, ?)", size, leaf, sealed),)
    refuses_to_start(kms, "ledger.db", f"entry {size + 1}")
    restore()
    sql(("UPDATE entries SET leaf = ? WHERE idx = ?", leaf[:-1] + bytes([leaf[-1] ^ 1]), size - 1),)
    refuses_to_start(kms, "ledger.db", f"entry {size}")
    restore()
    sql(("DELETE FROM entries WHERE idx = ?", size - 1),)
    refuses_to_start(kms, "ledger.db")
    restore()
    sql(("UPDATE entries SET sealed = ? WHERE idx = 3", hashlib.sha256(b"another").digest()),)
    refuses_to_start(kms, "ledger.db", "entry 4", "sealed part")
    restore()
    kms.start()
    kms.stop()


def wrong_keys_and_modes(kms):
    key = kms.common / "unseal_key"
    right = key.read_text()
    key.write_text("00" * 32 + "\n")
    refuses_to_start(kms, "this is not the key that sealed them")
    key.write_text("junk\n")
    refuses_to_start(kms, "64 lower-case hex digits", status=2)
    key.write_text(right)
    key.chmod(0o640)
    refuses_to_start(kms, "unseal_key", "0640")
    key.chmod(0o600)
    refuses_to_start(kms, "born with --dev", arguments=())
    kms.start()
    size = kms.get("/app/commit").body
    busy = subprocess.run([BIN / "vitrined", "--dev", "--data", kms.folder / "other", "--port", str(kms.port)],
                          capture_output=True, text=True, timeout=60)
    check(busy.returncode == 6 and f"can't listen on 127.0.0.1:{kms.port}" in busy.stderr, f"a port in use: {busy.stderr}")
    check(not (kms.folder / "other").exists(), "a start that can't listen writes nothing")
    second = subprocess.run([BIN / "vitrined", "--dev", "--data", kms.data, "--port", "0"], capture_output=True, text=True,
                            timeout=60)
    check(second.returncode == 6 and re.search("in use|another process", second.stderr), f"two processes: {second.stderr}")
    check(kms.get("/app/commit").body == size, "the second process wrote nothing")
    check(kms.stop() == 0, "SIGTERM ends it with 0")


def main():
    with Kms() as kms:
        made = restart_after_kill(kms)
        no_secret_in_the_clear(kms)
        foreign_entries(kms)
        wrong_keys_and_modes(kms)
        kms.start()
        check(kms.get("/app/pubkey?kid=" + made[2]["kid"]).status == 200, "after all of it the first keys are there")
        print("restart, foreign entries, wrong keys and modes: as they must be")
    return 0


if __name__ == "__main__":
    sys.exit(main())

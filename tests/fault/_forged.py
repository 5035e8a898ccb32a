"""A ledger written anew by Python alone (docs/formats/leaf.md, heads.md, store.md), under keys of our own: what a service would
write that signs whatever it likes. So a test can break a rule and have every hash and signature right, and can change an
entry and leave the hashes as they are."""

import base64
import datetime
import hashlib
import pathlib
import shutil
import sqlite3

import cbor2
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, utils

DER, PEM = serialization.Encoding.DER, serialization.Encoding.PEM
SPKI = serialization.PublicFormat.SubjectPublicKeyInfo
ZERO = bytes(32)
SERVICE_CREATED, NODE_STARTED = 1, 3


def sha256(data):
    return hashlib.sha256(data).digest()


class Tree:
    """A tree of docs/formats/heads.md that grows: its root at each size, and its full tiles."""

    def __init__(self, prefix):
        self.prefix, self.peaks, self.hashes = prefix, [], []

    def node(self, left, right):
        return sha256(self.prefix + left + right)

    def append(self, value):
        self.hashes.append(value)
        size = 1
        while self.peaks and self.peaks[-1][0] == size:
            value = self.node(self.peaks.pop()[1], value)
            size *= 2
        self.peaks.append((size, value))

    def root(self):
        if not self.peaks:
            return sha256(b"")
        root = self.peaks[-1][1]
        for _, peak in reversed(self.peaks[:-1]):
            root = self.node(peak, root)
        return root

    def tiles(self):
        """(level, index, hashes) of the full ones."""
        level, row = 0, self.hashes
        while len(row) >= 256:
            for index in range(len(row) // 256):
                yield level, index, b"".join(row[256 * index:256 * index + 256])
            row = [self._fold(row[256 * index:256 * index + 256]) for index in range(len(row) // 256)]
            level += 1

    def _fold(self, row):
        while len(row) > 1:
            row = [self.node(row[at], row[at + 1]) for at in range(0, len(row), 2)]
        return row[0]


class Entry:
    """A leaf's members by key (leaf.md), what lies beside it, and whether it begins a batch."""

    def __init__(self, leaf, sealed, blob):
        self.fields, self.sealed, self.blob = cbor2.loads(leaf), sealed, blob
        self.begins_batch = 9 in self.fields

    @property
    def kind(self):
        return self.fields[4]

    @property
    def public(self):
        return self.fields[5]

    def leaf(self):
        return cbor2.dumps(self.fields, canonical=True)


class Keys:
    """Of a service that we are."""

    def __init__(self):
        self.service, self.node = ec.generate_private_key(ec.SECP384R1()), ec.generate_private_key(ec.SECP384R1())
        self.log = ed25519.Ed25519PrivateKey.generate()
        self.origin = "forged.invalid/log"
        self.name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "forged service")])
        self.service_certificate = self.certificate(self.service, self.name, self.service, ca=True)
        self.node_certificate = self.certificate(
            self.node, x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "forged node")]), self.service)

    def __deepcopy__(self, _):
        return self  # never changed

    def certificate(self, key, subject, issuer_key, ca=False):
        begin = datetime.datetime(2026, 1, 1)
        builder = (x509.CertificateBuilder().subject_name(subject).issuer_name(self.name).public_key(key.public_key())
                   .serial_number(x509.random_serial_number()).not_valid_before(begin)
                   .not_valid_after(begin + datetime.timedelta(days=36_500))
                   .add_extension(x509.BasicConstraints(ca, 0 if ca else None), critical=True))
        return builder.sign(issuer_key, hashes.SHA384())

    def node_id(self):
        return sha256(spki(self.node)).hex()

    def raw_log_key(self):
        return self.log.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)

    def checkpoint(self, size, root):
        text = f"{self.origin}\n{size}\n{base64.b64encode(root).decode()}\n"
        key_id = sha256(self.origin.encode() + b"\n\x01" + self.raw_log_key())[:4]
        signature = base64.b64encode(key_id + self.log.sign(text.encode())).decode()
        return f"{text}\n— {self.origin} {signature}\n"


def spki(key):
    return key.public_key().public_bytes(DER, SPKI)


def pem(certificate):
    return certificate.public_bytes(PEM).decode()


class Ledger:
    """Read from a data folder, written to another."""

    def __init__(self, data):
        database = sqlite3.connect(f"file:{data}/ledger.db?mode=ro", uri=True)
        self.schema = [sql for sql, in database.execute("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL")]
        self.entries = [Entry(*row) for row in database.execute("SELECT leaf, sealed, blob FROM entries ORDER BY idx")]
        self.tags = dict(database.execute("SELECT size_before, tag FROM batches"))
        self.keys = None
        database.close()

    def adopt(self, keys):
        """The same history, of our service."""
        self.keys = keys
        for entry in self.entries:
            if entry.kind == SERVICE_CREATED:
                entry.public.update({2: spki(keys.service), 3: keys.service_certificate.public_bytes(DER),
                                     4: keys.raw_log_key(), 5: keys.origin})
            if entry.kind == NODE_STARTED:
                entry.public.update({1: keys.node_id(), 2: spki(keys.node), 4: keys.node_certificate.public_bytes(DER)})
        return self

    def write(self, folder, before_entry=None):
        """Hashes and signs all of it. `before_entry(entry, place, ccf_root)` may change an entry once the root of those before
        its batch is known."""
        folder = pathlib.Path(folder)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        rfc9162, ccf = Tree(b"\x01"), Tree(b"")
        signed_root, bounds, rows = ccf.root(), [], []
        for place, entry in enumerate(self.entries, 1):
            if entry.begins_batch:
                signed_root = ccf.root()
                entry.fields[9] = [place - 1, rfc9162.root(), signed_root]
                bounds.append(place - 1)
            else:
                entry.fields.pop(9, None)
            if before_entry:
                before_entry(entry, place, signed_root)
            leaf = entry.leaf()
            rows.append((place - 1, leaf, entry.sealed, entry.blob))
            rfc9162.append(sha256(b"\x00" + leaf))
            ccf.append(sha256(sha256(leaf) + entry.fields[8] + entry.fields.get(7, ZERO)))
        self._store(folder, rows, bounds, {0: rfc9162, 1: ccf}, self._head(rfc9162.root(), ccf.root()))
        (folder / "service_cert.pem").write_text(pem(self.keys.service_certificate))
        return folder

    def _head(self, rfc9162, ccf):
        keys, size = self.keys, len(self.entries)
        signature = keys.node.sign(ccf, ec.ECDSA(utils.Prehashed(hashes.SHA256())))
        return cbor2.dumps({1: keys.checkpoint(size, rfc9162), 2: rfc9162, 3: ccf, 4: size, 5: keys.node_id(),
                            6: pem(keys.node_certificate), 7: signature}, canonical=True)

    def _store(self, folder, rows, bounds, trees, head):
        database = sqlite3.connect(folder / "ledger.db")
        for sql in self.schema:
            database.execute(sql)
        database.execute("PRAGMA application_id = 1449751666")
        database.execute("PRAGMA user_version = 1")
        database.executemany("INSERT INTO entries VALUES(?, ?, ?, ?)", rows)
        for before, after in zip(bounds, bounds[1:] + [len(rows)]):
            database.execute("INSERT INTO batches VALUES(?, ?, ?)", (before, after, self.tags.get(before, b"tag")))
        for number, tree in trees.items():
            for level, index, tile in tree.tiles():
                database.execute("INSERT INTO tiles VALUES(?, ?, ?, ?)", (number, level, index, tile))
        database.execute("INSERT INTO head VALUES(1, ?, ?)", (len(rows), head))
        database.commit()
        database.close()

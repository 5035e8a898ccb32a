"""What a service answered, written down by clients that go on until it dies, and whether it still stands. The judge reads
the ledger's file itself and hashes it by the published formats (docs/formats): nothing of the project's code is used."""

import base64
import copy
import hashlib
import json
import pathlib
import random
import sqlite3
import sys
import threading

import cbor2
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "functional"))
from _kms import Kms, check, verify_receipt  # noqa: E402, F401
from _snp import Attester  # noqa: E402

OAEP = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)
ID = "x-ms-ccf-transaction-id"


def sha256(data):
    return hashlib.sha256(data).digest()


class History:
    """The leaves of a ledger in order, and the CCF root after each of them (docs/formats/heads.md)."""

    def __init__(self):
        self.leaves = []  # SHA-256 of each
        self.roots = {}  # root: how many leaves it is of
        self._peaks = []  # (size, hash) of the full subtrees that stand so far, largest first

    def append(self, leaf):
        fields = cbor2.loads(leaf)
        self.leaves.append(sha256(leaf))
        size, value = 1, sha256(self.leaves[-1] + fields[8] + fields.get(7, bytes(32)))
        while self._peaks and self._peaks[-1][0] == size:
            value = sha256(self._peaks.pop()[1] + value)
            size *= 2
        self._peaks.append((size, value))
        root = self._peaks[-1][1]
        for _, peak in reversed(self._peaks[:-1]):
            root = sha256(peak + root)
        self.roots[root] = len(self.leaves)

    def read(self, database_path, from_the_start=False):
        """Takes in what was appended since. What was there must be there still, byte for byte."""
        first = 0 if from_the_start else max(0, len(self.leaves) - 20)
        database = sqlite3.connect(f"file:{database_path}?mode=ro", uri=True)
        try:
            rows = database.execute("SELECT idx, leaf FROM entries WHERE idx >= ? ORDER BY idx", (first,)).fetchall()
        finally:
            database.close()
        check(first + len(rows) >= len(self.leaves), f"lost: {len(self.leaves)} entries are now {first + len(rows)}")
        for place, (index, leaf) in enumerate(rows, first):
            check(index == place, f"entry {place + 1} is missing")
            if index < len(self.leaves):
                check(self.leaves[index] == sha256(leaf), f"entry {index + 1} was changed")
            else:
                self.append(leaf)


class Answered:
    """Everything that was answered. Safe from any thread."""

    def __init__(self, kms):
        self.kms = kms
        self.keys = []  # (answer of /refresh, id)
        self.releases = []  # (answer of /unwrapKey, id)
        self.proposals = []  # id
        self.receipts = []  # (id, receipt)
        self.failures = []  # statuses other than 200
        self.history = History()
        self.wrapping = rsa.generate_private_key(65537, 3072)
        self.request = None
        self._checked = [0, 0, 0, 0]

    def on(self, kms):
        """The same answers, to be looked for in another service on a copy of that folder."""
        other = copy.copy(self)
        other.kms = kms
        for name in ("keys", "releases", "proposals", "receipts", "failures"):
            setattr(other, name, list(getattr(self, name)))
        other.history = copy.deepcopy(self.history)
        other._checked = list(self._checked)
        return other

    def __len__(self):
        return sum(len(each) for each in self._all())

    def _all(self):
        return self.keys, self.releases, self.proposals, self.receipts

    def prepare(self):
        """The service must run: policies by which keys are released, a request that they accept, and a first key."""
        self.kms.set_demo_policies()
        pem = self.wrapping.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()
        self.token = self.kms.issuer().token()
        self.request = {"wrapped": "", "wrappingKey": pem,
                        "attestation": Attester.of_dev_service(self.kms.common).attestation(pem)}
        self.user = self.kms.user(0)
        connection = self.kms.connection()
        self.refresh(connection)
        check(self.keys, f"no first key: {self.failures}")
        return self

    def _call(self, connection, method, path, body=None, headers=None):
        connection.request(method, path, body=body, headers=headers or {})
        response = connection.getresponse()
        text = response.read()
        if response.status != 200:
            self.failures.append((response.status, dict(response.getheaders()), text.decode()))
            return None, None
        return text.decode(), response.headers[ID]

    def refresh(self, connection):
        text, id = self._call(connection, "POST", "/app/refresh")
        if text:
            self.keys.append((json.loads(text), id))

    def release(self, connection, chance=random):
        kid = chance.choice(self.keys)[0]["kid"]
        text, id = self._call(connection, "POST", "/app/unwrapKey", json.dumps({**self.request, "wrappedKid": kid}),
                              {"authorization": "Bearer " + self.token, "content-type": "application/json"})
        if text:
            self.releases.append(({**json.loads(text), "kid": kid}, id))

    def propose(self, connection):
        action = {"name": "set_key_release_policy", "args": {"type": "add", "claims": {"x-ms-ver": ["2", "3"]}}}
        text, id = self._call(connection, "POST", "/app/proposals", self.user.envelope([action]),
                              {"content-type": "application/cose"})
        if text:
            self.proposals.append(id)

    def receipt(self, connection, chance=random):
        id = chance.choice(self.keys)[1]
        text, _ = self._call(connection, "GET", "/app/receipt?transaction_id=" + id)
        if text:
            self.receipts.append((id, text))

    def some(self, connection, chance=random):
        """One request, of a kind that chance picks."""
        pick = chance.random()
        if pick < 0.3:
            self.refresh(connection)
        elif pick < 0.75:
            self.release(connection, chance)
        elif pick < 0.85:
            self.propose(connection)
        else:
            self.receipt(connection, chance)

    def check(self, everything=False):
        """Against the service as it runs now: what was answered since the last check and a few of the rest, or all of it;
        and the whole ledger against what it was."""
        self.history.read(self.kms.data / "ledger.db", everything)
        self.certificate = (self.kms.data / "service_cert.pem").read_text()
        connection = self.kms.connection()
        ids = [id for group in (self.keys, self.releases) for _, id in group] + self.proposals
        check(len(set(ids)) == len(ids), "two answers share an id")
        self.connection = connection
        self._by_kid = {item["kid"]: (item, id) for item, id in self.keys}
        for number, (group, look) in enumerate(zip(self._all(), (self._key, self._release, self._proposal, self._receipt))):
            new = group[0 if everything else self._checked[number]:]
            old = group[:self._checked[number]]
            for each in new + ([] if everything else random.sample(old, min(5, len(old)))):
                look(each)
            self._checked[number] = len(group)
        connection.close()

    def _get(self, path):
        self.connection.request("GET", path)
        response = self.connection.getresponse()
        text = response.read().decode()
        check(response.status == 200, f"lost: GET {path} answers {response.status} {text}")
        return json.loads(text)

    def _in_history(self, receipt, id, x=None):
        """The receipt verifies, is of that id, of the entry that lies there, and leads to a root of this history."""
        receipt = json.loads(receipt) if isinstance(receipt, str) else receipt
        check(verify_receipt(receipt, self.certificate, x) == id, f"{id} has another's receipt")
        leaf = receipt["leaf_components"]
        seqno = int(id.split(".")[1])
        check(seqno <= len(self.history.leaves), f"{id} is beyond the ledger's {len(self.history.leaves)} entries")
        check(bytes.fromhex(leaf["write_set_digest"]) == self.history.leaves[seqno - 1], f"{id} is another entry now")
        value = sha256(bytes.fromhex(leaf["write_set_digest"]) + sha256(leaf["commit_evidence"].encode()) +
                       bytes.fromhex(leaf["claims_digest"]))
        for step in receipt["proof"]:
            ((side, other),) = step.items()
            value = sha256(bytes.fromhex(other) + value if side == "left" else value + bytes.fromhex(other))
        if value not in self.history.roots:  # a node may append by itself: its start, a snapshot, a rotation
            self.history.read(self.kms.data / "ledger.db")
        check(self.history.roots.get(value, 0) >= seqno, f"the receipt of {id} leads to no root of this ledger")

    def _key(self, answered):
        item, id = answered
        found = self._get("/app/pubkey?kid=" + item["kid"])
        receipt = found.pop("receipt")
        check(found == {name: value for name, value in item.items() if name != "receipt"}, f"changed: {item} is {found}")
        self._in_history(receipt, id, item["x"])

    def _release(self, answered):
        item, id = answered
        self._in_history(self._get("/app/receipt?transaction_id=" + id), id)
        key, key_id = self._by_kid[item["kid"]]
        if item["receipt"]:  # empty where the ledger could not be read just then
            self._in_history(item["receipt"], key_id, key["x"])
        jwk = json.loads(self.plaintext(item["wrapped"]))
        check(jwk["kid"] == key["kid"] and jwk["x"] == key["x"], "the key that was released")

    def plaintext(self, wrapped):
        return self.wrapping.decrypt(base64.b64decode(wrapped, validate=True), OAEP)

    def _proposal(self, id):
        self._in_history(self._get("/app/receipt?transaction_id=" + id), id)

    def _receipt(self, answered):
        id, receipt = answered
        self._in_history(receipt, id)


class Clients:
    """Threads that each send requests over one connection until the process dies or the block ends."""

    def __init__(self, answered, count, seed):
        self.answered = answered
        self.stop = threading.Event()
        self.threads = [threading.Thread(target=self._run, args=(random.Random(f"{seed}/{number}"),))
                        for number in range(count)]

    def _run(self, chance):
        while not self.stop.is_set():
            try:
                connection = self.answered.kms.connection(verify=False, timeout=10)
                while not self.stop.is_set():
                    self.answered.some(connection, chance)
            except Exception:  # the process died, or http.client saw half an answer: nothing was answered
                if self.stop.wait(0.01):
                    return

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        for thread in self.threads:
            thread.join()

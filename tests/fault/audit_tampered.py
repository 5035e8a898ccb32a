"""Ledgers tampered with by hand, and what `vitrine audit` says of each: by a host that can change the file and nothing else, by
one that hashes everything anew, and by a service that breaks its own rules and signs it. The last are written by Python
(_forged.py) under keys of our own."""

import copy
import json
import pathlib
import shutil
import sqlite3
import sys
import tempfile

import cbor2

from _answered import Answered, Kms, check, sha256
from _audited import Verdict
from _forged import DER, Keys, Ledger, ec, hashes, pem, utils

GOVERNANCE_SET, PROPOSAL_ACCEPTED, KEY_CREATED, KEY_RELEASED = 2, 5, 6, 7
SIGNED, UNSIGNED = [], []


def signed(words, kind, number=0):
    """The entry of that kind, changed by a service that goes on as if nothing were wrong, and signs."""
    def register(change):
        SIGNED.append((change.__name__, change, words, kind, number))
        return change
    return register


def unsigned(words, kind=None, number=0, exact=True):
    """The file changed by its host, who can sign nothing."""
    def register(change):
        UNSIGNED.append((change.__name__, change, words, kind, number, exact))
        return change
    return register


def place_of(ledger, kind, number):
    return [place for place, entry in enumerate(ledger.entries, 1) if entry.kind == kind][number]


# ---- by a service that signs

@signed("has made no key", KEY_RELEASED)
def release_of_no_key(entry, ledger):
    entry.public[1] = "no-such-key_1"


@signed("release policy in force did not accept it", KEY_RELEASED)
def release_against_the_policy(entry, ledger):
    entry.public[4]["x-ms-ver"] = "9"


@signed("release policy in force did not accept it", KEY_RELEASED, 1)
def release_without_a_claim(entry, ledger):
    del entry.public[4]["x-ms-sevsnpvm-is-debuggable"]


@signed("release policy in force did not accept it", KEY_RELEASED, 2)
def release_with_a_claim_of_no_policy(entry, ledger):
    entry.public[4]["x-ms-runtime"] = "anything"


@signed("is not the one in force", KEY_RELEASED)
def release_by_another_state(entry, ledger):
    entry.public[2] = sha256(b"another state")


@signed("was not one of the service's", KEY_RELEASED)
def release_by_another_profile(entry, ledger):
    entry.public[3] = "sgx-dcap"


@signed("commits to no record of the caller", KEY_RELEASED)
def release_to_nobody(entry, ledger):
    del entry.fields[6]
    entry.sealed = None


@signed("no private key is committed to", KEY_CREATED)
def key_without_private_part(entry, ledger):
    del entry.fields[6]
    entry.sealed = None


@signed("kid is not that of its public key", KEY_CREATED, 1)
def key_of_another_public_key(entry, ledger):
    entry.public[2] = bytes(reversed(entry.public[2]))


@signed("number 9 follows 1 keys", KEY_CREATED, 1)
def key_number_left_out(entry, ledger):
    entry.public[3] = 9


@signed("its receipt would not claim this public key", KEY_CREATED, 1)
def key_with_another_claims_digest(entry, ledger):
    entry.fields[7] = sha256(b"another key")


@signed("its creation time is not the entry's", KEY_CREATED, 1)
def key_made_yesterday(entry, ledger):
    entry.public[6] -= 86_400_000


@signed("its time is before that of the entry before it", KEY_RELEASED)
def time_goes_back(entry, ledger):
    entry.fields[3] = 1


@signed("its view is", KEY_RELEASED)
def view_raised_by_a_release(entry, ledger):
    entry.fields[2][0] += 1


@signed("sequence number", KEY_RELEASED)
def number_left_out(entry, ledger):
    entry.fields[2][1] += 1


@signed("which is not in force", KEY_RELEASED)
def sealed_under_a_secret_to_come(entry, ledger):
    entry.fields[6][0] = 2


@signed("governance reference is not that of the state", KEY_RELEASED)
def governance_of_its_own(entry, ledger):
    entry.fields[10][1] = sha256(b"another state")


@signed("governance reference is not that of the state", PROPOSAL_ACCEPTED, 1)
def proposal_that_changes_nothing(entry, ledger):
    entry.fields[10] = ledger.entries[place_of(ledger, PROPOSAL_ACCEPTED, 1) - 2].fields[10]


@signed("ignature", PROPOSAL_ACCEPTED, 1)
def proposal_signed_by_a_stranger(entry, ledger):
    put_envelope(entry, resigned(entry, ec.generate_private_key(ec.SECP384R1())))


@signed("ignature", PROPOSAL_ACCEPTED, 1)
def proposal_with_other_words(entry, ledger):
    tag = cbor2.loads(envelope_in(entry))
    protected, headers, payload, signature = tag.value
    document = json.loads(payload)
    document["actions"] = []
    put_envelope(entry, cbor2.dumps(cbor2.CBORTag(18, [protected, headers, json.dumps(document).encode(), signature])))


@signed("the proposer did not sign", PROPOSAL_ACCEPTED, 1)
def proposal_of_another_proposer(entry, ledger):
    entry.public[1] = "00" * 32


@signed("ignature", PROPOSAL_ACCEPTED, -1)
def large_proposal_with_a_changed_signature(entry, ledger):
    envelope = envelope_in(entry)
    put_envelope(entry, envelope[:-1] + bytes([envelope[-1] ^ 1]))


@signed("node", 3)
def node_not_of_the_service(entry, ledger):
    stranger = Keys()
    stranger.node = ledger.keys.node
    entry.public[4] = stranger.certificate(
        stranger.node, ledger.keys.node_certificate.subject, stranger.service).public_bytes(DER)


@signed("unknown kind", KEY_RELEASED)
def unknown_kind(entry, ledger):
    entry.fields[4] = 200


@signed("10 members where 9 are known", KEY_RELEASED)
def unknown_member(entry, ledger):
    entry.fields[11] = 1


@signed("the service exists already", 3, 1)
def second_genesis(entry, ledger):
    entry.fields[2][0] -= 1
    entry.fields[4], entry.fields[5] = 1, ledger.entries[0].public


def envelope_in(entry):
    return entry.public[2] if 2 in entry.public else entry.blob


def put_envelope(entry, envelope):
    if 2 in entry.public:
        entry.public[2] = envelope
    else:
        entry.public[3] = [sha256(envelope), len(envelope), entry.public[3][2]]
        entry.blob = envelope


def resigned(entry, key):
    protected, headers, payload, _ = cbor2.loads(envelope_in(entry)).value
    to_sign = cbor2.dumps(["Signature1", protected, b"", payload])
    r, s = utils.decode_dss_signature(key.sign(to_sign, ec.ECDSA(hashes.SHA384())))
    return cbor2.dumps(cbor2.CBORTag(18, [protected, headers, payload, r.to_bytes(48, "big") + s.to_bytes(48, "big")]))


# ---- by a host that signs nothing

@unsigned("not those that were hashed", KEY_CREATED)
def swapped_entries(database, place, ledger):
    database.execute("UPDATE entries SET idx = -1 WHERE idx = ?", (place - 1,))
    database.execute("UPDATE entries SET idx = ? WHERE idx = ?", (place - 1, place))
    database.execute("UPDATE entries SET idx = ? WHERE idx = -1", (place,))


@unsigned("missing", KEY_CREATED)
def removed_entry(database, place, ledger):
    database.execute("DELETE FROM entries WHERE idx = ?", (place - 1,))


@unsigned("not those that were hashed", KEY_CREATED)
def removed_entry_without_a_gap(database, place, ledger):
    database.execute("DELETE FROM entries WHERE idx = ?", (place - 1,))
    for index in range(place, len(ledger.entries)):
        database.execute("UPDATE entries SET idx = ? WHERE idx = ?", (index - 1, index))


@unsigned("covers them, and they are missing", KEY_CREATED, -1, False)
def cut_off(database, place, ledger):
    database.execute("DELETE FROM entries WHERE idx >= ?", (place - 1,))


@unsigned("is not that of the entries before it", None, exact=False)
def last_entry_twice(database, place, ledger):
    size = len(ledger.entries)
    database.execute("INSERT INTO entries SELECT ?, leaf, sealed, blob FROM entries WHERE idx = ?", (size, size - 1))
    database.execute("INSERT INTO batches VALUES(?, ?, ?)", (size, size + 1, b"tag"))
    return size + 1


@unsigned("blob", PROPOSAL_ACCEPTED, -1)
def changed_envelope_blob(database, place, ledger):
    database.execute("UPDATE entries SET blob = ? WHERE idx = ?",
                     (ledger.entries[place - 1].blob.replace(b"xxxx", b"xxxy", 1), place - 1))


@unsigned("blob", GOVERNANCE_SET)
def changed_genesis_state(database, place, ledger):
    blob = ledger.entries[place - 1].blob.replace(b"member", b"nobody", 1)
    database.execute("UPDATE entries SET blob = ? WHERE idx = ?", (blob, place - 1))


@unsigned("its sealed part is not the one", KEY_CREATED)
def changed_sealed_part(database, place, ledger):
    database.execute("UPDATE entries SET sealed = zeroblob(length(sealed)) WHERE idx = ?", (place - 1,))


@unsigned("the sealed part that it commits to is missing", KEY_RELEASED)
def removed_sealed_part(database, place, ledger):
    database.execute("UPDATE entries SET sealed = NULL WHERE idx = ?", (place - 1,))


@unsigned("that it does not commit to", PROPOSAL_ACCEPTED)
def added_sealed_part(database, place, ledger):
    database.execute("UPDATE entries SET sealed = x'00' WHERE idx = ?", (place - 1,))


@unsigned("that it does not name", KEY_RELEASED)
def added_blob(database, place, ledger):
    database.execute("UPDATE entries SET blob = x'00' WHERE idx = ?", (place - 1,))


@unsigned("the store lists no batch that begins here", KEY_CREATED, exact=False)
def removed_batch(database, place, ledger):
    database.execute("DELETE FROM batches WHERE size_before = (SELECT max(size_before) FROM batches WHERE size_before < ?)",
                     (place,))


@unsigned("tile 0/0 of the CCF tree is missing", 1, exact=False)
def removed_tile(database, place, ledger):
    database.execute("DELETE FROM tiles WHERE tree = 1")


@unsigned("not those that were hashed", KEY_RELEASED)
def changed_public_part(database, place, ledger):
    change_leaf(database, place, ledger, lambda fields: fields[5].update({6: sha256(b"another wrapping key")}))


@unsigned("that entry", KEY_RELEASED, 3, exact=False)
def changed_public_part_and_tiles(database, place, ledger):
    """The leaf hashes in the stored tiles say the same as the entry: only the head after it does not."""
    change_leaf(database, place, ledger, lambda fields: fields[5].update({6: sha256(b"another wrapping key")}))
    leaf, = database.execute("SELECT leaf FROM entries WHERE idx = ?", (place - 1,)).fetchone()
    fields = cbor2.loads(leaf)
    for tree, value in ((0, sha256(b"\x00" + leaf)), (1, sha256(sha256(leaf) + fields[8] + fields.get(7, bytes(32))))):
        tile, = database.execute("SELECT hashes FROM tiles WHERE tree = ? AND level = 0 AND idx = 0", (tree,)).fetchone()
        at = 32 * (place - 1)
        database.execute("UPDATE tiles SET hashes = ? WHERE tree = ? AND level = 0 AND idx = 0",
                         (tile[:at] + value + tile[at + 32:], tree))


@unsigned("not the one that the log key signed", KEY_RELEASED, exact=False)
def all_hashed_anew(database, place, ledger):
    rewrite(database, place, ledger)
    return len(ledger.entries)  # the heads in the leaves agree: only the signature tells


@unsigned("signature", None)
def all_hashed_anew_and_the_head_too(database, place, ledger):
    rewrite(database, place_of(ledger, KEY_RELEASED, 0), ledger, with_head=True)
    return 0


@unsigned("the signed head", None)
def head_signed_by_another_log_key(database, place, ledger):
    change_head(database, lambda head: head.update({1: stranger_of(ledger).checkpoint(head[4], head[2])}))
    return 0


@unsigned("the signed head", None)
def head_signed_by_another_node(database, place, ledger):
    stranger = Keys()
    signature = stranger.node.sign
    change_head(database, lambda head: head.update(
        {5: stranger.node_id(), 6: pem(stranger.node_certificate),
         7: signature(head[3], ec.ECDSA(utils.Prehashed(hashes.SHA256())))}))
    return 0


@unsigned("the signed head", None)
def head_signature_of_zeros(database, place, ledger):
    change_head(database, lambda head: head.update({7: bytes(len(head[7]))}))
    return 0


@unsigned("the signed head", None)
def checkpoint_of_fewer_entries(database, place, ledger):
    change_head(database, lambda head: head.update({1: ledger.keys.checkpoint(head[4] - 1, head[2])}))
    return 0


@unsigned("no signed head", None)
def head_removed(database, place, ledger):
    database.execute("DELETE FROM head")
    return 0


def stranger_of(ledger):
    stranger = Keys()
    stranger.origin = ledger.keys.origin
    return stranger


def change_head(database, change):
    head = cbor2.loads(database.execute("SELECT head FROM head").fetchone()[0])
    change(head)
    database.execute("UPDATE head SET head = ?", (cbor2.dumps(head, canonical=True),))


def change_leaf(database, place, ledger, change):
    entry = copy.deepcopy(ledger.entries[place - 1])
    change(entry.fields)
    database.execute("UPDATE entries SET leaf = ? WHERE idx = ?", (entry.leaf(), place - 1))


def rewrite(database, place, ledger, with_head=False):
    """Every hash after the change, but for the signatures."""
    changed = copy.deepcopy(ledger)
    changed.entries[place - 1].public[6] = sha256(b"another wrapping key")
    folder = pathlib.Path(tempfile.mkdtemp(prefix="vitrine-rewritten-"))
    try:
        changed.write(folder / "data")
        other = sqlite3.connect(folder / "data/ledger.db")
        for table in ("entries", "tiles"):
            rows = other.execute(f"SELECT * FROM {table}").fetchall()
            database.execute(f"DELETE FROM {table}")
            database.executemany(f"INSERT INTO {table} VALUES({', '.join('?' * len(rows[0]))})", rows)
        new = cbor2.loads(other.execute("SELECT head FROM head").fetchone()[0])
        other.close()
    finally:
        shutil.rmtree(folder)
    if with_head:
        old = cbor2.loads(database.execute("SELECT head FROM head").fetchone()[0])
        text = new[1].split("\n\n")[0] + "\n\n" + old[1].split("\n\n")[1]
        change_head(database, lambda head: head.update({1: text, 2: new[2], 3: new[3]}))


# ---- the run

def make(kms):
    kms.start()
    answered = Answered(kms).prepare()
    connection = kms.connection()
    for _ in range(2):
        answered.refresh(connection)
        answered.release(connection)
    large = {"type": "add", "claims": {"x-ms-ver": ["2", "3", "x" * 20_000]}}  # its envelope is a blob
    check(kms.propose({"name": "set_key_release_policy", "args": large}).status == 200, "a large proposal")
    check(kms.stop() == 0, "SIGTERM ends it with 0")
    kms.start()
    connection = kms.connection()
    for number in range(250):
        answered.refresh(connection)
        if number % 10 == 0:
            answered.release(connection)
    check(not answered.failures, f"{answered.failures}")
    check(kms.stop() == 0, "SIGTERM ends it with 0")


def expect(verdict, place, words, exact, what):
    check(verdict.status == 1 and verdict.word == "broken", f"{what}: {verdict}")
    check(words in verdict.reason, f"{what}: {words!r} is not in {verdict}")
    if exact:
        check((verdict.first, verdict.last) == (place, place), f"{what}: not entry {place}: {verdict}")
    else:
        check(verdict.first <= place <= verdict.last, f"{what}: not around entry {place}: {verdict}")


def main():
    folder = pathlib.Path(tempfile.mkdtemp(prefix="vitrine-tampered-"))
    try:
        (folder / "made").mkdir()
        with Kms(folder / "made") as kms:
            make(kms)
            original = Ledger(kms.data)
        keys = Keys()
        ledger = copy.deepcopy(original).adopt(keys)
        intact = ledger.write(folder / "intact")
        verdict = Verdict(intact, intact / "service_cert.pem")
        check(verdict.status == 0, f"what Python wrote is intact: {verdict}")

        for name, change, words, kind, number in SIGNED:
            ledger = copy.deepcopy(original).adopt(keys)
            place = place_of(ledger, kind, number)
            change(ledger.entries[place - 1], ledger)
            ledger.write(folder / "signed")
            expect(Verdict(folder / "signed", intact / "service_cert.pem"), place, words, True, name)

        ledger = copy.deepcopy(original).adopt(keys)
        ledger.write(folder / "intact")
        for name, change, words, kind, number, exact in UNSIGNED:
            shutil.rmtree(folder / "unsigned", ignore_errors=True)
            shutil.copytree(intact, folder / "unsigned")
            with sqlite3.connect(folder / "unsigned/ledger.db") as database:
                place = place_of(ledger, kind, number) if kind else 0
                instead = change(database, place, ledger)
            database.close()
            expect(Verdict(folder / "unsigned", folder / "unsigned/service_cert.pem"), place if instead is None else instead,
                   words, exact, name)
        print(f"{len(SIGNED)} changes signed by a service, {len(UNSIGNED)} by a host alone: each found where it is")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())

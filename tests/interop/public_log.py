"""The public log read by another program: everything /checkpoint, /head, /tile and /blob serve is fetched and recomputed
with hashlib, cbor2 and python3-cryptography (RFC 9162 2.1, C2SP tlog-tiles, docs/formats/heads.md); paths that are spelt
otherwise, or that no signed head implies, are 404; and no sealed byte is served."""

import base64
import hashlib
import pathlib
import sqlite3
import sys

import cbor2
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, utils

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "functional"))
from _kms import Kms, check  # noqa: E402

EMPTY = hashlib.sha256(b"").digest()


def root(hashes_of_leaves, node):
    count = len(hashes_of_leaves)
    if count == 0:
        return EMPTY
    if count == 1:
        return hashes_of_leaves[0]
    split = 1
    while split * 2 < count:
        split *= 2
    return node(root(hashes_of_leaves[:split], node), root(hashes_of_leaves[split:], node))


def rfc9162_node(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()


def ccf_node(left, right):
    return hashlib.sha256(left + right).digest()


def rfc9162_leaf(leaf):
    return hashlib.sha256(b"\x00" + leaf).digest()


def ccf_leaf(leaf):
    decoded = cbor2.loads(leaf)
    return hashlib.sha256(hashlib.sha256(leaf).digest() + decoded[8] + decoded.get(7, bytes(32))).digest()


def path_of(level, index, width=256):
    groups = [f"{index % 1000:03}"]
    while index >= 1000:
        index //= 1000
        groups.insert(0, f"x{index % 1000:03}")
    return f"/tile/{level}/{'/'.join(groups)}" + ("" if width == 256 else f".p/{width}")


def fetch(kms, path):
    connection = kms.connection()
    connection.request("GET", path)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer, body


def fetch_bytes(kms, path):
    answer, body = fetch(kms, path)
    check(answer.status == 200, f"{path}: {answer.status} {body[:200]}")
    check(answer.getheader("content-type") == "application/octet-stream", path)
    check(answer.getheader("cache-control") == "public, max-age=31536000, immutable", f"{path} is kept for ever")
    return body


def tiles_of(count, level):
    """(index, width) of each tile of that level over `count` leaves."""
    hashes_there = count >> (8 * level)
    tiles = [(index, 256) for index in range(hashes_there // 256)]
    return tiles + ([(hashes_there // 256, hashes_there % 256)] if hashes_there % 256 else [])


def leaves_of(kms, count):
    leaves = []
    for index, width in tiles_of(count, 0):
        bundle = fetch_bytes(kms, path_of("entries", index, width))
        at = 0
        for _ in range(width):
            length = int.from_bytes(bundle[at:at + 2], "big")
            leaves.append(bundle[at + 2:at + 2 + length])
            check(len(leaves[-1]) == length, "the bundle is whole")
            at += 2 + length
        check(at == len(bundle), "nothing follows the bundle's entries")
    return leaves


def check_checkpoint(note, genesis, leaves):
    text, signatures = note.rsplit("\n\n", 1)
    origin, size, root_text = text.split("\n")
    log_key, log_origin = genesis[5][4], genesis[5][5]
    check(origin == log_origin, "the origin is that of the first entry")
    name, signature = signatures.removeprefix("— ").rstrip("\n").split(" ")
    check(name == origin, "the key's name is the origin")
    raw = base64.b64decode(signature, validate=True)
    check(raw[:4] == hashlib.sha256(name.encode() + b"\n\x01" + log_key).digest()[:4], "key id")
    ed25519.Ed25519PublicKey.from_public_bytes(log_key).verify(raw[4:], (text + "\n").encode())
    check(int(size) == len(leaves), "size")
    found = root([rfc9162_leaf(leaf) for leaf in leaves], rfc9162_node)
    check(base64.b64decode(root_text) == found, "the checkpoint's root is that of the entries")
    return found


def check_head(kms, checkpoint, leaves):
    """The record that holds both signed roots (docs/formats/heads.md)."""
    answer, body = fetch(kms, "/head")
    check(answer.status == 200 and answer.getheader("content-type") == "application/cbor", "GET /head")
    head = cbor2.loads(body)
    check(head[1] == checkpoint, "the record holds the checkpoint")
    check(head[2] == root([rfc9162_leaf(leaf) for leaf in leaves], rfc9162_node), "RFC 9162 root")
    check(head[3] == root([ccf_leaf(leaf) for leaf in leaves], ccf_node), "CCF root")
    check(head[4] == len(leaves), "size")
    node = x509.load_pem_x509_certificate(head[6].encode())
    node.public_key().verify(head[7], head[3], ec.ECDSA(utils.Prehashed(hashes.SHA256())))
    service = x509.load_der_x509_certificate(cbor2.loads(leaves[0])[5][3])
    service.public_key().verify(node.signature, node.tbs_certificate_bytes, ec.ECDSA(node.signature_hash_algorithm))


def check_tiles(kms, leaves):
    level_hashes = [rfc9162_leaf(leaf) for leaf in leaves]
    level = 0
    while level_hashes:
        for index, width in tiles_of(len(leaves), level):
            tile = fetch_bytes(kms, path_of(level, index, width))
            check(tile == b"".join(level_hashes[index * 256:index * 256 + width]), f"tile {level}/{index}")
        level_hashes = [root(level_hashes[at:at + 256], rfc9162_node)
                        for at in range(0, len(level_hashes) - 255, 256)]
        level += 1
    check(level == 2, "two levels of tiles were looked at")


def check_previous_heads(leaves):
    """Key 9 of each batch's first entry names both roots over the entries before it."""
    batches = 0
    for index, leaf in enumerate(leaves):
        previous = cbor2.loads(leaf).get(9)
        if previous is None:
            continue
        batches += 1
        check(previous == [index, root([rfc9162_leaf(each) for each in leaves[:index]], rfc9162_node),
                           root([ccf_leaf(each) for each in leaves[:index]], ccf_node)], f"key 9 of entry {index + 1}")
    check(batches > 10, "batches")


def check_blobs(kms, leaves):
    found = 0
    for index, leaf in enumerate(leaves):
        decoded = cbor2.loads(leaf)
        if decoded[4] == 2:
            sha256, length = decoded[5][1], decoded[5][2]
        elif decoded[4] == 5 and 3 in decoded[5]:
            sha256, length = decoded[5][3][0], decoded[5][3][1]
        else:
            continue
        found += 1
        blob = fetch_bytes(kms, f"/blob/{sha256.hex()}?entry={index + 1}")
        check(hashlib.sha256(blob).digest() == sha256 and len(blob) == length, "the blob is the one that is named")
        for wrong in (f"/blob/{sha256.hex()}", f"/blob/{sha256.hex()}?entry={index + 2}",
                      f"/blob/{sha256.hex()}?entry=0", f"/blob/{sha256.hex()}?entry=999999",
                      f"/blob/{sha256.hex().upper()}?entry={index + 1}", f"/blob/{bytes(32).hex()}?entry={index + 1}",
                      f"/blob/?entry={index + 1}"):
            check(fetch(kms, wrong)[0].status == 404, wrong)
    check(found >= 2, "the genesis state and a proposal too large for a leaf")


def check_wrong_paths(kms, count):
    last = count // 256
    for path in ("/tile", "/tile/", "/tile/0", "/tile/0/0", "/tile/0/0000", "/tile/00/000", "/tile/0/x000", "/tile/0/000/",
                 "/tile/0/000.p/0", "/tile/0/000.p/256", "/tile/0/000.p/01", "/tile/0/%30%30%30", "/tile/entries/-01",
                 "/tile/64/000", "/tile/8/000", "/tile/63/000", path_of(0, last), path_of("entries", last),
                 path_of(0, last, count % 256 + 1), path_of("entries", last, count % 256 + 1), path_of(1, 0), path_of(2, 0),
                 "/tile/entries/x018/x446/x744/x073/x709/551", "/tile/0/x018/x446/x744/x073/x709/551"):
        answer, body = fetch(kms, path)
        check(answer.status == 404, f"{path}: {answer.status} {body[:100]}")
    check(fetch(kms, path_of(0, 0, 7))[0].status == 200, "a partial tile stays when the full one is there")
    connection = kms.connection()
    connection.request("POST", "/tile/0/000")
    check(connection.getresponse().status == 405, "only GET")


def check_nothing_sealed(kms, served):
    with sqlite3.connect(f"file:{kms.data}/ledger.db?mode=ro", uri=True) as ledger:
        sealed = [row[0] for row in ledger.execute("SELECT sealed FROM entries WHERE sealed IS NOT NULL")]
    check(len(sealed) > 10, "entries with sealed parts")
    for part in sealed:
        check(part[:32] not in served and part[-48:] not in served, "a sealed part is served")


def check_newest(kms):
    for path in ("/checkpoint", "/head", "/app/checkpoint"):
        answer, body = fetch(kms, path)
        check(answer.getheader("cache-control") == "no-cache", path)
        etag = answer.getheader("etag")
        same = kms.request("GET", path, headers={"if-none-match": etag})
        check((same.status, same.body, same.headers["etag"]) == (304, "", etag), f"{path}: {same}")
        check(answer.status == 200 and len(body) > 0, f"{path} without a condition")
    other = kms.request("GET", "/checkpoint", headers={"if-none-match": '"other"'})
    check(other.status == 200 and other.body.startswith("vitrine.invalid/"), f"another etag: {other}")


def main():
    with Kms() as kms:
        kms.start()
        check(kms.get("/checkpoint").headers["content-type"] == "text/plain; charset=utf-8", "content type")
        kms.set_demo_policies()
        large = {f"claim-{number}": "x" * 150 for number in range(110)}
        answer = kms.propose({"name": "set_jwt_validation_policy",
                              "args": {"issuer": "https://large.example", "validation_policy": {**large, "iss": "a"}}})
        check(answer.status == 200, f"a proposal of more than 16 KiB: {answer}")
        while int(kms.get("/checkpoint").body.split("\n")[1]) < 300:
            check(kms.post("/app/refresh").status == 200, "refresh")

        checkpoint = kms.get("/checkpoint").body
        count = int(checkpoint.split("\n")[1])
        leaves = leaves_of(kms, count)
        check_checkpoint(checkpoint, cbor2.loads(leaves[0]), leaves)
        check_head(kms, checkpoint, leaves)
        check_tiles(kms, leaves)
        check_previous_heads(leaves)
        check_blobs(kms, leaves)
        check_wrong_paths(kms, count)
        check_nothing_sealed(kms, b"".join(leaves))
        check_newest(kms)
    print(f"{count} entries: checkpoint, head, tiles, previous heads and blobs recomputed")


main()

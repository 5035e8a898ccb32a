"""Recovery members and what they do, made with python3-cryptography alone: keys, ballots, shares, and HPKE (RFC 9180, mode
base, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM) written out here."""

import base64
import hashlib
import hmac
import json
import time

import cbor2
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils, x25519
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from _kms import Kms, check, make_identity

VERSION = "?api-version=2024-07-01"
COSE = {"content-type": "application/cose"}
OAEP = padding.OAEP(mgf=padding.MGF1(hashes.SHA256()), algorithm=hashes.SHA256(), label=None)
FOR = "export function vote (rawProposal, proposerId) { return true }"


def sign(identity, kind, content, **header):
    """A COSE_Sign1 of ccf.gov.msg.type `kind`, ES384."""
    protected = cbor2.dumps({1: -35, 4: identity.id.encode(), "ccf.gov.msg.type": kind,
                             "ccf.gov.msg.created_at": int(time.time()),
                             **{"ccf.gov.msg." + name: value for name, value in header.items()}}, canonical=True)
    payload = content if isinstance(content, bytes) else json.dumps(content).encode()
    r, s = utils.decode_dss_signature(identity.key.sign(
        cbor2.dumps(["Signature1", protected, b"", payload]), ec.ECDSA(hashes.SHA384())))
    return cbor2.dumps(cbor2.CBORTag(18, [protected, {}, payload, r.to_bytes(48, "big") + s.to_bytes(48, "big")]))


def _labeled(suite, label, ikm):
    return b"HPKE-v1" + suite + label + ikm


def _extract(salt, suite, label, ikm):
    return hmac.new(salt or bytes(32), _labeled(suite, label, ikm), hashlib.sha256).digest()


def _expand(key, suite, label, info, length):
    whole = length.to_bytes(2, "big") + _labeled(suite, label, info)
    out = block = b""
    number = 1
    while len(out) < length:
        block = hmac.new(key, block + whole + bytes([number]), hashlib.sha256).digest()
        out += block
        number += 1
    return out[:length]


def hpke_seal(public_key, info, aad, plaintext):
    """enc, ciphertext (RFC 9180 4.1, 5.1, 5.2)."""
    ephemeral = x25519.X25519PrivateKey.generate()
    raw = dict(encoding=serialization.Encoding.Raw, format=serialization.PublicFormat.Raw)
    enc = ephemeral.public_key().public_bytes(**raw)
    shared = ephemeral.exchange(x25519.X25519PublicKey.from_public_bytes(public_key))
    kem = b"KEM" + (0x20).to_bytes(2, "big")
    secret = _expand(_extract(b"", kem, b"eae_prk", shared), kem, b"shared_secret", enc + public_key, 32)
    suite = b"HPKE" + b"".join(number.to_bytes(2, "big") for number in (0x20, 1, 2))
    context = (b"\x00" + _extract(b"", suite, b"psk_id_hash", b"") + _extract(b"", suite, b"info_hash", info))
    key_source = _extract(secret, suite, b"secret", b"")
    key = _expand(key_source, suite, b"key", context, 32)
    nonce = _expand(key_source, suite, b"base_nonce", context, 12)
    return enc, AESGCM(key).encrypt(nonce, plaintext, aad)


class RecoveryMember:
    def __init__(self, folder, name):
        self.name = name
        self.identity = make_identity(folder, name)
        self.id = self.identity.id
        self.key = rsa.generate_private_key(65537, 2048)
        self.public_path = folder / f"{name}_enc_pubk.pem"
        self.public_path.write_bytes(self.key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo))
        private = folder / f"{name}_enc_privk.pem"
        private.touch(0o600)
        private.write_bytes(self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))

    def share(self, kms):
        """Of the newest deal: (66 bytes, the deal's sequence number)."""
        answer = kms.get(f"/gov/recovery/encrypted-shares/{self.id}{VERSION}", verify=False)
        check(answer.status == 200 and answer.json()["memberId"] == self.id, f"{answer}")
        return (self.key.decrypt(base64.b64decode(answer.json()["encryptedShare"]), OAEP), answer.json()["deal"])

    def statement(self, kms, share, deal, head=(0, bytes(32)), **changes):
        """The content of a request that gives `share` to the node as it is now."""
        network = kms.get("/node/network", verify=False).json()["vitrine"]
        quote = kms.get("/node/quotes/self", verify=False)
        if quote.status == 200:
            evidence, own = base64.b64decode(quote.json()["raw"]), quote.json()["vitrine"]
        else:
            evidence, own = b"", kms.get("/node/state", verify=False).json()["vitrine"]
        node_key, recovery_key = base64.b64decode(own["node_key"]), base64.b64decode(own["recovery_key"])
        if evidence:
            report_data = evidence[0x50:0x90]  # SEV-SNP ABI, table 23
            check(report_data == hashlib.sha256(node_key).digest() + hashlib.sha256(recovery_key).digest(),
                  "the evidence binds both keys")
        named = {"service": bytes.fromhex(network["genesis_hash"]), "node": hashlib.sha256(node_key).digest(),
                 "evidence": hashlib.sha256(evidence).digest(), "deal": deal, "size": head[0], "root": head[1],
                 "key": recovery_key, **changes}
        aad = cbor2.dumps([named[name] for name in ("service", "node", "evidence", "deal", "size", "root")], canonical=True)
        enc, sealed = hpke_seal(named["key"], b"vitrine recovery share v1", aad, share)
        return {"service": named["service"].hex(), "node": named["node"].hex(), "evidence": named["evidence"].hex(),
                "deal": named["deal"], "head": {"size": named["size"], "root": named["root"].hex()},
                "enc": base64.b64encode(enc).decode(), "share": base64.b64encode(sealed).decode()}

    def give(self, kms, content, path=None, kind="recovery_share"):
        return kms.post(f"/gov/recovery/members/{path or self.id}:recover{VERSION}",
                        sign(self.identity, kind, content), headers=COSE, verify=False)

    def recover(self, kms, **more):
        return self.give(kms, self.statement(kms, *self.share(kms), **more))


def founded_with_members(names=("alice", "bob", "carol"), threshold=2, governed="", service=""):
    """A Kms that is not started, outside development mode, and its recovery members by id."""
    kms = Kms(arguments=[])
    members = [RecoveryMember(kms.folder, name) for name in names]
    lines = [f"[service]\nrecovery_threshold = {threshold}\n{service}"]
    for member in members:
        lines.append(f'[members.{member.name}]\ncertificate = "{member.name}_cert.pem"\n'
                     f'encryption_key = "{member.name}_enc_pubk.pem"')
    lines.append("[governed]\ninsecure_seal = true\nrefresh_interval_seconds_min = 0\n" + governed +
                 '\n[governed.endpoints]\nrefresh = ["member_cert"]')
    (kms.folder / "genesis.toml").write_text("\n".join(lines) + "\n")
    kms.arguments = ["--genesis", kms.folder / "genesis.toml"]
    return kms, members


def make_key(kms, member):
    answer = kms.post("/app/refresh", identity=member.identity)
    check(answer.status == 200, f"{answer}")
    return answer


def decide(kms, members, *actions):
    """Proposed by the first member, voted for by as many as it takes; the answer that decided."""
    answer = kms.post(f"/gov/members/proposals:create{VERSION}",
                      sign(members[0].identity, "proposal", {"actions": list(actions)}), headers=COSE)
    check(answer.status == 200, f"{answer}")
    for member in members:
        if answer.json()["proposalState"] != "Open":
            break
        proposal = answer.json()["proposalId"]
        answer = kms.post(f"/gov/members/proposals/{proposal}/ballots/{member.id}:submit{VERSION}",
                          sign(member.identity, "ballot", {"ballot": FOR}, proposal_id=proposal), headers=COSE)
        check(answer.status == 200, f"{answer}")
    check(answer.json()["proposalState"] == "Accepted", f"{answer}")
    return answer


def state_of(kms):
    """What /node/state says; None while nobody answers yet."""
    try:
        answer = kms.get("/node/state", verify=False)
    except OSError:
        return None
    return answer.json()["state"] if answer.status == 200 else None


def wait_until_waiting(kms, seconds=60):
    kms.spawn()
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        check(kms.process.poll() is None, f"vitrined ended:\n{kms.log.read_text()[-3000:]}")
        if state_of(kms) == "PartOfPublicNetwork":
            return
        time.sleep(0.05)
    raise AssertionError("the node does not wait:\n" + kms.log.read_text()[-3000:])


def wait_until_open(kms, seconds=60):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        check(kms.process.poll() is None, f"vitrined ended:\n{kms.log.read_text()[-3000:]}")
        try:
            if kms.get("/node/ready/app", verify=False).status == 204:
                return
        except OSError:
            pass
        time.sleep(0.05)
    raise AssertionError("the node did not open:\n" + kms.log.read_text()[-3000:])

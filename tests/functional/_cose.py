"""Signed requests of governance (ccf.md 2), made by cbor2 and python3-cryptography and wrong in whatever way a test asks;
and the members of a service who send them to it. Nothing of the project's code is used here."""

import json
import time

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils

from _kms import Identity, check, make_identity

TYPE, CREATED, PROPOSAL = "ccf.gov.msg.type", "ccf.gov.msg.created_at", "ccf.gov.msg.proposal_id"
COSE = {"content-type": "application/cose"}
ALGORITHMS = {-7: (hashes.SHA256(), 32), -35: (hashes.SHA384(), 48), -36: (hashes.SHA512(), 66)}
OWN = {"secp256r1": -7, "secp384r1": -35, "secp521r1": -36}
VERSION = "?api-version=2024-07-01"
FOR = "export function vote (rawProposal, proposerId) { return true }"
AGAINST = "export function vote (rawProposal, proposerId) { return false }"


def sign(identity, payload=b"", header=None, drop=(), alg=None, tag=18, unprotected=None, protected=None, signature=None,
         hashed=None, kind="proposal"):
    """A COSE_Sign1. `header` adds to and replaces what the request says of itself, `protected` replaces its bytes."""
    alg = OWN[identity.key.curve.name] if alg is None else alg
    if protected is None:
        fields = {1: alg, 4: identity.id.encode(), TYPE: kind, CREATED: int(time.time()), **(header or {})}
        protected = cbor2.dumps({name: value for name, value in fields.items() if name not in drop})
    if not isinstance(payload, bytes):
        payload = payload.encode() if isinstance(payload, str) else json.dumps(payload).encode()
    if signature is None:
        digest = ALGORITHMS[OWN[identity.key.curve.name]][0] if hashed is None else hashed
        size = (identity.key.key_size + 7) // 8
        r, s = utils.decode_dss_signature(identity.key.sign(
            cbor2.dumps(["Signature1", protected, b"", payload]), ec.ECDSA(digest)))
        signature = r.to_bytes(size, "big") + s.to_bytes(size, "big")
    whole = [protected, unprotected or {}, payload, signature]
    return cbor2.dumps(whole if tag is None else cbor2.CBORTag(tag, whole))


def action(name, **args):
    return {"name": name, "args": args}


def settings(name="n"):
    """An action that anyone can see afterwards, and that changes nothing but a name."""
    return action("set_settings_policy", settings_policy={
        "service": {"name": name, "description": "d", "version": "1", "debug": False}})


def setting_in_force(kms):
    return kms.get("/app/settingsPolicy").json()["service"]["name"]


def pem_of(identity):
    with open(identity.certificate_path, encoding="ascii") as file:
        return file.read()


class Chamber:
    """The members of a service and what they send: in the form of 2024-07-01, or in the classic one."""

    def __init__(self, kms, classic=False):
        self.kms, self.classic = kms, classic

    def identity(self, name):
        return Identity(self.kms.folder / f"{name}_cert.pem", self.kms.folder / f"{name}_privk.pem")

    def make(self, name, curve=None):
        return make_identity(self.kms.folder, name, *([curve] if curve else []))

    def path(self, path):
        return "/gov" + path + ("" if self.classic else VERSION)

    def get(self, path, **more):
        return self.kms.get(self.path(path), **more)

    def post(self, path, envelope, headers=None):
        """Again where the budget of governance was spent, as any client has to."""
        for _ in range(60):
            answer = self.kms.post(self.path(path), envelope, headers=COSE if headers is None else headers)
            if answer.status != 503:
                break
            time.sleep(float(answer.headers.get("retry-after", 1)) / 4)
        return answer

    def create_path(self):
        return "/proposals" if self.classic else "/members/proposals:create"

    def propose(self, who, *actions, document=None, **more):
        payload = {"actions": list(actions)} if document is None else document
        return self.post(self.create_path(), sign(who, payload, **more))

    def ballot_path(self, proposal, member):
        return f"/proposals/{proposal}/ballots" if self.classic else f"/members/proposals/{proposal}/ballots/{member}:submit"

    def ballot(self, who, proposal, ballot=FOR, header=None, **more):
        payload = {"ballot": ballot} if isinstance(ballot, str) else ballot
        return sign(who, payload, kind=more.pop("kind", "ballot"), header={PROPOSAL: proposal, **(header or {})}, **more)

    def vote(self, who, proposal, ballot=FOR, path=None, signed_for=None, **more):
        return self.post(path or self.ballot_path(proposal, who.id), self.ballot(who, signed_for or proposal, ballot, **more))

    def withdraw(self, who, proposal, signed_for=None, **more):
        envelope = sign(who, kind="withdrawal", header={PROPOSAL: signed_for or proposal}, **more)
        return self.post(f"/proposals/{proposal}/withdraw" if self.classic else f"/members/proposals/{proposal}:withdraw",
                         envelope)

    def update_digest(self, who, path=None, **more):
        envelope = sign(who, kind="state_digest", **more)
        return self.post(path or ("/ack/update_state_digest" if self.classic else f"/members/state-digests/{who.id}:update"),
                         envelope)

    def ack_path(self, member):
        return "/ack" if self.classic else f"/members/state-digests/{member}:ack"

    def ack(self, who, digest, path=None, **more):
        content = {"state_digest" if self.classic else "stateDigest": digest}
        return self.post(path or self.ack_path(who.id), sign(who, content, kind="ack", **more))

    def status_of(self, member):
        if self.classic:
            return self.get("/members").json()[member]["status"]
        return self.get(f"/service/members/{member}").json()["status"]

    def decide(self, proposer, voters, *actions):
        """Proposes, has them vote until it is decided, and checks that it was accepted. Returns its id."""
        key, state = ("proposal_id", "state") if self.classic else ("proposalId", "proposalState")
        answer = accepted(self.propose(proposer, *actions), "propose")
        proposal = answer[key]
        for voter in voters:
            if answer[state] == "Open":
                answer = accepted(self.vote(voter, proposal), "vote")
        check(answer[state] == "Accepted", f"decided: {answer}")
        return proposal


def accepted(answer, why):
    """The JSON of a 200 that names its transaction."""
    check(answer.status == 200 and answer.headers.get("content-type") == "application/json", f"{why}: {answer}")
    check("x-ms-ccf-transaction-id" in answer.headers, f"{why}: it has a transaction id: {answer}")
    return answer.json()


def refused(answer, status, code, *words):
    """The message of a framework's error body, or of a 401 the detail. Each of `words` is in it."""
    check(answer.status == status and answer.headers.get("content-type") == "application/json",
          f"wanted {status} {code}: {answer}")
    check("x-ms-ccf-transaction-id" not in answer.headers, f"an error has no transaction id: {answer}")
    error = answer.json()["error"]
    check(error["code"] == code and list(error) == sorted(error), f"wanted {status} {code}: {answer}")
    text = error["message"]
    if status == 401:
        check(text == "Invalid authentication credentials." and
              answer.headers["www-authenticate"] == 'COSE-SIGN1 realm="Signed request access"', f"{answer}")
        (detail,) = error["details"]
        check(detail["code"] == "InvalidAuthenticationInfo", f"{answer}")
        text = detail["message"]
    for word in words:
        check(word in text, f"{word!r} is not in {text!r}")
    return text

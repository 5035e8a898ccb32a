"""Votes in a ledger, written by Python alone (_forged.py) and signed by the members' own keys through python3-cryptography:
`vitrine audit` counts them, tells them, and finds the ballot that no member cast, the vote cast twice, and the change that
the votes did not carry, though the service signed it all."""

import copy
import json
import pathlib
import secrets
import shutil
import sys
import tempfile
import time

import cbor2

from _answered import Answered, Kms, check, sha256
from _audited import Verdict
from _forged import Entry, Keys, Ledger, ec, hashes, utils

PROPOSED, BALLOT, WITHDRAWN, DIGEST, ACKED, APPLIED = 10, 11, 12, 13, 14, 15
ACTION = "set_jwt_validation_policy"


def sign(key, kid, kind, payload, proposal_id=None, created_at=None):
    """A COSE_Sign1 as ccf_cose_sign1 makes it."""
    header = {1: -35, 4: kid.encode(), "ccf.gov.msg.type": kind,
              "ccf.gov.msg.created_at": int(time.time()) if created_at is None else created_at}
    if proposal_id is not None:
        header["ccf.gov.msg.proposal_id"] = proposal_id
    protected = cbor2.dumps(header, canonical=True)
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    r, s = utils.decode_dss_signature(key.sign(cbor2.dumps(["Signature1", protected, b"", body]), ec.ECDSA(hashes.SHA384())))
    return cbor2.dumps(cbor2.CBORTag(18, [protected, {}, body, r.to_bytes(48, "big") + s.to_bytes(48, "big")]))


class Session:
    """Steps appended to a ledger, each a batch of its own, made when the head before it is known."""

    def __init__(self, ledger, members, action):
        self.ledger, self.members, self.action = copy.deepcopy(ledger), members, action
        self.first = len(ledger.entries)
        self.steps, self.ids = [], {}
        self.governance = None

    def add(self, kind, make, accepts=False):
        """`make(root)` gives (signer's id, envelope)."""
        leaf = copy.deepcopy(self.ledger.entries[-1].fields)
        for key in (6, 7):
            leaf.pop(key, None)
        leaf.update({2: [leaf[2][0], leaf[2][1] + 1], 3: max(leaf[3], int(time.time() * 1000)), 4: kind,
                     5: {}, 8: sha256(secrets.token_bytes(8)), 9: None})
        if accepts:
            leaf[10] = [leaf[2][1], leaf[10][1]]
        entry = Entry(cbor2.dumps(leaf), None, None)
        self.ledger.entries.append(entry)
        self.steps.append(make)
        return self

    def write(self, folder):
        def fill(entry, place, root):
            if place > self.first:
                signer, envelope = self.steps[place - self.first - 1](root)
                entry.fields[5] = {1: signer, 2: envelope}
        return self.ledger.write(folder, fill)

    # -- what members do

    def propose(self, by=0, name="it", actions=None, accepts=False, key=None, created_at=None, also=None):
        member = self.members[by]

        def make(root):
            document = {"actions": [self.action] if actions is None else actions, **(also or {})}
            envelope = sign(key or member.key, member.id, "proposal", document, created_at=created_at)
            self.ids[name] = sha256(root + sha256(cbor2.loads(envelope).value[3])).hex()
            return member.id, envelope
        return self.add(PROPOSED, make, accepts)

    def request(self, kind, word, by, payload, name="it", accepts=False, key=None, kid=None, signer=None, proposal_id=None):
        member = self.members[by]

        def make(root):
            body = payload(root) if callable(payload) else payload
            about = proposal_id or (self.ids[name] if name else None)
            return signer or member.id, sign(key or member.key, kid or member.id, word, body, about)
        return self.add(kind, make, accepts)

    def vote(self, by, in_favour=True, **more):
        return self.request(BALLOT, "ballot", by, {"ballot": "export function vote (proposal, proposerId) { return %s }" %
                                                   ("true" if in_favour else "false")}, **more)

    def withdraw(self, by=0, **more):
        return self.request(WITHDRAWN, "withdrawal", by, b"", **more)

    def state_digest(self, by, **more):
        return self.request(DIGEST, "state_digest", by, b"", name=None, **more)

    def ack(self, by, digest=None, **more):
        """Of the root that state_digest() was answered with: that before its own batch."""
        place = len(self.steps)

        def payload(root):
            before = self.ledger.entries[self.first + place - 1].fields[9][2]
            return {"state_digest": (digest or before).hex()}
        return self.request(ACKED, "ack", by, payload, name=None, **more)


STRANGER = ec.generate_private_key(ec.SECP384R1())


def good(session):
    """Every kind of request, in one history."""
    return (session()
            .propose(0).vote(0).vote(1, accepts=True)
            .propose(1, "disliked").vote(1, False, name="disliked").vote(2, False, name="disliked")
            .propose(2, "withdrawn").vote(0, False, name="withdrawn").withdraw(2, name="withdrawn")
            .state_digest(1).ack(1))


# Of each: the steps, which of them is wrong (from 1; the entry after a wrong change of state is its own), and words.
BAD = {
    "a ballot that another key signed": (lambda s: s.propose().vote(1, key=STRANGER), 2, "Failed to validate"),
    "a ballot of no member": (lambda s: s.propose().vote(1, key=STRANGER, kid="ab" * 32, signer="ab" * 32), 2, "known"),
    "a ballot that names another signer": (lambda s: s.propose().vote(1, signer=s.members[2].id), 2, "names another signer"),
    "a vote cast twice": (lambda s: s.propose().vote(1, False).vote(1, False), 3, "said before"),
    "a vote changed": (lambda s: s.propose().vote(1, False).vote(1), 3, "ballot_cast"),
    "a vote on what was withdrawn": (lambda s: s.propose().withdraw().vote(1), 3, "only open proposals"),
    "a vote on what was accepted": (lambda s: s.propose().vote(0).vote(1, accepts=True).vote(2), 4, "only open proposals"),
    "a vote on nothing": (lambda s: s.propose().vote(1, proposal_id="cd" * 32), 2, "Could not find proposal"),
    "a vote under the id of another service": (lambda s: s.propose().vote(1, proposal_id=sha256(b"").hex()), 2, "Could not find"),
    "a withdrawal by another": (lambda s: s.propose().withdraw(1), 2, "proposal_withdrawn"),
    "a change that one vote of three carried": (lambda s: s.propose().vote(0, accepts=True), 2, "governance reference"),
    "a change that nobody voted for": (lambda s: s.propose(accepts=True), 1, "governance reference"),
    "a change that most voted against": (lambda s: s.propose().vote(0, False).vote(1, False, accepts=True), 3, "governance reference"),
    "votes that carried a change, and nothing changed": (lambda s: s.propose().vote(0).vote(1), 3, "governance reference"),
    "a proposal that another key signed": (lambda s: s.propose(key=STRANGER), 1, "Failed to validate"),
    "a proposal of the future": (lambda s: s.propose(created_at=int(time.time()) + 3600), 1, "future"),
    "a proposal that does nothing known": (lambda s: s.propose(actions=[{"name": "set_nonsense", "args": {}}]), 1, "set_nonsense"),
    "a proposal for another service": (lambda s: s.propose(also={"service": "ef" * 32}), 1, "service"),
    "a proposal submitted again": (lambda s: s.propose(created_at=1_000).propose(created_at=999), 2, "too long ago"),
    "an ack of another state": (lambda s: s.state_digest(1).ack(1, digest=sha256(b"another state")), 2, "state digest"),
    "an ack without a state digest": (lambda s: s.state_digest(1).ack(2), 2, "no state digest"),
    "a ballot in place of a withdrawal": (
        lambda s: s.propose().request(WITHDRAWN, "ballot", 0, {"vote": True}), 2, "proposal_withdrawn"),
    "a ballot that is a program": (
        lambda s: s.propose().request(BALLOT, "ballot", 1, {"ballot": "export function vote () { return Math.random() }"}), 2,
        "ballot"),
}


def check_good(session, folder, certificate, members):
    good(session).write(folder)
    verdict = Verdict(folder, certificate)
    check(verdict.status == 0, f"the votes as they were cast: {verdict}")
    told = {(line["kind"], line.get("proposal_state")): line for line in verdict.lines}
    accepted = told["ballot_cast", "Accepted"]
    check(accepted["votes"] == {members[0].id: True, members[1].id: True}, f"who voted: {accepted}")
    check(accepted["signer"] == members[1].id and accepted["actions"][0]["name"] == ACTION, f"{accepted}")
    check("accepted: 2 for: member" in accepted["what"] and "member0" in accepted["what"], f"{accepted}")
    against = [line for line in verdict.lines if line.get("in_favour") is False]
    check(against[1]["votes"] == {members[1].id: False, members[2].id: False}, f"{against}")
    check("open: 2 against: member" in against[1]["what"], f"{against}")
    check(told["proposal_withdrawn", "Withdrawn"]["signer"] == members[2].id, f"{told}")
    check("acknowledged" in told["member_acked", None]["what"], f"{told}")


def main():
    folder = pathlib.Path(tempfile.mkdtemp(prefix="vitrine-votes-"))
    try:
        (folder / "made").mkdir()
        with Kms(folder / "made") as kms:
            kms.start()
            Answered(kms).prepare()
            members = [kms.member(number) for number in range(3)]
            check(kms.stop() == 0, "SIGTERM ends it with 0")
            ledger = Ledger(kms.data).adopt(Keys())
        policies = [entry for entry in ledger.entries if entry.kind == 5]
        document = json.loads(cbor2.loads(policies[0].public[2]).value[2])
        action = document["actions"][0]  # what is in force already: the digest of the state stays
        check(action["name"] == ACTION, f"{action}")

        def session():
            return Session(ledger, members, action)
        data = folder / "data"
        certificate = folder / "service_cert.pem"
        session().write(data)
        shutil.copy(data / "service_cert.pem", certificate)
        check(Verdict(data, certificate).status == 0, "without votes")
        check_good(session, data, certificate, members)
        unexpected = []
        for name, (steps, wrong, words) in BAD.items():
            made = steps(session())
            made.write(data)
            verdict = Verdict(data, certificate)
            place = made.first + wrong
            if verdict.status != 1 or (verdict.first, verdict.last) != (place, place) or words not in verdict.reason:
                unexpected.append(f"{name}: entry {place} and {words!r} expected: {verdict}")
        check(not unexpected, "\n".join(unexpected))
        print(f"votes counted; {len(BAD)} that do not count are found")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())

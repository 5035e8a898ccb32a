"""The classic form of the governance API (ccf.md 4), as the scripts of the TypeScript services call it: no api-version,
snake_case, curl with the file that a signing tool wrote; and the same proposals seen from the newer form."""

import json
import subprocess
import sys

from _cose import (AGAINST, FOR, VERSION, Chamber, accepted, action, pem_of, refused, setting_in_force, settings, sign)
from _founded import Signer, founded
from _kms import check, verify_receipt

NOBODY = "cd" * 32


def curl(kms, path, *arguments):
    """As the scripts do it: status on the last line."""
    done = subprocess.run(["curl", "-sS", "--cacert", kms.data / "service_cert.pem", "-w", "\n%{http_code}", *arguments,
                           f"https://127.0.0.1:{kms.port}{path}"], check=True, capture_output=True, text=True)
    body, _, status = done.stdout.rpartition("\n")
    return int(status), body


def by_script(kms, chamber, alice, bob):
    """Propose and vote: two files, two calls."""
    file = kms.folder / "request.cose"

    def post(path, envelope):
        file.write_bytes(envelope)
        status, body = curl(kms, path, "-X", "POST", "-H", "content-type: application/cose", "--data-binary", f"@{file}")
        check(status == 200, f"{path}: {status} {body}")
        return json.loads(body)

    proposed = post("/gov/proposals", sign(alice, {"actions": [settings("by a script")]}))
    key = proposed["proposal_id"]
    check(proposed == {"proposal_id": key, "proposer_id": alice.id, "state": "Open", "ballot_count": 0}, f"{proposed}")
    for voter in (alice, bob):
        voted = post(f"/gov/proposals/{key}/ballots", chamber.ballot(voter, key))
    check(voted["state"] == "Accepted" and voted["votes"] == {alice.id: True, bob.id: True}, f"{voted}")
    check(setting_in_force(kms) == "by a script", "in force")


def proposals(kms, chamber, alice, bob, carol):
    document = json.dumps({"actions": [settings("classic")]}, indent=2)
    created = chamber.propose(alice, document=document)
    key = accepted(created, "propose")["proposal_id"]
    transaction = created.headers["x-ms-ccf-transaction-id"]
    check(kms.get("/gov/tx?transaction_id=" + transaction).json()["status"] == "Committed", "its transaction")
    receipt = kms.get("/gov/receipt?transaction_id=" + transaction).json()
    check(verify_receipt(receipt, (kms.data / "service_cert.pem").read_text()) == transaction, "its receipt")
    check("transaction_id" in kms.get("/gov/commit").json(), "commit")
    empty = {"proposer_id": alice.id, "state": "Open", "ballots": {}}
    check(accepted(chamber.get(f"/proposals/{key}"), "get") == empty, "no ballots yet")
    check(accepted(chamber.get("/proposals"), "list") == {key: empty}, "open ones by id")
    actions = chamber.get(f"/proposals/{key}/actions")
    check(actions.body == document and actions.headers["content-type"] == "application/json", f"{actions}")
    seen = kms.get(f"/gov/members/proposals/{key}{VERSION}").json()
    check(seen == {"proposalId": key, "proposerId": alice.id, "proposalState": "Open", "ballotCount": 0}, f"the newer form: {seen}")

    summary = accepted(chamber.vote(alice, key, AGAINST), "vote")
    check(summary == {"proposal_id": key, "proposer_id": alice.id, "state": "Open", "ballot_count": 1}, f"{summary}")
    for ballot in (AGAINST, FOR):
        refused(chamber.vote(alice, key, ballot), 400, "VoteAlreadyExists")
    check(accepted(chamber.get(f"/proposals/{key}/ballots/{alice.id}"), "ballot") == {"ballot": AGAINST}, "as sent")
    refused(chamber.get(f"/proposals/{key}/ballots/{bob.id}"), 404, "VoteNotFound")
    refused(chamber.vote(bob, key, signed_for=NOBODY), 400, "InvalidResourceName")
    accepted(chamber.vote(bob, key), "vote")
    done = accepted(chamber.vote(carol, key), "vote")
    final = {alice.id: False, bob.id: True, carol.id: True}
    check(done["state"] == "Accepted" and done["votes"] == final and done["vote_failures"] == {}, f"{done}")
    shown = accepted(chamber.get(f"/proposals/{key}"), "get")
    check(shown == {"proposer_id": alice.id, "state": "Accepted", "ballots": {alice.id: AGAINST, bob.id: FOR, carol.id: FOR},
                    "final_votes": final, "vote_failures": {}}, f"{shown}")
    check(accepted(chamber.get("/proposals"), "list") == {}, "none is open")
    refused(chamber.vote(bob, key), 400, "ProposalNotOpen")
    for path in (f"/proposals/{NOBODY}", f"/proposals/{NOBODY}/actions", f"/proposals/{NOBODY}/ballots/{bob.id}"):
        refused(chamber.get(path), 404, "ProposalNotFound")
    refused(chamber.vote(bob, NOBODY), 404, "ProposalNotFound")
    refused(chamber.get("/proposals/12"), 400, "InvalidResourceName")


def withdrawals(chamber, alice, bob):
    key = accepted(chamber.propose(alice, settings("withdrawn")), "propose")["proposal_id"]
    refused(chamber.withdraw(bob, key), 403, "AuthorizationFailed")
    gone = accepted(chamber.withdraw(alice, key), "withdraw")
    check(gone == {"proposal_id": key, "proposer_id": alice.id, "state": "Withdrawn", "ballot_count": 0}, f"{gone}")
    refused(chamber.withdraw(alice, key), 400, "ProposalNotOpen", "currently in state withdrawn")
    refused(chamber.withdraw(alice, NOBODY), 400, "ProposalNotFound")


def joins(kms, chamber, alice, bob):
    dave = chamber.make("dave")
    refused(chamber.propose(dave, settings()), 403, "AuthorizationFailed", "Signer is not a known member")
    chamber.decide(alice, (alice, bob), action("set_member", cert=pem_of(dave), member_data={"team": "b"}))
    member = accepted(chamber.get("/members"), "members")[dave.id]
    check(member == {"cert": pem_of(dave), "member_data": {"team": "b"}, "status": "Accepted"}, f"{member}")
    refused(chamber.propose(dave, settings()), 403, "AuthorizationFailed", "Signer is not an ACTIVE member")
    recorded = accepted(kms.post("/gov/ack/update_state_digest", identity=dave), "by its TLS certificate")["state_digest"]
    answer = accepted(chamber.update_digest(dave), "update")
    check(set(answer) == {"state_digest"} and len(answer["state_digest"]) == 64, f"{answer}")
    check(accepted(kms.post("/gov/ack/update_state_digest", identity=dave), "TLS")["state_digest"] == answer["state_digest"] and
          recorded != answer["state_digest"], "a signed request alone records another")
    refused(kms.post("/gov/ack/update_state_digest", identity=chamber.make("mallory")), 401, "InvalidAuthenticationInfo")
    refused(kms.post("/gov/ack/update_state_digest"), 401, "InvalidAuthenticationInfo")
    refused(chamber.ack(dave, recorded), 400, "StateDigestMismatch")
    # The scripts sign the whole body of the update's answer.
    done = chamber.post("/ack", sign(dave, json.dumps({**answer, "more": 1}), kind="ack"))
    check(done.status == 204 and done.body == "", f"{done}")
    check(chamber.status_of(dave.id) == "Active", "active")


def main():
    issuer = Signer("key-1", issuer="https://idp.example")
    with founded(members=("alice", "bob", "carol"), issuers={"https://idp.example": [issuer.jwk()]}) as kms:
        kms.start()
        chamber = Chamber(kms, classic=True)
        alice, bob, carol = (chamber.identity(name) for name in ("alice", "bob", "carol"))
        by_script(kms, chamber, alice, bob)
        proposals(kms, chamber, alice, bob, carol)
        withdrawals(chamber, alice, bob)
        joins(kms, chamber, alice, bob)
        (key,) = accepted(chamber.get("/jwt_keys/all"), "keys")["key-1"]
        check(key["issuer"] == "https://idp.example" and "BEGIN PUBLIC KEY" in key["public_key"], f"{key}")
        refused(chamber.post("/proposals", b"x"), 400, "InvalidInput")
        refused(chamber.post("/proposals", sign(alice, {"actions": []}), headers={}), 401, "InvalidAuthenticationInfo")
        refused(chamber.propose(alice, action("no_such_action")), 400, "ProposalFailedToValidate", "no such action")
    print("the classic form: proposals, ballots, withdrawals and acks as scripts make them")
    return 0


if __name__ == "__main__":
    sys.exit(main())

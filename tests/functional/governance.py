"""The governance API of 2024-07-01 (ccf.md 2, 3, 6) against a service that three members govern, from the first proposal to
what a member who left may still do: every status and code, requests wrong in every way, and what must not change."""

import json
import secrets
import sys
import time

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec

from _cose import (AGAINST, COSE, CREATED, FOR, PROPOSAL, TYPE, VERSION, Chamber, accepted, action, pem_of, refused, setting_in_force,
                   settings, sign)
from _founded import founded
from _kms import Kms, check, verify_receipt

NOBODY = "ab" * 32
DOCUMENTS = ("info", "members", "users", "join-policy", "jwk", "constitution")
UNAUTHORIZED = "InvalidAuthenticationInfo"


def everything(chamber):
    """What governance shows of the service, to be compared."""
    return [chamber.get(f"/service/{path}").body for path in DOCUMENTS]


def versions(chamber):
    kms = chamber.kms
    for path in ("/service/info", "/service/members", "/members/proposals", f"/members/proposals/{NOBODY}"):
        refused(kms.get("/gov" + path), 400, "MissingApiVersionParameter", "2024-07-01", "2023-06-01-preview")
        for version in ("2024-07-02", "", "latest"):
            refused(kms.get(f"/gov{path}?api-version={version}"), 400, "UnsupportedApiVersionValue", "2024-07-01",
                    "2023-06-01-preview")
    refused(kms.post("/gov/members/proposals:create", b"", headers=COSE), 400, "MissingApiVersionParameter")
    check(kms.get("/gov/service/info?api-version=2023-06-01-preview").status == 200, "the preview")
    for path in ("/service/members/12", "/service/users/" + "g" * 64, "/service/nodes/" + "a" * 65, "/members/proposals/1",
                 "/members/proposals/1/actions", f"/members/proposals/{NOBODY}/ballots/12", "/members/state-digests/12"):
        refused(chamber.get(path), 400, "InvalidResourceName")
    for path in ("/service/nothing", "/service/info/more", f"/members/proposals/{NOBODY}:drop"):
        refused(chamber.get(path), 404, "ResourceNotFound", "Unknown path")
    refused(chamber.post("/service/info", b""), 405, "UnsupportedHttpVerb")
    refused(kms.get("/app/gov/service/info" + VERSION), 404, "ResourceNotFound")


def documents(chamber, people, user):
    kms = chamber.kms
    info = accepted(chamber.get("/service/info"), "info")
    check(info["status"] == "Open" and info["recoveryCount"] == 0 and info["serviceData"] is None, f"{info}")
    network = kms.get("/node/network").json()
    check(info["certificate"] == network["service_certificate"] and network["service_status"] == "Open", "the certificate")
    check(info["creationTransactionId"] == network["current_service_create_txid"] and info["frozen"] is None, f"{info}")
    check(set(info["configuration"]) == {"recoveryThreshold", "maximumNodeCertificateValidityDays",
                                         "maximumServiceCertificateValidityDays", "recentCoseProposalsWindowSize"}, f"{info}")
    check(info["configuration"]["recentCoseProposalsWindowSize"] == 100, f"{info}")
    members = accepted(chamber.get("/service/members"), "members")["value"]
    check([member["memberId"] for member in members] == sorted(person.id for person in people), f"{members}")
    for person in people:
        member = accepted(chamber.get(f"/service/members/{person.id}"), "member")
        check(member == {"memberId": person.id, "status": "Active", "memberData": None, "certificate": pem_of(person),
                         "recoveryRole": "NonParticipant"} and member in members, f"{member}")
    refused(chamber.get(f"/service/members/{NOBODY}"), 404, "ResourceNotFound", NOBODY)
    users = accepted(chamber.get("/service/users"), "users")["value"]
    check(users == [{"userId": user.id, "certificate": pem_of(user), "userData": None}], f"{users}")
    check(accepted(chamber.get(f"/service/users/{user.id}"), "user") == users[0], "one user")
    refused(chamber.get(f"/service/users/{NOBODY}"), 404, "ResourceNotFound")
    node = kms.get("/node/network/nodes/self").json()["node_id"]
    (shown,) = accepted(chamber.get("/service/nodes"), "nodes")["value"]
    check(shown["nodeId"] == node and shown["status"] == "Trusted" and shown["retiredCommitted"] is False, f"{shown}")
    check("BEGIN CERTIFICATE" in shown["certificate"] and shown["rpcInterfaces"] == {}, f"{shown}")
    check(accepted(chamber.get(f"/service/nodes/{node}"), "node") == shown, "one node")
    refused(chamber.get(f"/service/nodes/{NOBODY}"), 404, "ResourceNotFound")
    join = accepted(chamber.get("/service/join-policy"), "join policy")
    check(set(join) == {"sgx", "virtual", "snp"} and join["sgx"] == {"measurements": []}, f"{join}")
    check(set(join["snp"]) == {"measurements", "hostData", "uvmEndorsements", "tcbVersions"}, f"{join}")
    check(accepted(chamber.get("/service/jwk"), "jwk") == {"issuers": {}, "keys": {}, "caCertBundles": {}}, "no issuers")
    check(accepted(chamber.get("/service/javascript-app"), "app") == {"endpoints": {}}, "no app")
    check(kms.get("/gov/service/javascript-app" + VERSION + "&case=original").status == 200, "its case")
    refused(kms.get("/gov/service/javascript-app" + VERSION + "&case=upper"), 400, "InvalidQueryParameterValue")
    check(accepted(chamber.get("/service/javascript-modules"), "modules") == {"value": []}, "no modules")
    refused(chamber.get("/service/javascript-modules/a.js"), 404, "ResourceNotFound")
    constitution = chamber.get("/service/constitution")
    check(constitution.status == 200 and constitution.headers["content-type"] == "text/javascript", f"{constitution}")
    table = accepted(kms.get("/gov/service/constitution" + VERSION + "&format=json"), "as a table")
    check(table == {"preset": "majority"}, f"{table}")
    transactions(chamber)


def transactions(chamber):
    commit = chamber.get("/service/transactions/commit")
    check(commit.status == 200 and "x-ms-ccf-transaction-id" not in commit.headers, f"{commit}")
    transaction = commit.json()["transactionId"]
    check(commit.json() == {"status": "Committed", "transactionId": transaction}, f"{commit}")
    known = chamber.get(f"/service/transactions/{transaction}").json()
    check(known == {"status": "Committed", "transactionId": transaction}, f"{known}")
    check(chamber.get("/service/transactions/2.99999").json()["status"] == "Unknown", "unknown")
    check(chamber.get("/service/transactions/9.1").json()["status"] == "Invalid", "invalid")
    refused(chamber.get("/service/transactions/x"), 400, "InvalidResourceName")


def proposes(chamber, alice, carol, document):
    kms = chamber.kms
    created = chamber.propose(alice, document=document)
    proposal = accepted(created, "propose")
    key = proposal["proposalId"]
    check(proposal == {"proposalId": key, "proposerId": alice.id, "proposalState": "Open", "ballotCount": 0} and len(key) == 64,
          f"proposing is not voting: {proposal}")
    transaction = created.headers["x-ms-ccf-transaction-id"]
    receipt = kms.get("/app/receipt?transaction_id=" + transaction).json()
    check(verify_receipt(receipt, (kms.data / "service_cert.pem").read_text()) == transaction, "its receipt")
    check(accepted(chamber.get(f"/members/proposals/{key}"), "get") == proposal, "the same by GET")
    check(proposal in accepted(chamber.get("/members/proposals"), "list")["value"], "and in the list")
    raw = chamber.get(f"/members/proposals/{key}/actions")
    check(raw.status == 200 and raw.body == document and "content-type" not in raw.headers, f"bytes as signed: {raw}")
    for path in ("", "/actions", f"/ballots/{alice.id}"):
        refused(chamber.get(f"/members/proposals/{NOBODY}{path}"), 404, "ProposalNotFound", NOBODY)
    refused(chamber.get(f"/members/proposals/{key}/ballots/{alice.id}"), 404, "VoteNotFound", f"m[{alice.id}]")
    refused(chamber.vote(carol, NOBODY), 404, "ProposalNotFound")
    return key


def votes(chamber, alice, bob, carol, key):
    check(accepted(chamber.vote(alice, key), "vote")["ballotCount"] == 1, "one ballot")
    check(accepted(chamber.vote(alice, key), "the same again")["ballotCount"] == 1, "counts once")
    refused(chamber.vote(alice, key, AGAINST), 400, "VoteAlreadyExists")
    script = chamber.get(f"/members/proposals/{key}/ballots/{alice.id}")
    check(script.body == FOR and script.headers["content-type"] == "text/javascript", f"{script}")
    check(accepted(chamber.vote(carol, key, {"vote": False}), "our form")["proposalState"] == "Open", "one each")
    decided = accepted(chamber.vote(bob, key), "the second in favour")
    check(decided == {"proposalId": key, "proposerId": alice.id, "proposalState": "Accepted", "ballotCount": 3,
                      "finalVotes": {alice.id: True, bob.id: True, carol.id: False}, "voteFailures": {}}, f"{decided}")
    refused(chamber.vote(carol, key, AGAINST), 400, "ProposalNotOpen", "currently in state accepted")
    refused(chamber.withdraw(alice, key), 400, "ProposalNotOpen")


def joins(chamber, alice, dave, key):
    """A new member reads the state, and says so before it may do anything else."""
    check(chamber.status_of(dave.id) == "Accepted", "not yet active")
    refused(chamber.propose(dave, settings()), 401, UNAUTHORIZED, "Signer is not an ACTIVE member")
    refused(chamber.vote(dave, key), 401, UNAUTHORIZED, "Signer is not an ACTIVE member")
    first = accepted(chamber.get(f"/members/state-digests/{dave.id}"), "recorded when it was registered")
    check(first["memberId"] == dave.id and len(first["stateDigest"]) == 64, f"{first}")
    updated = accepted(chamber.update_digest(dave), "update")
    check(updated["memberId"] == dave.id and updated["stateDigest"] != first["stateDigest"], f"{updated}")
    check(accepted(chamber.get(f"/members/state-digests/{dave.id}"), "get") == updated, "recorded")
    for wrong in (first["stateDigest"], NOBODY):
        refused(chamber.ack(dave, wrong), 400, "StateDigestMismatch")
    for content in (b"", b"{}", b'{"stateDigest":3}', b"[]", b"x"):
        refused(chamber.post(chamber.ack_path(dave.id), sign(dave, content, kind="ack")), 400, "InvalidInput")
    of_alice = f"/members/state-digests/{alice.id}"
    wrong = "Authenticated member id does not match URL"
    refused(chamber.update_digest(dave, of_alice + ":update"), 400, "InvalidResourceName", wrong)
    refused(chamber.ack(dave, updated["stateDigest"], of_alice + ":ack"), 400, "InvalidResourceName", wrong)
    check(chamber.status_of(dave.id) == "Accepted", "still")
    done = chamber.ack(dave, updated["stateDigest"])
    check(done.status == 204 and done.body == "" and "content-type" not in done.headers, f"{done}")
    check(chamber.status_of(dave.id) == "Active", "active")
    refused(chamber.get(f"/members/state-digests/{NOBODY}"), 404, "ResourceNotFound")
    # Who founded the service is active from the start, and has no digest until it asks for one.
    refused(chamber.get(f"/members/state-digests/{alice.id}"), 404, "ResourceNotFound")
    refused(chamber.ack(alice, updated["stateDigest"]), 403, "AuthorizationFailed")


def withdrawals(chamber, alice, bob):
    key = accepted(chamber.propose(alice, settings()), "propose")["proposalId"]
    accepted(chamber.vote(bob, key), "one ballot")
    refused(chamber.withdraw(bob, key), 403, "AuthorizationFailed")
    refused(chamber.withdraw(alice, key, signed_for=NOBODY), 400, "InvalidResourceName",
            "Authenticated proposal id does not match URL")
    gone = accepted(chamber.withdraw(alice, key), "withdraw")
    check(gone == {"proposalId": key, "proposerId": alice.id, "proposalState": "Withdrawn", "ballotCount": 1}, f"{gone}")
    check(accepted(chamber.withdraw(alice, key), "again") == gone, "again")
    refused(chamber.vote(alice, key), 400, "ProposalNotOpen", "currently in state withdrawn")
    unknown = chamber.withdraw(alice, NOBODY)
    check(unknown.status == 204 and unknown.body == "", f"what is not there needs no withdrawal: {unknown}")


def paths(chamber, alice, bob):
    key = accepted(chamber.propose(alice, settings("paths")), "propose")["proposalId"]
    other = accepted(chamber.propose(alice, settings("other")), "propose")["proposalId"]
    wrong = "Authenticated member id does not match URL"
    refused(chamber.vote(alice, key, path=chamber.ballot_path(key, bob.id)), 400, "InvalidResourceName", wrong)
    wrong = "Authenticated proposal id does not match URL"
    refused(chamber.vote(alice, key, signed_for=other), 400, "InvalidResourceName", wrong)
    refused(chamber.vote(alice, key, drop=(PROPOSAL,)), 400, "InvalidResourceName", wrong)
    refused(chamber.vote(alice, key, path=chamber.ballot_path("12", alice.id)), 400, "InvalidResourceName")
    # A request for one thing is no request for another.
    for kind in ("proposal", "withdrawal", "ack", "", "Ballot"):
        text = refused(chamber.vote(alice, key, kind=kind), 401, UNAUTHORIZED, "ccf.gov.msg.type")
        check("ballot" in text, text)
    refused(chamber.propose(alice, settings(), kind="ballot"), 401, UNAUTHORIZED, "ccf.gov.msg.type")
    for ballot in ({}, [], {"ballot": 3}, {"ballot": ""}, {"ballot": "return true"}, {"ballot": FOR + "x"}, {"vote": "true"},
                   {"ballot": "export function vote (p, i) { return p.length > 3 }"}, {"vote": 1},
                   {"ballot": "export function vote (p, i) { while (true) {} }"}, {"vote": True, "ballot": FOR}):
        refused(chamber.vote(alice, key, ballot), 400, "InvalidInput")
    check(accepted(chamber.get(f"/members/proposals/{key}"), "get")["ballotCount"] == 0, "none of them counts")
    accepted(chamber.withdraw(alice, key), "withdraw")
    accepted(chamber.withdraw(alice, other), "withdraw")


def encoded(*pairs, head=None):
    """A protected header, pair by pair: cbor2 would never write some of them."""
    body = b"".join(cbor2.dumps(name) + cbor2.dumps(value) for name, value in pairs)
    return (bytes([0xA0 + len(pairs)]) if head is None else head) + body


def broken_headers(member):
    now = int(time.time())
    alg, kid, kind, created = usual = [(1, -35), (4, member.id.encode()), (TYPE, "proposal"), (CREATED, now)]
    return {
        "a label twice": encoded(*usual, created), "the type twice": encoded(*usual, kind), "kid twice": encoded(*usual, kid),
        "an indefinite map": encoded(*usual, head=b"\xbf") + b"\xff",
        "an indefinite kid": encoded(alg, kind, created, head=b"\xa4") + b"\x04\x5f\x58\x40" + kid[1] + b"\xff",
        "no created_at": encoded(alg, kid, kind), "created_at as text": encoded(alg, kid, kind, (CREATED, str(now))),
        "created_at with a fraction": encoded(alg, kid, kind, (CREATED, now + 0.5)),
        "created_at below zero": encoded(alg, kid, kind, (CREATED, -1)),
        "created_at of 2^600": encoded(alg, kid, kind, (CREATED, 2 ** 600)),
        "no kid": encoded(alg, kind, created), "kid as text": encoded(alg, (4, member.id), kind, created),
        "no alg": encoded(kid, kind, created), "alg as text": encoded((1, "ES384"), kid, kind, created),
        "a list": b"\x80", "nothing": b"", "more behind it": encoded(*usual) + b"\x00",
    }


def broken_messages(whole):
    parts = cbor2.loads(whole).value
    return {
        "no tag": cbor2.dumps(parts), "tag 17": cbor2.dumps(cbor2.CBORTag(17, parts)),
        "three parts": cbor2.dumps(cbor2.CBORTag(18, parts[:3])), "five": cbor2.dumps(cbor2.CBORTag(18, [*parts, b""])),
        "no payload": cbor2.dumps(cbor2.CBORTag(18, [parts[0], {}, None, parts[3]])),
        "a payload as text": cbor2.dumps(cbor2.CBORTag(18, [parts[0], {}, "x", parts[3]])),
        "a tag in a tag": cbor2.dumps(cbor2.CBORTag(18, cbor2.CBORTag(18, parts))),
        "more behind it": whole + b"\x00", "cut short": whole[:-1], "empty": b"", "JSON": b'{"actions":[]}',
        "an array without end": b"\xd2\x9f" + b"".join(cbor2.dumps(part) for part in parts) + b"\xff",
        "a length of 2^63": b"\xd2\x84\x5b\x7f" + b"\xff" * 7, "deep": b"\x81" * 100_000, "noise": secrets.token_bytes(1000),
    }


def signatures(chamber, alice, outsider):
    """Undecodable is 400 with a reason; a signer, a type or a signature that does not hold is 401. Never 500."""
    path, body = chamber.create_path(), {"actions": [settings()]}
    whole = sign(alice, body)
    for headers, words in (({}, "Missing content-type header"),
                           ({"content-type": "application/json"}, "Content type is not set to application/cose"),
                           ({"content-type": "application/cose; charset=utf-8"}, "Content type is not set to application/cose"),
                           ({"content-type": "application/Cose"}, "Content type is not set to application/cose")):
        refused(chamber.post(path, whole, headers=headers), 401, UNAUTHORIZED, words)
    refused(chamber.post(path, sign(outsider, body)), 401, UNAUTHORIZED, "Signer is not a known member")
    for kid in (bytes.fromhex(alice.id), alice.id.upper().encode(), b"", alice.id.encode() + b"\0"):
        refused(chamber.post(path, sign(alice, body, {4: kid})), 401, UNAUTHORIZED, "Signer is not a known member")
    refused(chamber.post(path, sign(outsider, body, {4: alice.id.encode()})), 401, UNAUTHORIZED, "Failed to validate COSE Sign1")
    refused(chamber.post(path, sign(alice, body, signature=bytes(96))), 401, UNAUTHORIZED)
    refused(chamber.post(path, whole[:-1] + bytes([whole[-1] ^ 1])), 401, UNAUTHORIZED, "Failed to validate COSE Sign1")
    # Type, kid and created_at are judged before the signature.
    refused(chamber.post(path, sign(alice, body, kind="ballot", signature=bytes(96))), 401, UNAUTHORIZED, "ccf.gov.msg.type")
    extra = sign(alice, body, {99: "x", "more": 1}, unprotected={4: b"nobody"})
    accepted(chamber.withdraw(alice, accepted(chamber.post(path, extra), "labels more")["proposalId"]), "withdraw")
    for why, protected in broken_headers(alice).items():
        answer = chamber.post(path, sign(alice, body, protected=protected))
        check(answer.status == 400 and answer.json()["error"]["code"] in ("InvalidInput", "InvalidCreatedAt") and
              answer.json()["error"]["message"], f"{why}: {answer}")
    for why, message in broken_messages(whole).items():
        check(refused(chamber.post(path, message), 400, "InvalidInput"), f"{why}: says why")
    refused(chamber.post(path, bytes(1_000_001)), 413, "RequestBodyTooLarge")


def validation(chamber, alice):
    def not_valid(document, *words):
        refused(chamber.propose(alice, document=document), 400, "ProposalFailedToValidate", "Proposal failed to validate: ", *words)

    not_valid({"actions": [settings()] * 3000})
    not_valid({"actions": [action("freeze")] * 10_000})
    not_valid({"actions": [action("no_such_action")]}, "no_such_action: no such action")
    not_valid({"actions": [action("remove_member", member_id=alice.id, colour="red")]}, "colour")
    not_valid({"actions": [action("set_settings_policy", settings_policy={"service": {"name": 3}})]})
    for document in ({}, [], {"actions": {}}, {"actions": 3}, {"actions": [3]}, {"actions": [{}]}, {"actions": [{"name": 3}]},
                     {"actions": [{"name": "freeze", "args": []}]}, "x", "", "[" * 10_000, '{"actions":[],"actions":[]}',
                     b"\xff\xfe", {"actions": [settings()], "service": "00" * 32}, {"actions": [settings()], "service": 3}):
        not_valid(document)
    # All or nothing: nothing of the first where the second can't be.
    before = setting_in_force(chamber.kms)
    not_valid({"actions": [settings("first"), action("remove_member", member_id="xyz")]})
    check(setting_in_force(chamber.kms) == before, "nothing of it")
    open_ones = [one for one in accepted(chamber.get("/members/proposals"), "list")["value"] if one["proposalState"] == "Open"]
    check(not open_ones, f"none is stored: {open_ones}")
    genesis = chamber.kms.get("/node/network").json()["vitrine"]["genesis_hash"]
    ours = accepted(chamber.propose(alice, document={"actions": [settings()], "service": genesis}), "it names this service")
    accepted(chamber.withdraw(alice, ours["proposalId"]), "withdraw")


def replay(chamber, alice, bob):
    path = chamber.create_path()
    envelope = sign(alice, {"actions": [settings("replayed")]})
    key = accepted(chamber.post(path, envelope), "once")["proposalId"]
    refused(chamber.post(path, envelope), 400, "ProposalReplay", key)
    accepted(chamber.withdraw(alice, key), "withdraw")
    refused(chamber.post(path, envelope), 400, "ProposalReplay", key)
    # The same signature in another envelope: the unprotected header is nobody's.
    parts = cbor2.loads(envelope).value
    dressed = cbor2.dumps(cbor2.CBORTag(18, [parts[0], {99: "x"}, parts[2], parts[3]]))
    refused(chamber.post(path, dressed), 400, "ProposalReplay")
    # s and n - s both verify: another signature, but nobody signed twice.
    order = int("FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFC7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52973", 16)
    mirrored_s = (order - int.from_bytes(parts[3][48:], "big")).to_bytes(48, "big")
    mirrored = cbor2.dumps(cbor2.CBORTag(18, [parts[0], {}, parts[2], parts[3][:48] + mirrored_s]))
    refused(chamber.post(path, mirrored), 400, "ProposalReplay")
    for created in (0, 1, int(time.time()) - 86_400):
        refused(chamber.propose(alice, settings(), header={CREATED: created}), 400, "ProposalCreatedTooLongAgo")
    for created in (10_000_000_000, 2 ** 63 - 1, int(time.time()) + 86_400):
        refused(chamber.propose(alice, settings(), header={CREATED: created}), 400, "InvalidCreatedAt")
    # Ballots have no window: what binds them is the proposal.
    key = accepted(chamber.propose(alice, settings("old ballots")), "propose")["proposalId"]
    accepted(chamber.vote(bob, key, header={CREATED: 1}), "an old ballot")
    accepted(chamber.withdraw(alice, key), "withdraw")


def removal(chamber, alice, bob, carol, dave):
    """Who is removed votes no more, and what it had said counts no more."""
    waiting = accepted(chamber.propose(bob, settings("waiting")), "propose")["proposalId"]
    accepted(chamber.vote(dave, waiting), "dave is in favour")
    chamber.decide(alice, (alice, bob, carol), action("remove_member", member_id=dave.id))
    refused(chamber.get(f"/service/members/{dave.id}"), 404, "ResourceNotFound")
    for answer in (chamber.vote(dave, waiting), chamber.propose(dave, settings()), chamber.update_digest(dave),
                   chamber.ack(dave, NOBODY)):
        refused(answer, 401, UNAUTHORIZED, "Signer is not a known member")
    check(accepted(chamber.vote(alice, waiting), "one of three")["proposalState"] == "Open", "dave's vote is void")
    check(accepted(chamber.vote(carol, waiting), "two of three")["proposalState"] == "Accepted", "a majority")
    check(setting_in_force(chamber.kms) == "waiting", "it is in force")


def frozen(chamber, alice, bob):
    """One member stops releases; a quorum lets them go on."""
    done = accepted(chamber.propose(bob, action("freeze")), "freeze")
    check(done["proposalState"] == "Accepted" and done["ballotCount"] == 0, f"{done}")
    shown = accepted(chamber.get("/service/info"), "info")["frozen"]
    check(shown["member"] == bob.id and shown["since"].endswith("Z"), f"{shown}")
    check(chamber.kms.get("/node/network").json()["vitrine"]["frozen"] == shown, "the network says so too")
    key = accepted(chamber.propose(bob, action("thaw")), "thaw")
    check(key["proposalState"] == "Open", "thawing takes a vote")
    accepted(chamber.vote(bob, key["proposalId"]), "vote")
    check(accepted(chamber.vote(alice, key["proposalId"]), "vote")["proposalState"] == "Accepted", "thawed")
    check(accepted(chamber.get("/service/info"), "info")["frozen"] is None, "no more")


def trail(chamber, alice):
    kms, path = chamber.kms, chamber.create_path()
    envelope = sign(alice, {"actions": [settings("trail")]})
    answer = chamber.post(path, envelope, headers={**COSE, "x-ms-request-id": "good-1"})
    chamber.post(path, envelope, headers={**COSE, "x-ms-request-id": "bad-1"})
    chamber.vote(alice, answer.json()["proposalId"], signed_for=NOBODY)
    lines = [json.loads(line) for line in (kms.data / "audit_trail.jsonl").read_text().splitlines()]
    mine, again = (next(line for line in lines if line["request"] == name) for name in ("good-1", "bad-1"))
    check(mine["event"] == "governance_accepted" and mine["caller"] == "cose" and mine["caller_id"] == alice.id, f"{mine}")
    check(mine["transaction"] == answer.headers["x-ms-ccf-transaction-id"], f"{mine}")
    check(mine["endpoint"] == "POST /gov/members/proposals:create", f"{mine}")
    check(again["event"] == "governance_refused" and "replay" in again["reason"], f"{again}")
    last = lines[-1]
    check(last["endpoint"] == "POST /gov/members/proposals/{proposalId}/ballots/{memberId}:submit" and
          last["caller_id"] == alice.id and "does not match URL" in last["reason"], f"{last}")
    accepted(chamber.withdraw(alice, answer.json()["proposalId"]), "withdraw")


def outside_dev():
    with founded(members=("alice", "bob", "carol")) as kms:
        kms.start()
        chamber = Chamber(kms)
        people = [chamber.identity(name) for name in ("alice", "bob", "carol")]
        alice, bob, carol = people
        versions(chamber)
        documents(chamber, people, chamber.identity("user0"))
        dave = chamber.make("dave", ec.SECP256R1())
        document = json.dumps({"actions": [action("set_member", cert=pem_of(dave), member_data={"name": "Dave"})]}, indent=1)
        key = proposes(chamber, alice, carol, document)
        votes(chamber, alice, bob, carol, key)
        joins(chamber, alice, dave, key)
        before = everything(chamber)
        withdrawals(chamber, alice, bob)
        paths(chamber, alice, bob)
        signatures(chamber, alice, chamber.make("mallory"))
        validation(chamber, alice)
        replay(chamber, alice, bob)
        trail(chamber, alice)
        check(everything(chamber) == before, "nothing of all that changed the service")
        removal(chamber, alice, bob, carol, dave)
        frozen(chamber, alice, bob)
        key = accepted(chamber.propose(alice, settings("kept")), "propose")["proposalId"]
        accepted(chamber.vote(carol, key), "vote")
        shown = [*everything(chamber), chamber.get("/members/proposals").body]
        kms.kill()
        kms.start()
        check([*everything(chamber), chamber.get("/members/proposals").body] == shown, "all of it is in the ledger")
        check(accepted(chamber.vote(alice, key), "vote")["proposalState"] == "Accepted", "and goes on")


def in_dev():
    """The members that --dev makes, and users' proposals at once."""
    with Kms() as kms:
        kms.start()
        chamber = Chamber(kms)
        (node,) = accepted(chamber.get("/service/nodes"), "nodes")["value"]
        check(node["quoteInfo"]["format"] == "AMD_SEV_SNP_v1" and node["quoteInfo"]["uvmEndorsements"], f"{node}")
        count = len(accepted(chamber.get("/service/members"), "members")["value"])
        members = [kms.member(number) for number in range(count)]
        key = accepted(chamber.propose(members[0], settings("dev")), "propose")
        check(key["proposalState"] == "Open", "a ballot is needed")
        for member in members[:count // 2 + 1]:
            last = accepted(chamber.vote(member, key["proposalId"]), "vote")
        check(last["proposalState"] == "Accepted", f"a majority of {count}: {last}")
        check(setting_in_force(kms) == "dev", "in force")
        check(kms.propose(settings("at once")).json()[0]["state"] == "Accepted", "users' proposals apply at once in dev")


def proposers():
    """POST /app/proposals outside dev: an open proposal by a user whom governance lists, and never more."""
    with founded(members=("alice", "bob", "carol"), users=("user0", "user1")) as kms:
        chamber = Chamber(kms)
        user = chamber.identity("user0")
        genesis = kms.folder / "genesis.toml"
        genesis.write_text(genesis.read_text() + f'proposers = ["{user.id}"]\n')
        kms.start()
        before = setting_in_force(kms)
        answer = kms.propose(settings("from a user"), identity=user)
        check(answer.status == 200 and "x-ms-ccf-transaction-id" in answer.headers, f"{answer}")
        (entry,) = answer.json()
        check(entry == {"ballot_count": 0, "proposal_id": entry["proposal_id"], "proposer_id": user.id, "state": "Open",
                        "votes": {}}, f"{entry}")
        check(setting_in_force(kms) == before, "not in force")
        for minutes in (-11, 11):
            answer = kms.propose(settings(), identity=user, created_at=int(time.time()) + 60 * minutes)
            check(answer.status == 400 and answer.body == "" and answer.headers["x-vitrine-reason"], f"{minutes}: {answer}")
        refused(kms.propose(settings(), identity=chamber.identity("user1")), 401, UNAUTHORIZED)
        refused(kms.propose(settings(), identity=chamber.identity("alice")), 401, UNAUTHORIZED)
        check(kms.propose(action("freeze"), identity=user).status == 400, "what /app/proposals takes is four policies")
        accepted(chamber.vote(chamber.identity("alice"), entry["proposal_id"]), "vote")
        decided = accepted(chamber.vote(chamber.identity("bob"), entry["proposal_id"]), "vote")
        check(decided["proposalState"] == "Accepted" and setting_in_force(kms) == "from a user", f"by its members: {decided}")


def main():
    for part in (outside_dev, in_dev, proposers):
        part()
        print(part.__name__)
    return 0


if __name__ == "__main__":
    sys.exit(main())

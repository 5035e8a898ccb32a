"""What a service's own rules make of governance: one that members have yet to open, a veto, a waiting time, roles, an operator,
the sandbox, a constitution that changes itself; and a freeze, seen by those who ask for keys."""

import json
import sys
import time

from _cose import AGAINST, Chamber, accepted, action, pem_of, refused, setting_in_force, settings
from _founded import founded
from _kms import Kms, check, make_wrapping_key
from _snp import Attester

NAMES = ("alice", "bob", "carol")
STATE = "proposalState"


def governed_by(service, extra="", members=NAMES):
    """Three members under the [service] table of a genesis file."""
    kms = founded(members=members)
    genesis = kms.folder / "genesis.toml"
    genesis.write_text(genesis.read_text() + f"[service]\n{service}\n{extra}")
    return kms


def people(kms):
    chamber = Chamber(kms)
    return chamber, *(chamber.identity(name) for name in NAMES)


def opening():
    """Clients are told that it is not open; members act; their vote opens it."""
    with governed_by("opening = true") as kms:
        kms.start(ready="/node/ready/gov")
        chamber, alice, bob, _ = people(kms)
        for method, path in (("GET", "/app/heartbeat"), ("GET", "/heartbeat"), ("GET", "/app/listpubkeys"), ("GET", "/pubkey"),
                             ("POST", "/app/key"), ("POST", "/unwrapKey"), ("POST", "/app/refresh"), ("POST", "/app/proposals"),
                             ("GET", "/app/receipt?transaction_id=2.1"), ("GET", "/app/keyReleasePolicy")):
            refused(kms.request(method, path), 404, "FrontendNotOpen")
        refused(kms.get("/app/nothing"), 404, "ResourceNotFound")
        check(kms.get("/node/ready/app").status == 503 and kms.get("/node/state").status == 200, "the node is there")
        for path in ("/node/network", "/node/commit", "/node/receipt?transaction_id=2.1", "/gov/members", "/checkpoint"):
            check(kms.get(path).status == 200, f"{path} answers")
        check(kms.get("/node/network").json()["service_status"] == "Opening", "it says so")
        check(accepted(chamber.get("/service/info"), "info")["status"] == "Opening", "here too")
        certificate = kms.get("/node/network").json()["service_certificate"]
        refused(chamber.propose(alice, action("transition_service_to_open", next_service_identity="no certificate")), 400,
                "ProposalFailedToValidate")
        chamber.decide(alice, (alice, bob), action("transition_service_to_open", next_service_identity=certificate))
        check(accepted(chamber.get("/service/info"), "info")["status"] == "Open", "open")
        check(kms.get("/node/ready/app").status == 204 and kms.get("/app/heartbeat").status == 200, "clients are served")
        kms.kill()
        kms.start()
        check(kms.get("/node/network").json()["service_status"] == "Open", "and stays so")


def recovery_members():
    """Whoever has an encryption key takes part in recovery, and is shown so in both forms."""
    with governed_by("recovery_threshold = 2", "".join(
            f'[members.{name}]\ncertificate = "{name}_cert.pem"\nencryption_key = "{name}_enc_pubk.pem"\n'
            for name in ("dora", "emil"))) as kms:
        chamber = Chamber(kms)
        keys = {}
        for name in ("dora", "emil", "fred"):
            keys[name] = make_wrapping_key()[1]
            chamber.make(name)
            (kms.folder / f"{name}_enc_pubk.pem").write_text(keys[name])
        kms.start()
        chamber, alice, bob, carol = people(kms)
        dora, fred = chamber.identity("dora"), chamber.identity("fred")
        check(accepted(chamber.get("/service/info"), "info")["configuration"]["recoveryThreshold"] == 2, "two of them")
        shown = accepted(chamber.get(f"/service/members/{dora.id}"), "dora")
        check(shown["publicEncryptionKey"] == keys["dora"] and shown["recoveryRole"] == "Participant", f"{shown}")
        check(kms.get("/gov/members").json()[dora.id]["public_encryption_key"] == keys["dora"], "the classic form")
        share = accepted_share(chamber, dora)
        chamber.decide(alice, (alice, bob, carol), action("set_member", cert=pem_of(fred), encryption_pub_key=keys["fred"]))
        refused(chamber.get(f"/recovery/encrypted-shares/{fred.id}"), 404, "ResourceNotFound")
        done = chamber.ack(fred, accepted(chamber.update_digest(fred), "update")["stateDigest"])
        check(done.status == 204, f"{done}")
        check(accepted_share(chamber, fred) and accepted_share(chamber, dora) != share, "dealt anew at once")
        chamber.decide(alice, (alice, bob, carol, dora), action("remove_member", member_id=fred.id))
        refused(chamber.propose(alice, action("set_recovery_threshold", recovery_threshold=3)), 400, "ProposalFailedToValidate")


def accepted_share(chamber, member):
    answer = chamber.get(f"/recovery/encrypted-shares/{member.id}")
    check(answer.status == 200 and answer.json()["memberId"] == member.id, f"{answer}")
    return answer.json()["encryptedShare"]


def veto():
    with governed_by('constitution = "veto"') as kms:
        kms.start()
        chamber, alice, bob, carol = people(kms)
        key = accepted(chamber.propose(alice, settings("vetoed")), "propose")["proposalId"]
        accepted(chamber.vote(alice, key), "vote")
        rejected = accepted(chamber.vote(carol, key, AGAINST), "against")
        check(rejected == {"proposalId": key, "proposerId": alice.id, STATE: "Rejected", "ballotCount": 2,
                           "finalVotes": {alice.id: True, carol.id: False}, "voteFailures": {}}, f"{rejected}")
        refused(chamber.vote(bob, key), 400, "ProposalNotOpen", "currently in state rejected")
        chamber.decide(alice, (alice, bob), settings("not vetoed"))
        check(setting_in_force(kms) == "not vetoed", "in force")


def waiting():
    """The votes suffice, and it takes effect later: members may still withdraw, clients may still leave."""
    table = {"default": {"approve": "majority"}, "actions": {"set_settings_policy": {"wait_seconds": 3, "veto": True}}}
    with governed_by('constitution = "constitution.json"') as kms:
        (kms.folder / "constitution.json").write_text(json.dumps(table))
        kms.start()
        chamber, alice, bob, carol = people(kms)
        before = setting_in_force(kms)

        def passed(name):
            key = accepted(chamber.propose(alice, settings(name)), "propose")["proposalId"]
            accepted(chamber.vote(alice, key), "vote")
            shown = accepted(chamber.vote(bob, key), "vote")
            check(shown[STATE] == "Open" and shown["takesEffect"].endswith("Z") and "finalVotes" not in shown, f"{shown}")
            return key

        gone = passed("withdrawn")
        check(accepted(chamber.withdraw(alice, gone), "withdraw")[STATE] == "Withdrawn", "withdrawn while it waits")
        stopped = passed("vetoed")
        check(accepted(chamber.vote(carol, stopped, AGAINST), "veto")[STATE] == "Rejected", "vetoed while it waits")
        began, key = time.monotonic(), passed("waited")
        while accepted(chamber.get(f"/members/proposals/{key}"), "get")[STATE] == "Open":
            check(setting_in_force(kms) == before or time.monotonic() - began >= 2, "not before its time")
            check(time.monotonic() - began < 60, "it takes effect at last")
            time.sleep(0.2)
        check(time.monotonic() - began >= 2, "it waited")
        check(accepted(chamber.get(f"/members/proposals/{key}"), "get")[STATE] == "Accepted", "accepted")
        check(setting_in_force(kms) == "waited", "in force, and none of the others")
        # The time runs out while nobody serves.
        key = passed("over a start")
        kms.kill()
        time.sleep(3)
        kms.start()
        for _ in range(300):
            if accepted(chamber.get(f"/members/proposals/{key}"), "get")[STATE] != "Open":
                break
            time.sleep(0.1)
        check(setting_in_force(kms) == "over a start", "the next start applies it")


def roles():
    """A rule that asks for a role: votes alone are not enough. And nobody may leave that a rule needs."""
    table = {"default": {"approve": "majority"}, "actions": {"set_settings_policy": {"roles": ["security"]}}}
    legal = '[members.dave]\ncertificate = "dave_cert.pem"\ndata = {name = "Dave", roles = ["security"]}\n'
    with governed_by('constitution = "constitution.json"', legal) as kms:
        (kms.folder / "constitution.json").write_text(json.dumps(table))
        chamber = Chamber(kms)
        dave = chamber.make("dave")
        kms.start()
        chamber, alice, bob, carol = people(kms)
        key = accepted(chamber.propose(alice, settings("by roles")), "propose")["proposalId"]
        for member in (alice, bob, carol):
            check(accepted(chamber.vote(member, key), "vote")[STATE] == "Open", "three of four, and none for security")
        check(accepted(chamber.vote(dave, key), "vote")[STATE] == "Accepted", "with the role")
        refused(chamber.propose(alice, action("remove_member", member_id=dave.id)), 400, "ProposalFailedToValidate", "security")
        changed = {"default": {"approve": "majority"}}
        refused(chamber.propose(alice, action("set_constitution", constitution={"default": {"roles": ["nobody"]}})), 400,
                "ProposalFailedToValidate", "nobody")
        refused(chamber.propose(alice, action("set_constitution", constitution={"preset": "sandbox"})), 400,
                "ProposalFailedToValidate")
        other = accepted(chamber.propose(bob, settings("meanwhile")), "propose")["proposalId"]
        chamber.decide(alice, (alice, bob, carol), action("set_constitution", constitution=changed))
        check(accepted(chamber.get(f"/members/proposals/{other}"), "get")[STATE] == "Dropped", "its rules are no longer those")
        table = kms.get("/gov/service/constitution?api-version=2024-07-01&format=json").json()
        check(table["default"] == changed["default"] and table["actions"] == {}, f"{table}")
        chamber.decide(alice, (alice, bob, carol), action("remove_member", member_id=dave.id))


def operator():
    """What an operator may do alone, it may; nothing else."""
    ops = '[members.ops]\ncertificate = "ops_cert.pem"\ndata = {is_operator = true}\n'
    with governed_by('constitution = "operator"', ops) as kms:
        chamber = Chamber(kms)
        ops = chamber.make("ops")
        kms.start()
        chamber, alice, bob, _ = people(kms)
        alone = action("set_service_certificate_validity", valid_from=time.strftime("%y%m%d%H%M%SZ", time.gmtime()),
                       validity_period_days=30)
        check(accepted(chamber.propose(ops, alone), "operator")[STATE] == "Accepted", "alone")
        key = accepted(chamber.propose(ops, settings("by an operator")), "propose")["proposalId"]
        accepted(chamber.vote(ops, key), "its vote")
        accepted(chamber.vote(alice, key), "one of three")
        check(accepted(chamber.get(f"/members/proposals/{key}"), "get")[STATE] == "Open", "operators have no vote")
        check(accepted(chamber.vote(bob, key), "two of three")[STATE] == "Accepted", "two of the three that have one")


def sandbox():
    with Kms(arguments=("--dev", "--constitution", "sandbox")) as kms:
        kms.start()
        answer = accepted(Chamber(kms).propose(kms.member(0), settings("sandbox")), "propose")
        check(answer[STATE] == "Accepted" and answer["ballotCount"] == 0 and answer["finalVotes"] == {}, f"{answer}")
        check(setting_in_force(kms) == "sandbox", "in force")


def freeze():
    """Releases stop with one member's word, and go on with a quorum's."""
    with Kms() as kms:
        kms.start()
        kms.set_demo_policies()
        chamber = Chamber(kms)
        count = len(accepted(chamber.get("/service/members"), "members")["value"])
        members = [kms.member(number) for number in range(count)]
        key = kms.post("/app/refresh").json()
        _, text = make_wrapping_key()
        body = {"attestation": Attester.of_dev_service(kms.common).attestation(text), "wrappingKey": text,
                "wrappedKid": key["kid"]}
        token = kms.issuer().token()
        check(kms.post("/app/unwrapKey", body, token=token).status == 200, "released")
        check(accepted(chamber.propose(members[-1], action("freeze", reason="a drill")), "freeze")[STATE] == "Accepted", "frozen")
        for path in ("/app/unwrapKey", "/app/key"):
            answer = kms.post(path, body, token=token)
            check(answer.status == 503 and answer.body == "" and "froze" in answer.headers["x-vitrine-reason"], f"{answer}")
        check(kms.get("/app/pubkey").status == 200 and kms.get("/app/listpubkeys").status == 200, "public keys are still shown")
        kms.kill()
        kms.start()
        check(kms.post("/app/unwrapKey", body, token=token).status == 503, "a start thaws nothing")
        chamber.decide(members[0], members, action("thaw"))
        check(kms.post("/app/unwrapKey", body, token=token).status == 200, "released again")


def main():
    for part in (opening, recovery_members, veto, waiting, roles, operator, sandbox, freeze):
        part()
        print(part.__name__)
    return 0


if __name__ == "__main__":
    sys.exit(main())

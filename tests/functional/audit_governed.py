"""A service that its members govern through the real API, from votes to a freeze, a waiting time and a restart; then
`vitrine audit` by URL and by folder tells who asked for what, who voted how and what came of it, and finds the ballot that was
changed."""

import json
import shutil
import sqlite3
import subprocess
import sys
import time

from _cose import AGAINST, Chamber, accepted, action, settings
from _founded import founded
from _kms import BIN, check

NAMES = ("alice", "bob", "carol")


def audit(kms, *arguments):
    command = [BIN / "vitrine", "audit", "--service-cert", kms.data / "service_cert.pem", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


def wait_for_signed_head(kms):
    """While nothing is appended the newest head reaches the store."""
    for _ in range(300):
        with sqlite3.connect(f"file:{kms.data}/ledger.db?mode=ro", uri=True) as ledger:
            if ledger.execute("SELECT (SELECT size FROM head) = count(*) FROM entries").fetchone() == (1,):
                return
        time.sleep(0.1)
    raise AssertionError("the newest head is not stored")


def govern(kms, chamber, people):
    """Returns the ids of proposals by name."""
    alice, bob, carol = people
    ids = {"first": chamber.decide(alice, [alice, bob], settings("first"))}
    ids["disliked"] = accepted(chamber.propose(bob, settings("disliked")), "propose")["proposalId"]
    accepted(chamber.vote(alice, ids["disliked"], AGAINST), "against")
    ids["overtaking"] = chamber.decide(carol, [bob, carol], settings("overtaking"))  # drops the one before
    ids["withdrawn"] = accepted(chamber.propose(alice, settings("withdrawn")), "propose")["proposalId"]
    accepted(chamber.withdraw(alice, ids["withdrawn"]), "withdraw")
    dave = chamber.make("dave")
    with open(dave.certificate_path, encoding="ascii") as file:
        ids["dave"] = chamber.decide(alice, [alice, carol], action("set_member", cert=file.read(), member_data={"name": "dave"}))
    digest = accepted(chamber.update_digest(dave), "digest")
    accepted_ack = chamber.ack(dave, digest.get("stateDigest") or digest["state_digest"])
    check(accepted_ack.status in (200, 204), f"{accepted_ack}")
    ids["gone"] = chamber.decide(carol, [alice, bob, carol], action("remove_member", member_id=dave.id))
    ids["freeze"] = chamber.decide(bob, [], action("freeze"))
    ids["thaw"] = chamber.decide(bob, [alice, carol, bob], action("thaw"))
    rules = {"default": {"approve": "majority"},
             "actions": {"set_settings_policy": {"approve": "majority", "veto": True, "wait_seconds": 1}}}
    ids["rules"] = chamber.decide(alice, [alice, bob, carol], action("set_constitution", constitution=rules))
    ids["vetoed"] = accepted(chamber.propose(alice, settings("vetoed")), "propose")["proposalId"]
    check(accepted(chamber.vote(carol, ids["vetoed"], AGAINST), "veto")["proposalState"] == "Rejected", "a veto")
    ids["waited"] = accepted(chamber.propose(alice, settings("waited")), "propose")["proposalId"]
    accepted(chamber.vote(alice, ids["waited"]), "for")
    accepted(chamber.vote(bob, ids["waited"]), "for")
    for _ in range(100):
        if chamber.get(f"/members/proposals/{ids['waited']}").json()["proposalState"] == "Accepted":
            break
        time.sleep(0.1)
    return ids, dave


def lines_of(outcome):
    check(outcome.returncode == 0, f"{outcome}")
    return [json.loads(line) for line in outcome.stdout.splitlines()]


def check_told(kms, ids, people, dave):
    alice, bob, carol = people
    by_url = lines_of(audit(kms, "--url", f"https://127.0.0.1:{kms.port}", "--json"))
    in_folder = lines_of(audit(kms, "--data", kms.data, "--json"))
    check(by_url[:-1] == in_folder[:-1], "both sources tell the same history")
    check(in_folder[-1]["verdict"] == "intact", f"{in_folder[-1]}")

    def told(name, kind, state):
        found = [line for line in in_folder if (line.get("kind"), line.get("proposal_id"), line.get("proposal_state")) ==
                 (kind, ids[name], state)]
        check(len(found) == 1, f"{name}: {kind} {state}: {found}")
        return found[0]

    first = told("first", "ballot_cast", "Accepted")
    check(first["votes"] == {alice.id: True, bob.id: True} and first["signer"] == bob.id, f"{first}")
    check(first["actions"] == [settings("first")], f"{first}")
    check(first["what"].startswith("bob (") and "accepted: 2 for: " in first["what"], f"{first}")
    overtaking = told("overtaking", "ballot_cast", "Accepted")
    check(overtaking["dropped"] == [ids["disliked"]] and "is dropped: " in overtaking["what"], f"{overtaking}")
    check(told("withdrawn", "proposal_withdrawn", "Withdrawn")["signer"] == alice.id, "who withdrew")
    acks = [line for line in in_folder if line.get("kind") == "member_acked"]
    check(acks[0]["signer"] == dave.id and acks[0]["becomes_active"] and "dave" in acks[0]["what"], f"{acks}")
    freeze = told("freeze", "proposal_submitted", "Accepted")
    check(freeze["signer"] == bob.id and "accepted: no votes" in freeze["what"] and "freeze" in freeze["what"], f"{freeze}")
    vetoed = told("vetoed", "ballot_cast", "Rejected")
    check(vetoed["votes"] == {carol.id: False} and "rejected: 1 against: carol" in vetoed["what"], f"{vetoed}")
    waiting = [line for line in in_folder if line.get("proposal_id") == ids["waited"] and "takes_effect" in line]
    check(waiting and "takes effect at" in waiting[-1]["what"], f"{waiting}")
    waited = told("waited", "proposal_applied", "Accepted")
    check("the waiting time of proposal" in waited["what"] and waited["votes"] == {alice.id: True, bob.id: True}, f"{waited}")
    text = audit(kms, "--data", kms.data).stdout
    for words in ("alice (", "proposed", "voted for proposal", "voted against proposal", "withdrew proposal",
                  "and is an active member from now on", "takes effect at", "remove_member", "freeze", "thaw", "intact"):
        check(words in text, f"{words!r} is not in {text}")


def check_changed(kms):
    """Each ballot with one bit changed in what its member signed."""
    folder = kms.folder / "changed"
    with sqlite3.connect(f"file:{kms.data}/ledger.db?mode=ro", uri=True) as ledger:
        leaves = ledger.execute("SELECT idx, leaf FROM entries").fetchall()
    marked = [(index, leaf, leaf.index(b"function vote")) for index, leaf in leaves if b"function vote" in leaf]
    check(len(marked) > 5, "ballots lie in the ledger")
    for index, leaf, at in marked:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        with sqlite3.connect(f"file:{kms.data}/ledger.db?mode=ro", uri=True) as ledger:
            with sqlite3.connect(folder / "ledger.db") as copy:
                ledger.backup(copy)
                changed = leaf[:at] + bytes([leaf[at] ^ 1]) + leaf[at + 1:]
                copy.execute("UPDATE entries SET leaf = ? WHERE idx = ?", (changed, index))
        outcome = audit(kms, "--data", folder, "--json")
        verdict = json.loads(outcome.stdout.splitlines()[-1])
        check(outcome.returncode == 1 and verdict["first"] <= index + 1 <= verdict["last"] <= index + 2, f"{verdict}")


def main():
    kms = founded(members=NAMES)
    with kms:
        kms.start()
        chamber = Chamber(kms)
        people = [chamber.identity(name) for name in NAMES]
        ids, dave = govern(kms, chamber, people)
        check(kms.stop() == 0, "stop")
        kms.start()
        wait_for_signed_head(kms)
        check_told(kms, ids, people, dave)
        check_changed(kms)
    print("votes, a veto, a waiting time and a freeze, as the audit tells them")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Two hundred members vote at once, each on a connection of its own: every ballot counts once, the proposal is decided once, and
the ledger holds exactly the entries that were answered. Then two hundred proposals, and a vote against a withdrawal."""

import collections
import concurrent.futures
import queue
import sys
import time

from _cose import AGAINST, COSE, CREATED, FOR, PROPOSAL, Chamber, accepted, settings, setting_in_force, sign
from _founded import founded
from _kms import Answer, check

MEMBERS = 200  # and as many connections


class Crowd:
    """Sends prepared requests, as many at once as there are members, each on a connection that is kept."""

    def __init__(self, chamber):
        self.chamber = chamber
        self.shed = 0  # answers that asked to try again
        self.idle = queue.SimpleQueue()  # connections
        for _ in range(MEMBERS):
            connection = chamber.kms.connection()
            connection.connect()
            self.idle.put(connection)

    def send(self, path, envelope):
        connection = self.idle.get()
        for _ in range(200):
            connection.request("POST", self.chamber.path(path), body=envelope, headers=COSE)
            answer = Answer(connection.getresponse())
            if answer.status != 503:  # a budget is spent: nothing of it has happened
                break
            self.shed += 1
            time.sleep(0.05)
        self.idle.put(connection)
        return answer

    def all_at_once(self, requests):
        with concurrent.futures.ThreadPoolExecutor(MEMBERS) as pool:
            return list(pool.map(lambda request: self.send(*request), requests))


def codes(answers):
    return collections.Counter("200" if answer.status == 200 else answer.json()["error"]["code"] for answer in answers)


def entries(kms):
    """How many the ledger holds."""
    transaction = kms.get("/node/commit").json()["transaction_id"]
    return int(transaction.split(".")[1])


def every_ballot_counts_once(chamber, crowd, members):
    """99 in favour twice each, 99 against, in any order: no majority. Then two more, and it is one."""
    key = accepted(chamber.propose(members[0], settings("crowd")), "propose")["proposalId"]
    before = entries(chamber.kms)
    votes = [(member, FOR if number % 2 else AGAINST) for number, member in enumerate(members[:MEMBERS - 2])]
    requests = [(chamber.ballot_path(key, member.id), chamber.ballot(member, key, ballot)) for member, ballot in votes]
    answers = crowd.all_at_once(requests + [(path, envelope) for path, envelope in requests[1::2]])
    check(codes(answers) == {"200": len(answers)}, f"{codes(answers)}")
    counts = sorted(answer.json()["ballotCount"] for answer in answers)
    check(counts[-1] == MEMBERS - 2 and set(counts) <= set(range(1, MEMBERS - 1)), "each answer is a count on the way")
    shown = accepted(chamber.get(f"/members/proposals/{key}"), "get")
    check(shown["ballotCount"] == MEMBERS - 2 and shown["proposalState"] == "Open", f"exactly as many as voted: {shown}")
    check(entries(chamber.kms) == before + MEMBERS - 2, "an entry for each ballot, and none for one that was sent twice")
    # The other vote of somebody who has voted never counts.
    changed = [(chamber.ballot_path(key, member.id), chamber.ballot(member, key, AGAINST if ballot == FOR else FOR))
               for member, ballot in votes[:20]]
    check(codes(crowd.all_at_once(changed)) == {"VoteAlreadyExists": 20}, "no vote is changed")
    for member in members[MEMBERS - 2:]:
        last = accepted(chamber.vote(member, key), "vote")
    check(sum(1 for _, ballot in votes if ballot == FOR) == 99 and last["proposalState"] == "Accepted", f"101 of 200: {last}")
    check(len(last["finalVotes"]) == MEMBERS and sum(last["finalVotes"].values()) == 101, "the final votes")


def is_decided_once(chamber, crowd, members):
    """All are in favour at once: the 101st decides, and those behind it are told so."""
    key = accepted(chamber.propose(members[0], settings("decided")), "propose")["proposalId"]
    before = entries(chamber.kms)
    answers = crowd.all_at_once([(chamber.ballot_path(key, member.id), chamber.ballot(member, key)) for member in members])
    check(codes(answers) == {"200": 101, "ProposalNotOpen": 99}, f"{codes(answers)}")
    states = collections.Counter(answer.json()["proposalState"] for answer in answers if answer.status == 200)
    check(states == {"Open": 100, "Accepted": 1}, f"one ballot decided: {states}")
    check(entries(chamber.kms) == before + 101, "no entry for a ballot that came too late")
    check(setting_in_force(chamber.kms) == "decided", "in force")


def proposals_at_once(chamber, crowd, members):
    """200 proposals, and each of them twice: no more are open than may be, and none of them is there twice."""
    now = int(time.time())
    envelopes = [sign(member, {"actions": [settings(f"{number}")]}, {CREATED: now}) for number, member in enumerate(members)]
    path = chamber.create_path()
    answers = crowd.all_at_once([(path, envelope) for envelope in envelopes for _ in range(2)])
    told = codes(answers)
    check(told["200"] == 100 and sum(told.values()) == 400 and set(told) <= {"200", "ProposalReplay", "TooManyOpenProposals"},
          f"{told}")
    ids = {answer.json()["proposalId"] for answer in answers if answer.status == 200}
    listed = [one["proposalId"] for one in accepted(chamber.get("/members/proposals"), "list")["value"]
              if one["proposalState"] == "Open"]
    check(len(ids) == 100 and set(listed) == ids and len(listed) == 100, "those that were answered, and no other")
    return ids


def the_others_are_dropped(chamber, members, ids):
    """All of them would change the same: once one is in force, the others are about what is no more."""
    chosen = sorted(ids)[0]
    for member in members[:101]:
        last = accepted(chamber.vote(member, chosen), "vote")
    check(last["proposalState"] == "Accepted", f"{last}")
    states = {one["proposalId"]: one["proposalState"] for one in accepted(chamber.get("/members/proposals"), "list")["value"]}
    check(states == {key: "Accepted" if key == chosen else "Dropped" for key in ids}, f"{collections.Counter(states.values())}")


def withdrawn_or_decided(chamber, crowd, members):
    """A withdrawal against the vote that decides: one of the two wins, and both are told which."""
    for turn in range(5):
        proposer, *voters = members[turn:]
        key = accepted(chamber.propose(proposer, settings(f"turn {turn}")), "propose")["proposalId"]
        answers = crowd.all_at_once([(chamber.ballot_path(key, member.id), chamber.ballot(member, key)) for member in voters[:100]])
        check(codes(answers) == {"200": 100}, f"{codes(answers)}")
        withdrawal = sign(proposer, kind="withdrawal", header={PROPOSAL: key})
        vote, gone = crowd.all_at_once([(chamber.ballot_path(key, voters[100].id), chamber.ballot(voters[100], key)),
                                        (f"/members/proposals/{key}:withdraw", withdrawal)])
        check({vote.status, gone.status} == {200, 400}, f"one of them: {vote} {gone}")
        won, lost = (vote, gone) if vote.status == 200 else (gone, vote)
        check(lost.json()["error"]["code"] == "ProposalNotOpen", f"{lost}")
        check(won.json()["proposalState"] == ("Accepted" if won is vote else "Withdrawn"), f"{won}")


def main():
    names = [f"member{number}" for number in range(MEMBERS)]
    with founded(members=names) as kms:
        kms.start()
        chamber = Chamber(kms)
        members = [chamber.identity(name) for name in names]
        crowd = Crowd(chamber)
        began = time.monotonic()
        every_ballot_counts_once(chamber, crowd, members)
        is_decided_once(chamber, crowd, members)
        ids = proposals_at_once(chamber, crowd, members)
        the_others_are_dropped(chamber, members, ids)
        withdrawn_or_decided(chamber, crowd, members)
        shown = chamber.get("/members/proposals").body
        kms.kill()
        kms.start()
        check(chamber.get("/members/proposals").body == shown, "the same after a kill")
        print(f"{MEMBERS} members at once: exact counts, in {time.monotonic() - began:.1f} s; {crowd.shed} answers said: later")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""SIGKILL at random points while members propose, vote and withdraw. After each restart whatever was answered is there, a request
that was not answered is there once or not at all and can be sent again, and every count is exact; at the end the audit
agrees. KILLS and SEED may be given by the environment; the seed is printed."""

import http.client
import os
import pathlib
import random
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "functional"))
from _cose import AGAINST, COSE, FOR, PROPOSAL, Chamber, accepted, setting_in_force, settings, sign  # noqa: E402
from _founded import founded  # noqa: E402
from _kms import BIN, Answer, check  # noqa: E402

NAMES = [f"member{number}" for number in range(7)]
IN_FAVOUR = 3  # of seven: what these vote stays open


class Sent:
    """A request, and what was answered to it: None where the kill came first."""

    def __init__(self, path, envelope, member, proposal=None):
        self.path, self.envelope, self.member, self.proposal, self.answer = path, envelope, member, proposal, None


class Council:
    def __init__(self, kms):
        self.chamber, self.kms = Chamber(kms), kms
        self.members = [self.chamber.identity(name) for name in NAMES]
        self.lock = threading.Lock()
        self.proposed, self.voted, self.withdrawn = [], [], []
        self.open = []  # ids that were answered
        self.wrong = []  # answers that should not be

    def send(self, connection, sent, log):
        with self.lock:
            log.append(sent)
        connection.request("POST", self.chamber.path(sent.path), body=sent.envelope, headers=COSE)
        answer = Answer(connection.getresponse())
        if answer.status != 503:
            sent.answer = answer
        return answer

    def act(self, member, chance):
        """What one member does until the connection breaks: a proposal, then votes for those it knows; now and then it
        withdraws its own."""
        connection = self.kms.connection(verify=False)
        number = self.members.index(member)
        seen = set()
        own = []
        try:
            while True:
                if len(own) < 10:
                    sent = Sent(self.chamber.create_path(), sign(member, {"actions": [settings(f"{chance.random()}")]}), member)
                    answer = self.send(connection, sent, self.proposed)
                    check(answer.status in (200, 503), f"{answer}")
                    if answer.status == 200:
                        own.append(answer.json()["proposalId"])
                        with self.lock:
                            self.open.append(own[-1])
                with self.lock:
                    unseen = [key for key in self.open if key not in seen]
                for key in unseen[:3]:
                    seen.add(key)
                    ballot = FOR if number < IN_FAVOUR else AGAINST
                    self.send(connection, Sent(self.chamber.ballot_path(key, member.id),
                                               self.chamber.ballot(member, key, ballot), member, key), self.voted)
                if own and chance.random() < 0.2:
                    key = own.pop(chance.randrange(len(own)))
                    self.send(connection, Sent(f"/members/proposals/{key}:withdraw",
                                               sign(member, kind="withdrawal", header={PROPOSAL: key}), member, key),
                              self.withdrawn)
        except (OSError, http.client.HTTPException):
            connection.close()
        except AssertionError as wrong:
            self.wrong.append(wrong)

    def state_of(self, key):
        answer = self.chamber.get(f"/members/proposals/{key}")
        return None if answer.status == 404 else accepted(answer, "get")["proposalState"]

    def holds_what_was_answered(self):
        withdrawn = {sent.proposal for sent in self.withdrawn if sent.answer is not None and sent.answer.status == 200}
        asked = {sent.proposal for sent in self.withdrawn}
        for sent in self.proposed:
            if sent.answer is None:
                continue
            key, state = sent.answer.json()["proposalId"], self.state_of(sent.answer.json()["proposalId"])
            # What is decided is forgotten with the next decision.
            check(state == "Open" if key not in asked else state in (("Withdrawn", None) if key in withdrawn else
                                                                     ("Open", "Withdrawn", None)), f"{key} is {state}")
        for sent in self.voted:
            if sent.answer is not None and sent.answer.status == 200 and sent.proposal not in asked:
                ballot = self.chamber.get(f"/members/proposals/{sent.proposal}/ballots/{sent.member.id}")
                check(ballot.status == 200 and ballot.body in (FOR, AGAINST), f"{sent.proposal}: {ballot}")

    def sends_again_what_was_not(self):
        asked = {sent.proposal for sent in self.withdrawn}
        again = {"once": 0, "twice": 0}
        for sent in self.proposed:
            if sent.answer is None:
                answer = self.chamber.post(sent.path, sent.envelope)
                replay = answer.status == 400 and answer.json()["error"]["code"] == "ProposalReplay"
                check(answer.status == 200 or replay, f"made now, or already: {answer}")
                again["twice" if replay else "once"] += 1
        for sent in self.voted:
            if sent.answer is None and sent.proposal not in asked:
                check(self.chamber.post(sent.path, sent.envelope).status == 200, "the same ballot is taken, or known")
        ballots = {}
        for sent in self.voted:
            ballots.setdefault(sent.proposal, set()).add(sent.member.id)
        for key, voters in ballots.items():
            if key not in asked:
                shown = accepted(self.chamber.get(f"/members/proposals/{key}"), "get")
                check(shown["ballotCount"] == len(voters), f"each that was sent, once: {shown} {len(voters)}")
        return again

    def clears_up(self):
        """Decides one, so that all others, which would change the same, are dropped."""
        name = f"kept beside {len(self.proposed)}, {len(self.voted)}"
        for one in accepted(self.chamber.get("/members/proposals"), "list")["value"]:
            if one["proposalState"] == "Open":
                member = next(member for member in self.members if member.id == one["proposerId"])
                accepted(self.chamber.withdraw(member, one["proposalId"]), "withdraw")
        self.chamber.decide(self.members[0], self.members[:4], settings(name))
        self.proposed, self.voted, self.withdrawn, self.open = [], [], [], []
        return name


def main():
    seed = int(os.environ.get("SEED") or random.SystemRandom().randrange(1 << 32))
    kills = int(os.environ.get("KILLS") or "6")
    print(f"seed {seed}, {kills} kills", flush=True)
    chance = random.Random(seed)
    counts = {"answered": 0, "once": 0, "twice": 0}
    with founded(members=NAMES) as kms:
        kms.start()
        council = Council(kms)
        for _ in range(kills):
            threads = [threading.Thread(target=council.act, args=(member, random.Random(chance.random())))
                       for member in council.members]
            for thread in threads:
                thread.start()
            time.sleep(chance.uniform(0.05, 1.0))
            kms.kill()
            for thread in threads:
                thread.join()
            check(not council.wrong, f"{council.wrong}")
            kms.start()
            council.holds_what_was_answered()
            for name, count in council.sends_again_what_was_not().items():
                counts[name] += count
            counts["answered"] += sum(sent.answer is not None for log in (council.proposed, council.voted, council.withdrawn)
                                      for sent in log)
            name = council.clears_up()
            kms.kill()  # nothing of an answer waits for anything
            kms.start()
            check(setting_in_force(kms) == name, "what was decided is in force")
        audited = subprocess.run([BIN / "vitrine", "--url", f"https://127.0.0.1:{kms.port}", "--ca",
                                  kms.data / "service_cert.pem", "audit"], check=False, capture_output=True, text=True, timeout=120)
        check(audited.returncode == 0, f"the audit agrees: {audited.stdout[-500:]} {audited.stderr}")
    print(f"{counts['answered']} requests answered and kept; of the proposals that were not, {counts['twice']} had been made")
    return 0


if __name__ == "__main__":
    sys.exit(main())

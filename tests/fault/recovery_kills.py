"""SIGKILL at random points of opening, recovering, rekeying, rotating and dealing shares anew. After each: the node starts, or
waits for shares and opens by them; what was voted for is done; any two of the three members open the newest deal, and what it
holds opens every private key there ever was (checked by another implementation); the audit finds nothing. RECOVERY_KILLS and
SEED may be given by the environment; the seed is printed."""

import os
import pathlib
import random
import subprocess
import sys
import threading
import time

import cbor2

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "functional"))

from _deal import check_newest_deal, records  # noqa: E402
from _kms import BIN, check  # noqa: E402
from _recovery import decide, founded_with_members, make_key, state_of, wait_until_open, wait_until_waiting  # noqa: E402

KEYS_MAX = 80  # without a rotation policy ids end
ACTIONS = ("trigger_ledger_rekey", "trigger_recovery_shares_refresh", "rotate_log_key", "rotate_service_key")


def votes_that_decided(ledger):
    """Sequence numbers of the ballots that decided: the second of three members, all in favour."""
    votes, decided = {}, set()
    for seqno, (entry, _) in enumerate(ledger, 1):
        if entry[4] != 11:
            continue
        header = cbor2.loads(cbor2.loads(entry[5][2]).value[0])
        proposal = header["ccf.gov.msg.proposal_id"]
        votes[proposal] = votes.get(proposal, 0) + 1
        if votes[proposal] == 2:
            decided.add(seqno)
    return decided


class Run:
    def __init__(self, kms, members, chance):
        self.kms, self.members, self.chance = kms, members, chance
        self.keys = 0
        self.counts = {"open": 0, "recover": 0, "vote": 0}
        self.waited = 0

    def quietly(self, call):
        """Runs until the process is killed under it."""
        def run():
            try:
                call()
            except Exception:  # pylint: disable=broad-except
                pass  # the other end was killed: that is the test
        thread = threading.Thread(target=run)
        thread.start()
        return thread

    def make_key(self):
        make_key(self.kms, self.members[0])
        self.keys += 1

    def kill_while_opening(self):
        self.kms.kill()
        self.kms.spawn()
        time.sleep(self.chance.uniform(0, 0.4))
        self.kms.kill()
        self.counts["open"] += 1

    def kill_while_voting(self):
        action = self.chance.choice(ACTIONS)
        thread = self.quietly(lambda: decide(self.kms, self.members, {"name": action, "args": {}}))
        time.sleep(self.chance.uniform(0, 0.5))
        self.kms.kill()
        thread.join()
        self.counts["vote"] += 1

    def kill_while_recovering(self):
        self.kms.kill()
        (self.kms.folder / "data.unseal-key").unlink(missing_ok=True)
        wait_until_waiting(self.kms)

        def give():
            for member in self.chance.sample(self.members, 2):
                member.recover(self.kms)
        thread = self.quietly(give)
        time.sleep(self.chance.uniform(0, 0.6))
        self.kms.kill()
        thread.join()
        self.counts["recover"] += 1

    def open(self):
        """Starts, by the seal or by shares."""
        self.kms.spawn()
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            check(self.kms.process.poll() is None, f"vitrined ended:\n{self.kms.log.read_text()[-3000:]}")
            state = state_of(self.kms)
            if state is None:
                time.sleep(0.05)
                continue
            if state == "PartOfPublicNetwork":
                self.waited += 1
                for member in self.chance.sample(self.members, 2):
                    answer = member.recover(self.kms)
                    check(answer.status == 200, f"{answer}")
            return wait_until_open(self.kms)
        raise AssertionError("no answer:\n" + self.kms.log.read_text()[-3000:])

    def check_all(self):
        """Whatever was voted for is done, soon after the start."""
        deadline = time.monotonic() + 20
        while True:
            ledger = records(self.kms.data)
            # Each of these entries names the vote that demanded it.
            done = {entry[5][1] for entry, _ in ledger if entry[4] in (17, 18, 20, 21)}
            decided = votes_that_decided(ledger)
            if decided <= done:
                break
            check(time.monotonic() < deadline, f"not done: {sorted(decided - done)}")
            time.sleep(0.1)
        check(check_newest_deal(self.kms.data, self.members) >= self.keys, "a key is gone")

    def audit(self):
        outcome = subprocess.run([BIN / "vitrine", "audit", "--data", self.kms.data, "--service-cert",
                                  self.kms.data / "service_cert.pem"], capture_output=True, text=True, timeout=120)
        check(outcome.returncode == 0, f"{outcome.stderr[-2000:]}")


def main():
    seed = int(os.environ.get("SEED") or random.SystemRandom().randrange(1 << 32))
    kills = int(os.environ.get("RECOVERY_KILLS") or "9")
    print(f"seed {seed}, {kills} kills", flush=True)
    chance = random.Random(seed)
    kms, members = founded_with_members()
    with kms:
        kms.start()
        run = Run(kms, members, chance)
        ways = [run.kill_while_opening, run.kill_while_voting, run.kill_while_recovering]
        for number in range(kills):
            if run.keys < KEYS_MAX:
                run.make_key()
            (ways[number % 3] if number < 3 else chance.choice(ways))()
            run.open()
            run.check_all()
        run.audit()
        kinds = [entry[4] for entry, _ in records(kms.data)]
    print(f"{run.counts}; waited for shares {run.waited} times; {run.keys} keys, {len(kinds)} entries, {kinds.count(18)} rekeys, "
          f"{kinds.count(17)} deals, {kinds.count(20)} and {kinds.count(21)} rotations, {kinds.count(22)} recoveries")
    return 0


if __name__ == "__main__":
    sys.exit(main())

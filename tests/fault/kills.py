"""SIGKILL at random points while clients write and record every answer: while it serves, while it starts, twice in quick
succession, and in the middle of genesis. After each restart everything that was answered must be there under the same id,
with a receipt that leads to a root of the same history. KILLS and SEED may be given by the environment; the seed is printed.
`./dev kills 200` is the long run."""

import os
import random
import sys
import time

from _answered import Answered, Clients, Kms, check

CLIENTS = 4


def kill_while_starting(kms, chance, seconds_max):
    kms.spawn()
    time.sleep(chance.uniform(0.0, seconds_max))
    kms.kill()


def kills_in_genesis(chance, kills):
    """The first start killed again and again on one folder: the next one makes a service, whole."""
    with Kms() as kms:
        for _ in range(kills):
            kill_while_starting(kms, chance, 1.0)
        kms.start()
        answered = Answered(kms).prepare()
        kms.kill()
        kms.start()
        answered.check(everything=True)


def main():
    seed = int(os.environ.get("SEED") or random.SystemRandom().randrange(1 << 32))
    kills = int(os.environ.get("KILLS") or "10")
    print(f"seed {seed}, {kills} kills", flush=True)
    chance = random.Random(seed)
    serving = starting = genesis = 0
    starts = []
    while genesis < kills // 6:
        number = min(1 + chance.randrange(4), kills // 6 - genesis)
        kills_in_genesis(chance, number)
        genesis += number
    with Kms() as kms:
        # Snapshots as often as the node looks whether one is due, so that kills fall into them as well.
        settings = kms.folder / "vitrine.toml"
        settings.write_text("[snapshots]\nentries = 20\n")
        kms.arguments += ["--config", str(settings)]
        kms.start()
        answered = Answered(kms).prepare()
        while genesis + serving + starting < kills:
            with Clients(answered, CLIENTS, chance.random()):
                time.sleep(chance.choice((chance.uniform(0.0, 0.05), chance.uniform(0.05, 1.2))))
                kms.kill()
                serving += 1
            while chance.random() < 0.35 and genesis + serving + starting < kills:
                kill_while_starting(kms, chance, 0.5)
                starting += 1
            began = time.monotonic()
            kms.start()
            starts.append(time.monotonic() - began)
            answered.check()
        check(len(answered) >= serving, f"only {len(answered)} answers: the clients hardly wrote")
        answered.check(everything=True)
        bad = [each for each in answered.failures if each[0] != 503]
        check(not bad, f"other answers than 200 and 503: {bad[:3]}")
        keys, releases, proposals, receipts = (len(group) for group in answered._all())
        entries = len(answered.history.leaves)
        from_snapshots = kms.log.read_text().count('event="older entries checked"')
        check(kills < 10 or from_snapshots > 0, "no start began from a snapshot")
    print(f"{serving} kills while serving, {starting} while starting, {genesis} in genesis; answers recorded and found again: "
          f"{keys} keys, {releases} releases, {proposals} proposals, {receipts} receipts; {entries} entries; slowest start "
          f"{max(starts):.2f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""SIGKILL at random points while clients write and record every answer. Afterwards everything that was answered must be
there, with its receipt, under the same id. The seed is printed; KILLS and SEED may be given by the environment."""

import json
import os
import pathlib
import random
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "functional"))
from _kms import Kms, check, verify_receipt  # noqa: E402

CLIENTS = 3


def client(kms, answered, stop):
    """Makes keys over one connection until the process dies or `stop` is set; keeps what was answered."""
    while not stop.is_set():
        try:
            connection = kms.connection(verify=False, timeout=5)
            while not stop.is_set():
                connection.request("POST", "/app/refresh")
                response = connection.getresponse()
                body = response.read()
                if response.status == 200:
                    answered.append((body, response.headers["x-ms-ccf-transaction-id"]))
        except OSError:
            return
        except Exception:  # http.client's own errors when the answer was cut short: nothing was answered
            return


def main():
    seed = int(os.environ.get("SEED", random.SystemRandom().randrange(1 << 32)))
    kills = int(os.environ.get("KILLS", "10"))
    print(f"seed {seed}, {kills} kills", flush=True)
    chance = random.Random(seed)
    answered = []
    with Kms() as kms:
        kms.start()
        for _ in range(kills):
            stop = threading.Event()
            threads = [threading.Thread(target=client, args=(kms, answered, stop)) for _ in range(CLIENTS)]
            for thread in threads:
                thread.start()
            time.sleep(chance.uniform(0.0, 0.4))
            kms.kill()
            stop.set()
            for thread in threads:
                thread.join()
            if chance.random() < 0.3:  # and once more while it starts
                kms.spawn()
                time.sleep(chance.uniform(0.0, 0.1))
                kms.kill()
            kms.start()
        check(len(answered) >= kills, f"only {len(answered)} answers: the clients hardly wrote")
        service = (kms.data / "service_cert.pem").read_text()
        connection = kms.connection()
        for body, transaction in answered:
            item = json.loads(body)
            connection.request("GET", "/app/pubkey?kid=" + item["kid"])
            response = connection.getresponse()
            found = json.loads(response.read())
            check(response.status == 200, f"lost: {item}")
            receipt = found.pop("receipt")
            check(found == item, f"changed: {item} is now {found}")
            check(verify_receipt(receipt, service, item["x"]) == transaction, f"moved: {transaction}")
        ids = [transaction for _, transaction in answered]
        check(len(set(ids)) == len(ids), "two answers share an id")
    print(f"{len(answered)} answers, all kept through {kills} kills")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""docs/operations.md, "Backup and restore": its commands, taken from the page, run in order in one shell in a folder where a
service runs on `vitrine-data`, outside development mode. Only the port is another."""

import os
import pathlib
import re
import sqlite3
import subprocess
import sys
import time

SOURCE = pathlib.Path(os.environ["VITRINE_SOURCE"])
sys.path.insert(0, str(SOURCE / "tests/functional"))
from _founded import Signer, founded  # noqa: E402
from _kms import BIN, check, free_port  # noqa: E402


def blocks_of(page, section):
    """The ```sh blocks of a section, as the reader would copy them."""
    text = (SOURCE / "docs" / page).read_text()
    part = text.split(f"\n## {section}\n", 1)[1].split("\n## ", 1)[0]
    found = re.findall(r"^( *)```sh\n(.*?)^ *```$", part, re.DOTALL | re.MULTILINE)
    return ["\n".join(line[len(indent):] for line in block.splitlines()) for indent, block in found]


def wait_for_signed_head(kms):
    """While nothing is appended the newest head reaches the store, where a backup ends."""
    for _ in range(300):
        with sqlite3.connect(f"file:{kms.data}/ledger.db?mode=ro", uri=True) as ledger:
            if ledger.execute("SELECT (SELECT size FROM head) = count(*) FROM entries").fetchone() == (1,):
                return
        time.sleep(0.1)
    raise AssertionError("the newest head is not stored")


class Shell:
    def __init__(self, kms):
        self.kms = kms
        self.environment = {**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}", "HOME": str(kms.folder)}
        self.started = []

    def run(self, block, status=0):
        """Each block in a bash of its own; a program that it leaves behind goes on."""
        script = block.replace(":8000", f":{self.kms.port}").replace("--port 8000", f"--port {self.kms.port}")
        script = "set -e\n" + re.sub(r"&$", "& echo $! >started", script, flags=re.MULTILINE)
        outcome = subprocess.run(["bash", "-c", script], cwd=self.kms.folder, env=self.environment, capture_output=True,
                                 text=True, timeout=120)
        check(outcome.returncode == status, f"{block}\nended with {outcome.returncode}: {outcome.stdout}{outcome.stderr}")
        started = self.kms.folder / "started"
        if started.exists():
            self.started.append(int(started.read_text()))
            started.unlink()
        return outcome.stdout + outcome.stderr

    def end(self):
        for process in self.started:
            try:
                os.kill(process, 15)
            except ProcessLookupError:
                pass


def main():
    signer = Signer("one")
    kms = founded('endpoints.refresh = ["jwt"]\n', issuers={"http://Demo-jwt-issuer": [signer.jwk()]},
                  jwt=[{"issuer": "http://Demo-jwt-issuer", "validation_policy": {"iss": "http://Demo-jwt-issuer"}}])
    kms.data = kms.folder / "vitrine-data"
    kms.port = free_port()
    blocks = blocks_of("operations.md", "Backup and restore")
    check(len(blocks) == 7, f"the page has {len(blocks)} blocks")
    pin, backup, keep, look, restore, start, again = blocks
    shell = Shell(kms)
    with kms:
        try:
            kms.start()
            key = kms.post("/app/refresh", token=signer.token()).json()
            shell.run(pin)
            wait_for_signed_head(kms)
            check("audited" in shell.run(backup), "the backup is audited")
            shell.run(keep)
            check("intact" in shell.run(look), "the backup is whole")
            # The newest checkpoint is that of the backup: nothing is lost.
            (kms.folder / "newest").write_text((kms.folder / "checkpoint").read_text())
            check(kms.stop() == 0, "SIGTERM ends it with 0")
            check("restored" in shell.run(restore), "the backup is restored")
            shell.run(start)
            check(kms.get("/app/pubkey?kid=" + key["kid"]).json()["x"] == key["x"], "the key is that of before")
            told = shell.run(again)
            check("restored from a backup" in told and "intact" in told, told)
        finally:
            shell.end()
    print("docs/operations.md: backup and restore, word for word")


main()

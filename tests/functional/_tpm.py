"""A TPM 2.0 in software (swtpm) and a PKCS #11 token in software (SoftHSM), both by others."""

import os
import pathlib
import socket
import subprocess
import time


def free_port_pair():
    for _ in range(100):
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port = first.getsockname()[1]
            try:
                second.bind(("127.0.0.1", port + 1))
                return port
            except OSError:
                continue
    raise AssertionError("no two free ports in a row")


class Tpm:
    """swtpm on a folder of its own: stopped and started it is the same TPM after a reboot."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir()
        self.port = free_port_pair()
        self.process = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def start(self):
        self.process = subprocess.Popen(
            ["swtpm", "socket", "--tpm2", "--tpmstate", f"dir={self.folder}", "--server", f"type=tcp,port={self.port}",
             "--ctrl", f"type=tcp,port={self.port + 1}", "--flags", "not-need-init,startup-clear"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            try:
                socket.create_connection(("127.0.0.1", self.port + 1), timeout=1).close()
                return
            except OSError:
                time.sleep(0.05)
        raise AssertionError("swtpm does not answer")

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.wait()
            self.process = None

    @property
    def tcti(self):
        return f"swtpm:host=127.0.0.1,port={self.port}"

    def extend(self, pcr):
        subprocess.run(["tpm2_pcrextend", "-T", self.tcti, f"{pcr}:sha256=" + "a" * 64], check=True)


class Token:
    """A SoftHSM token; `environment` lets a process find it."""

    module = "/usr/lib/softhsm/libsofthsm2.so"

    def __init__(self, folder, label="vitrine", pin="123456"):
        self.folder = pathlib.Path(folder)
        self.label = label
        (self.folder / "tokens").mkdir(parents=True)
        config = self.folder / "softhsm2.conf"
        config.write_text(f"directories.tokendir = {self.folder}/tokens\nobjectstore.backend = file\nlog.level = ERROR\n")
        self.environment = {"SOFTHSM2_CONF": str(config)}
        subprocess.run(["softhsm2-util", "--init-token", "--free", "--label", label, "--so-pin", "87654321", "--pin", pin],
                       check=True, stdout=subprocess.DEVNULL, env={**os.environ, **self.environment})
        self.pin_file = self.folder / "pin"
        self.set_pin(pin)

    def set_pin(self, pin, mode=0o600):
        self.pin_file.write_text(pin + "\n")
        self.pin_file.chmod(mode)

"""The kinds of seal in a whole service: genesis, restart, and what a start says when the seal does not open: another PCR,
another TPM, a wrong PIN, a token without the key, another kind. Against swtpm and SoftHSM."""

import os
import pathlib
import shutil
import subprocess
import tempfile

import cbor2

from _founded import founded
from _kms import BIN, Kms, check
from _tpm import Token, Tpm


def refuses(kms, *words, status, arguments=None):
    """A start that fails with that status, each of the words in what it says."""
    ended = subprocess.run([BIN / "vitrined", *(arguments or kms.arguments), "--data", kms.data, "--port", "0"],
                           capture_output=True, text=True, timeout=120, env={**os.environ, **(kms.environment or {})})
    check(ended.returncode == status, f"wanted {status}: {ended.returncode} {ended.stderr}")
    for word in words:
        check(word in ended.stderr, f"{word!r} is not in: {ended.stderr}")
    check("vitrined: hint: " in ended.stderr, f"no hint: {ended.stderr}")
    check(not any(line.startswith(("WARNING", "ERROR")) for line in ended.stderr.splitlines()),
          f"a library speaks for itself: {ended.stderr}")


def survives_restarts(kms, kind, restart=lambda: None):
    """The same service with the same key after a kill; its seal is named, and its object is beside the secrets."""
    kms.start()
    check(kms.get("/node/network").json()["vitrine"]["seal"] == kind, "the kind is told")
    made = kms.post("/app/refresh").json()
    service = (kms.data / "service_cert.pem").read_text()
    kms.kill()
    restart()
    kms.start()
    again = kms.get("/app/pubkey?kid=" + made["kid"]).json()
    check({**again, "receipt": 0} == {**made, "receipt": 0}, "the key is as it was")
    check((kms.data / "service_cert.pem").read_text() == service, "the same service")
    check(kms.post("/app/refresh").status in (200, 503), "and it makes another, unless too soon")
    stored = cbor2.loads((kms.data / "service.sealed").read_bytes())
    check(stored[2] == kind and len(stored[7]) > 10, "the seal's object is kept")
    kms.stop()


def tpm2(folder):
    with Tpm(folder / "tpm") as tpm, Kms(arguments=["--dev", "--seal", "tpm2", "--tpm2-tcti", tpm.tcti]) as kms:
        def reboot():
            tpm.stop()
            tpm.start()

        survives_restarts(kms, "tpm2", restart=reboot)
        tpm.extend(0)
        kms.start()  # PCR 0 is not among those that were named
        kms.stop()
        tpm.extend(11)
        refuses(kms, "PCRs 4, 7, 11", "another value", "recovery shares", status=3)
        reboot()
        kms.start()
        kms.stop()
        with Tpm(folder / "other") as other:
            refuses(kms, "another TPM", "recovery shares", status=4,
                    arguments=["--dev", "--seal", "tpm2", "--tpm2-tcti", other.tcti])
        tpm.stop()
        refuses(kms, "can't be reached", "--tpm2-tcti", status=6)
        refuses(kms, 'sealed by kind "tpm2"', "--seal tpm2", status=3, arguments=["--dev"])


def pkcs11(folder):
    token = Token(folder / "token")
    arguments = ["--dev", "--seal", "pkcs11", "--pkcs11-module", token.module, "--pkcs11-token", token.label,
                 "--pkcs11-pin-file", str(token.pin_file)]
    with Kms(arguments=arguments, environment=token.environment) as kms:
        survives_restarts(kms, "pkcs11")
        token.set_pin("654321")
        refuses(kms, "the PIN is wrong", "PIN file", status=3)
        token.set_pin("123456", mode=0o640)
        refuses(kms, "PIN file", "its mode is 0640", "chmod 600", status=3)
        token.set_pin("123456")
        refuses(kms, 'token "absent": not there', "vitrine", status=6,
                arguments=[*arguments[:6], "absent", *arguments[7:]])
        kms.start()
        kms.stop()
        shutil.rmtree(token.folder)
        fresh = Token(token.folder)
        kms.environment = fresh.environment
        refuses(kms, "does not hold the key", "recovery shares", status=4)


def outside_dev(folder):
    """Which kinds a service takes is governed: what the operator alone can open needs leave."""
    with Tpm(folder / "governed") as tpm:
        seal = ["--seal", "tpm2", "--tpm2-tcti", tpm.tcti, "--tpm2-pcrs", "7"]
        with founded(endpoints='refresh = []\n') as kms:
            kms.arguments += seal
            survives_restarts(kms, "tpm2")
        with founded(endpoints='refresh = []\n') as kms:
            genesis = kms.folder / "genesis.toml"
            genesis.write_text(genesis.read_text().replace("insecure_seal = true", ""))
            refuses(kms, "unsealing by TPM is not allowed", "insecure_seal", status=3, arguments=kms.arguments + seal)
            refuses(kms, "unsealing by key file is not allowed", "insecure_seal", status=3)
            if not pathlib.Path("/dev/sev-guest").exists():
                refuses(kms, "no SEV-SNP guest", status=6, arguments=kms.arguments + ["--seal", "snp"])
            check(not (kms.data / "service.sealed").exists(), "nothing was made")
            token = Token(folder / "governed-token")
            kms.environment = token.environment
            pkcs11 = ["--seal", "pkcs11", "--pkcs11-module", token.module, "--pkcs11-token", token.label,
                      "--pkcs11-pin-file", str(token.pin_file)]
            refuses(kms, "unsealing by PKCS #11 token is not allowed", "insecure_seal", status=3,
                    arguments=kms.arguments + pkcs11)
        with founded(endpoints='refresh = []\n') as kms:
            kms.arguments += pkcs11
            kms.environment = token.environment
            survives_restarts(kms, "pkcs11")


def wrong_options():
    with Kms() as kms:
        refuses(kms, "--seal wax: no such kind", "file, tpm2, pkcs11, snp", status=2, arguments=["--seal", "wax"])
        refuses(kms, "--seal pkcs11: module, token and PIN file", status=2, arguments=["--seal", "pkcs11"])
        refuses(kms, "--tpm2-pcrs 7,x", status=2, arguments=["--tpm2-pcrs", "7,x"])
        refuses(kms, "--tpm2-pcrs 7,4", "must rise", status=2, arguments=["--tpm2-pcrs", "7,4"])


def main():
    with tempfile.TemporaryDirectory(prefix="vitrine-seals-") as folder:
        folder = pathlib.Path(folder)
        wrong_options()
        tpm2(folder)
        pkcs11(folder)
        outside_dev(folder)


if __name__ == "__main__":
    main()

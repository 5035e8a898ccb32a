"""What the process does for its own protection, read from outside: /proc, the program's own file, a forced crash, and, as
root, its whole memory, in which the private keys that it released are looked for."""

import base64
import json
import os
import pathlib
import re
import resource
import signal
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "fault"))
from _answered import Answered  # noqa: E402
from _kms import BIN, Kms, check  # noqa: E402

SANITIZED = b"__asan_init" in (BIN / "vitrined").read_bytes() or b"__tsan_init" in (BIN / "vitrined").read_bytes()


def status_of(path):
    return dict(line.split(":\t", 1) for line in path.read_text().splitlines() if ":\t" in line)


def proc_files(kms):
    proc = pathlib.Path(f"/proc/{kms.process.pid}")
    limits = (proc / "limits").read_text()
    check(re.search(r"Max core file size +0 +0 ", limits), f"core files: {limits}")
    status = status_of(proc / "status")
    if not SANITIZED:
        threads = list((proc / "task").iterdir())
        check(len(threads) > 5, "threads")
        for thread in threads:
            fields = status_of(thread / "status")
            check(fields["Seccomp"] == "2" and fields["NoNewPrivs"] == "1", f"{fields['Name']} is not confined")
    # What is not dumpable belongs to root in /proc, and nobody of the same user may attach to it or read its memory.
    check((proc / "mem").stat().st_uid == 0, "owner of /proc/PID/mem")
    check(status["Umask"] == "0077", f"umask {status['Umask']}")
    if not SANITIZED:
        check(int(status["VmLck"].split()[0]) >= 256, f"locked memory: {status['VmLck']}")
    unsafe = [path.name for path in kms.data.rglob("*")
              if path.is_file() and path.name not in ("service_cert.pem",) and path.stat().st_mode & 0o077
              and not path.name.endswith(("_cert.pem", "jwks.json"))]
    check(not unsafe, f"others may reach {unsafe}")


def as_another_user(kms):
    """Another process of the same user can neither read its memory nor attach: seen where the tests run as root, by a
    service of nobody's."""
    if os.geteuid() != 0:
        return
    nobody = 65_534
    folder = kms.folder / "nobodys"
    folder.mkdir()
    for path in (kms.folder, folder):
        path.chmod(0o755)
    os.chown(folder, nobody, nobody)
    try:
        subprocess.run([BIN / "vitrined", "--version"], user=nobody, check=True, capture_output=True)
    except (subprocess.CalledProcessError, PermissionError):
        return  # the programs lie where nobody may not read
    with subprocess.Popen([BIN / "vitrined", "--dev", "--data", folder / "data", "--port", "0"], user=nobody, group=nobody,
                          stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        try:
            for line in process.stderr:
                if b'event="serving"' in line:
                    break
            for name in ("mem", "maps", "environ", "fd", "auxv"):
                tried = subprocess.run(["/usr/bin/python3", "-c", f"import os; p = '/proc/{process.pid}/{name}'; "
                                        "os.listdir(p) if os.path.isdir(p) else open(p, 'rb').read(1)"], user=nobody,
                                       group=nobody, capture_output=True, text=True)
                check("PermissionError" in tried.stderr, f"its own user reads {name}: {tried.stderr}")
        finally:
            process.kill()


def no_core(kms):
    """Crashed on purpose, with the largest limit a parent can give: no core file appears where the kernel would put it."""
    pattern = pathlib.Path("/proc/sys/kernel/core_pattern").read_text().strip()
    hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
    here = kms.folder / "crash"
    here.mkdir()
    for number in (signal.SIGSEGV, signal.SIGABRT):
        process = subprocess.Popen(
            [BIN / "vitrined", "--dev", "--data", here / "data", "--port", "0"], cwd=here, stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CORE, (hard, hard)))
        for line in process.stderr:
            if b'event="serving"' in line:
                break
        process.send_signal(number)
        process.stderr.close()
        check(process.wait(20) == -number or SANITIZED, f"{process.returncode}")
        cores = [path for path in here.rglob("*") if path.name.startswith("core")]
        check(not cores, f"{cores}, by the pattern {pattern}")
    # That the place would have shown one: a program without our protection leaves it, where the pattern is a file's.
    if not pattern.startswith(("|", "/")) and hard == resource.RLIM_INFINITY:
        subprocess.run(["/bin/sh", "-c", "ulimit -c unlimited; kill -ABRT $$"], cwd=here, check=False)
        check(list(here.glob("core*")), f"the pattern {pattern} puts cores elsewhere: nothing was shown")


def regions(pid):
    """(start, end, flags) of each mapping that can be written and read."""
    begin = end = None
    for line in pathlib.Path(f"/proc/{pid}/smaps").read_text().splitlines():
        found = re.match(r"([0-9a-f]+)-([0-9a-f]+) (\S+) ", line)
        if found:
            begin, end, rights = int(found[1], 16), int(found[2], 16), found[3]
        elif line.startswith("VmFlags:") and rights.startswith("rw"):
            yield begin, end, line.split()[1:]


def copies_of(pid, secrets):
    """Where in its memory each of the secrets stands: (name, address, whether that is locked and left out of dumps)."""
    found = []
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for begin, end, flags in regions(pid):
            try:
                memory.seek(begin)
                content = memory.read(end - begin)
            except OSError:
                continue
            for name, secret in secrets.items():
                at = content.find(secret)
                while at >= 0:
                    found.append((name, begin + at, "lo" in flags and "dd" in flags))
                    at = content.find(secret, at + 1)
    return found


def secrets_in_memory(kms):
    """Releases a key a few times, and looks for its private half, raw and as the answers spell it, in all of memory."""
    if os.geteuid() != 0 or SANITIZED:
        return "memory not searched: that takes root"
    answered = Answered(kms).prepare()
    connection = kms.connection()
    for _ in range(20):
        answered.release(connection)
    connection.close()
    released = answered.releases[-1][0]["wrapped"]
    jwk = json.loads(answered.plaintext(released))
    d = base64.urlsafe_b64decode(jwk["d"] + "=" * (-len(jwk["d"]) % 4))
    check(len(d) == 32, "an X25519 private key")
    secrets = {"the private key": d, "the private key in base64url": jwk["d"].encode(),
               "the unseal key": bytes.fromhex((kms.common / "unseal_key").read_text()),
               "the unseal key in hex": (kms.common / "unseal_key").read_bytes()[:64]}
    time.sleep(0.2)
    outside = [(name, hex(address)) for name, address, locked in copies_of(kms.process.pid, secrets) if not locked]
    check(not outside, f"secrets outside locked memory, after the release was answered: {outside}")
    # That the search finds what is there: the answer's own id, which is no secret, and a locked copy where one is kept.
    control = copies_of(kms.process.pid, {"kid": jwk["kid"].encode()})
    check(control, "the search does not find what is there")
    return f"{len(secrets)} secrets, none outside locked memory"


def program_file():
    """Full RELRO, position independent, no executable stack, stack protector, fortified calls, control-flow marks."""
    def output(*command):
        return subprocess.run([*command, BIN / "vitrined"], capture_output=True, text=True, check=True).stdout

    header, segments, dynamic = output("readelf", "-h"), output("readelf", "-lW"), output("readelf", "-dW")
    check("DYN (Position-Independent Executable file)" in header, "PIE")
    check("GNU_RELRO" in segments, "RELRO")
    check(re.search(r"FLAGS.*BIND_NOW", dynamic) and re.search(r"FLAGS_1.*NOW.*PIE", dynamic), "bound at start")
    check(re.search(r"GNU_STACK\s+\S+ \S+ \S+ \S+ \S+ RW ", segments), "no executable stack")
    check(not re.search(r"LOAD.* RWE ", segments), "no segment is written and run")
    symbols = output("readelf", "-sW", "--dyn-syms")
    check("__stack_chk_fail" in symbols, "stack protector")
    if not SANITIZED:
        check(len(set(re.findall(r"\b__\w+_chk\b", symbols))) >= 2, "fortified calls")
    if "X86-64" in header:
        endbr64 = (BIN / "vitrined").read_bytes().count(b"\xf3\x0f\x1e\xfa")
        check(endbr64 > 1000, f"{endbr64} marks for indirect branches")


def main():
    program_file()
    with Kms() as kms:
        kms.start()
        proc_files(kms)
        memory = secrets_in_memory(kms)
        as_another_user(kms)
        no_core(kms)
        check(kms.get("/app/heartbeat").status == 200, "it serves")
    print(f"limits, threads, files, crash and program as they must be; {memory}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

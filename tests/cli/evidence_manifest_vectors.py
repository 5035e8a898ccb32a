"""`vitrine evidence verify` gives every recorded SNP and ACI evidence the verdict that its manifest states, at the time
it states; and refuses what lies beside them altered."""
import json
import os
import subprocess
import sys

VITRINE = os.path.join(os.environ["VITRINE_BIN"], "vitrine")
ATTESTATION = os.path.join(os.environ["VITRINE_VECTORS"], "attestation")
EXIT_DENIED = 3
failures = []


def verify(arguments, at):
    done = subprocess.run([VITRINE, "--json", "evidence", "verify", *arguments, "--at", at],
                          capture_output=True, text=True, check=False)
    document = json.loads(done.stdout) if done.stdout else {}
    error = json.loads(done.stderr)["error"]["message"] if done.stderr else ""
    return done.returncode, document.get("verdict"), error


def expect(name, valid, arguments, at):
    status, verdict, error = verify(arguments, at)
    wanted = (0, "valid") if valid else (EXIT_DENIED, "refused")
    if (status, verdict) != wanted:
        failures.append(name)
    print(f"{name}: exit {status}, {verdict}{'' if (status, verdict) == wanted else ' (NOT AS STATED)'} {error}")


def folder_parts(folder, leaf):
    path = lambda name: os.path.join(folder, name)
    return [path("report.bin"), "--vcek", path(leaf), "--ask", path("ask.pem"), "--ark", path("ark.pem")]


def main():
    with open(os.path.join(ATTESTATION, "manifest.json"), encoding="utf-8") as file:
        vectors = [vector for vector in json.load(file)["vectors"] if vector["type"] in ("snp", "aci")]
    for vector in vectors:
        folder = os.path.join(ATTESTATION, vector["id"])
        valid, at = vector["verdict"] == "valid", vector["verify_at"]
        expect(vector["id"], valid, [folder], at)
        # Files beside the vector that other people forged from it.
        for name in vector["inputs"]:
            if name.startswith("vcek_") and name != "vcek_reissued.der":
                expect(f"{vector['id']} with {name}", False, folder_parts(folder, name), at)
            elif name == "vcek_reissued.der":
                expect(f"{vector['id']} with {name}", valid, folder_parts(folder, name), at)
    # The chain's own dates count: before the first certificate and after the last.
    folder = os.path.join(ATTESTATION, "snp/milan-v3-oak")
    expect("snp/milan-v3-oak before its VCEK", False, [folder], "2025-01-01T00:00:00Z")
    expect("snp/milan-v3-oak after its VCEK", False, [folder], "2033-01-01T00:00:00Z")
    print(f"{len(vectors)} vectors, {len(failures)} not as stated: {failures}")
    return 1 if failures or len(vectors) < 20 else 0


if __name__ == "__main__":
    sys.exit(main())

// Keys, sealing, releases, receipts and tokens on the command line.
#include "cli/command_line.h"

namespace vitrine::cli {
namespace {

void add_format(Command& command, std::string& format) {
  command.text("--fmt", format, "Key format").one_of({"jwk", "tink"}).shows_default();
}

void add_public_keys(CommandLine& line) {
  auto [pubkey, options] =
      line.add(line.root(), "pubkey", "Fetch a public key and verify its receipt",
               "  vitrine pubkey\n"
               "  vitrine pubkey --kid LehdaA32x1rR3oQpsO6E09k4VlvJZqbItoPdN0TVwgI_1\n"
               "  vitrine pubkey --out key.json && vitrine receipt verify key.json\n",
               run_pubkey);
  pubkey.text("--kid", options.kid, "Key id; the newest exposed key without it");
  add_format(pubkey, options.format);
  pubkey.text("--out", options.out, "Save the answer, receipt included");

  const Command keys = line.group("keys", "The service's keys");
  line.add(keys, "list", "What the public endpoints give", "  vitrine keys list\n", run_keys_list);
  auto [refresh, refresh_options] =
      line.add(keys, "refresh", "Make a new key pair in the service",
               "  vitrine keys refresh\n"
               "  vitrine keys refresh --token token.jwt\n"
               "  vitrine keys refresh --cert user0_cert.pem --key user0_privk.pem\n",
               run_keys_refresh);
  add_caller(refresh, refresh_options.caller);
}

void add_sealing(CommandLine& line) {
  auto [seal, sealing] =
      line.add(line.root(), "seal", "Encrypt to a key of the service (HPKE)",
               "  echo hello | vitrine seal >sealed.json\n"
               "  vitrine seal --key key.json --in prompt.txt --out sealed.json\n",
               run_seal);
  seal.text("--kid", sealing.kid, "Key id; the newest exposed key without it");
  seal.text("--key", sealing.key, "A public key saved by `vitrine pubkey --out`");
  seal.text("--in", sealing.in, "Plaintext, a file or -").shows_default();
  seal.text("--out", sealing.out, "Sealed text (JSON); standard output without it");

  auto [open, opening] =
      line.add(line.root(), "open", "Decrypt with a released private key (HPKE)",
               "  vitrine open --key released-key.jwk --in sealed.json\n"
               "  vitrine open --key released-key.tink --out prompt.txt <sealed.json\n",
               run_open);
  open.text("--key", opening.key, "Private key: JWK, or binary Tink keyset").required();
  open.text("--in", opening.in, "Sealed text, a file or -").shows_default();
  open.text("--out", opening.out, "Plaintext (mode 0600); standard output without it");
}

void add_release(CommandLine& line) {
  auto [release, options] =
      line.add(line.root(), "release", "Get a private key for this workload",
               "  vitrine release --simulate --token token.jwt --out key.jwk\n"
               "  vitrine release --attestation snp.json --wrapping-key wrap.pem \\\n"
               "      --wrapping-private-key wrap_privk.pem --token token.jwt --fmt tink\n"
               "  vitrine release --report report.bin --endorsements chain.pem --uvm uvm.cose \\\n"
               "      --endorsed-tcb DB18000000000004 --wrapping-private-key wrap_privk.pem "
               "--token token.jwt\n",
               run_release);
  release.text("--attestation", options.attestation, "Evidence object, JSON");
  add_evidence_parts(release, options.evidence);
  release.flag("--simulate", options.simulate,
               "Evidence by the simulated attester in COMMON/simulated");
  release.text("--host-data", options.host_data, "Of simulated evidence, 64 hex digits");
  release.text("--token", options.token, "Bearer token, a file or -").required();
  release.text("--kid", options.kid, "Key id; the newest key without it");
  add_format(release, options.format);
  release.text("--wrapping-key", options.wrapping_key,
               "RSA public key whose text the report data binds, PEM");
  release.text("--wrapping-private-key", options.wrapping_private_key,
               "Its private half, PEM; a new pair is made without it");
  release.text("--out", options.out,
               "The private key (mode 0600); released-key.jwk or .tink without it");
}

void add_receipts(CommandLine& line) {
  const Command receipt = line.group("receipt", "Receipts: proof that an entry is in the ledger");
  auto [verify, verifying] =
      line.add(receipt, "verify", "Verify a receipt offline",
               "  vitrine receipt verify key.json --ca service_cert.pem\n"
               "  vitrine receipt verify receipt.json --x B6N8vBQgk8i3Vdwb…\n",
               run_receipt_verify);
  verify
      .text("FILE", verifying.file,
            "Answer of pubkey, receipt object, or receipt text in a JSON string")
      .required();
  verify.text("--x", verifying.x, "The public key it must be of, base64url");
  auto [get, getting] =
      line.add(receipt, "get", "Fetch and verify the receipt of a transaction",
               "  vitrine receipt get 2.14 --out receipt.json\n", run_receipt_get);
  get.text("TXID", getting.transaction_id, "VIEW.SEQNO").required();
  get.text("--out", getting.out, "Save the receipt");
}

void add_tokens(CommandLine& line) {
  const Command token = line.group("token", "Bearer tokens");
  auto [dev, options] =
      line.add(token, "dev", "A token of the development issuer",
               "  vitrine token dev --out token.jwt\n"
               "  vitrine token dev --claim name=Someone --claim 'roles=[\"a\"]'\n"
               "  vitrine token dev --expires -60\n",
               run_token_dev);
  dev.texts("--claim", options.claims, "name=value; JSON values are kept as such").each_takes_one();
  dev.text("--issuer", options.issuer, "Claim iss").shows_default();
  dev.number("--expires", options.expires_seconds, "Seconds from now; may be negative")
      .shows_default();
  dev.flag("--make", options.make, "Make the issuer's key where there is none");
  dev.text("--out", options.out, "Write it (mode 0600); standard output without it");
}

}  // namespace

void add_caller(Command& command, Caller& caller) {
  command.text("--token", caller.token, "Bearer token, a file or -");
  auto cert = command.text("--cert", caller.cert, "TLS client certificate, PEM");
  auto key = command.text("--key", caller.key, "Its private key, PEM");
  cert.needs(key);
  key.needs(cert);
}

void add_keys(CommandLine& line) {
  add_public_keys(line);
  add_sealing(line);
  add_release(line);
  add_receipts(line);
  add_tokens(line);
}

}  // namespace vitrine::cli

// Members, their keys and their shares on the command line.
#include "cli/command_line.h"
#include "cli/governance_commands.h"

namespace vitrine::cli {
namespace {

void add_share(CommandLine& line, Command member) {
  const Command share = line.group(member, "share", "A member's recovery share");
  auto [decrypt, options] =
      line.add(share, "decrypt", "Decrypt one's recovery share, here and nowhere else",
               "  vitrine member share decrypt --as member0 --out share.b64\n"
               "  vitrine member share decrypt --encrypted share.json \\\n"
               "      --encryption-key member0_enc_privk.pem --out share.b64\n"
               "The result is a secret: enough of them and a copy of the ledger open everything.\n",
               run_share_decrypt);
  auto as = decrypt.text("--as", options.signing.as, "NAME_cert.pem and NAME_enc_privk.pem");
  decrypt.text("--cert", options.signing.cert, "The member's certificate, PEM").excludes(as);
  decrypt.text("--encryption-key", options.encryption_key, "The member's RSA private key, PEM");
  decrypt.text("--encrypted", options.encrypted,
               "A saved answer of the service, instead of asking it");
  decrypt.text("--out", options.out, "Base64 (mode 0600); standard output without it");

  auto [submit, give] = line.add(
      share, "submit", "Give one's recovery share to a node that waits for it",
      "  vitrine --url https://kms.example:8000 --ca service_cert.pem member share submit --as "
      "alice\n"
      "Audits the log that the node shows, against the newest head known (NAME_head, or\n"
      "--known-head FILE; kept up to date). Checks the node's evidence against the join\n"
      "policy in that log. Only then the share is decrypted, and sealed to this very node.\n",
      run_share_submit);
  add_signing(submit, give.signing, "");
  submit.text("--encryption-key", give.encryption_key, "The member's RSA private key, PEM");
  submit.text("--known-head", give.known_head, "Checkpoint file; made where there is none");
  submit.flag("--without-evidence", give.without_evidence,
              "The node runs in no TEE: whoever runs its machine can read everything");
  submit.text("--measurement", give.measurement,
              "Trust this SNP measurement, though the join policy does not list it");
  submit.text("--host-data", give.host_data, "The same for the host data");
}

}  // namespace

void add_members(CommandLine& line) {
  const Command member = line.group("member", "Members: who governs the service");
  auto [keygen, keys] =
      line.add(member, "keygen", "Make a member's keys and certificate",
               "  vitrine member keygen alice --encryption-key\n"
               "  vitrine member keygen bob --curve p256 --days 90 --out keys\n"
               "Writes NAME_privk.pem (secret) and NAME_cert.pem; with --encryption-key also\n"
               "NAME_enc_privk.pem (secret) and NAME_enc_pubk.pem, for a recovery share.\n",
               run_member_keygen);
  keygen.text("NAME", keys.name, "The member's name, CN of the certificate").required();
  keygen.text("--curve", keys.curve, "Of the signing key").one_of({"p256", "p384"}).shows_default();
  keygen.flag("--encryption-key", keys.encryption_key,
              "Also an RSA key: this member holds a recovery share");
  keygen.number("--days", keys.days, "How long the certificate holds").shows_default();
  keygen.text("--out", keys.out, "The folder for the files").shows_default();

  line.add(member, "list", "Who the members are", "  vitrine member list\n", run_member_list);

  auto [ack, options] = line.add(
      member, "ack", "Acknowledge the service's state: the member becomes active",
      "  vitrine member ack --as member3\n"
      "  vitrine member ack --cert member3_cert.pem --prepare ack.cose >digest.json\n"
      "Fetches a fresh state digest, then signs it. With --prepare or --cose-out it signs\n"
      "the digest that is recorded; --update makes the request for a fresh one instead.\n",
      run_member_ack);
  add_signing(ack, options.signing, "");
  ack.flag("--update", options.update_only,
           "With --prepare or --cose-out: the request for a fresh digest");
  add_share(line, member);
}

}  // namespace vitrine::cli

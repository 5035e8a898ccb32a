// What members and users sign, on the command line.
#include "cli/command_line.h"
#include "cli/governance_commands.h"

namespace vitrine::cli {
namespace {

void add_question(Command& command, SigningOptions& signing) {
  command.flag("--yes", signing.yes, "Don't ask before signing");
}

void add_propose(CommandLine& line) {
  auto [propose, options] = line.add(
      line.root(), "propose", "Show what a proposal would change, sign it and send it",
      "  vitrine propose set_key_release_policy.json --as member0\n"
      "  vitrine propose --action set_member --arg cert=@member3_cert.pem \\\n"
      "      --arg encryption_pub_key=@member3_enc_pubk.pem --as member0\n"
      "  vitrine propose --action set_recovery_threshold --arg recovery_threshold=2 --as member0\n"
      "  vitrine propose --action freeze --as member1 --yes\n"
      "  vitrine propose p.json --cert user1_cert.pem --key user1_privk.pem\n"
      "  vitrine propose p.json --as member0 --cose-out p.cose\n"
      "A member's proposal waits for votes; in development mode a user's applies at once.\n",
      run_propose);
  propose.text("FILE", options.file, "{\"actions\":[…]}, or - for standard input");
  propose.text("--action", options.action, "Instead of a FILE: the one action");
  propose
      .texts("--arg", options.args,
             "Of that action: name=value, name=@FILE, or @FILE with all of them")
      .each_takes_one();
  add_signing(propose, options.signing, "; else COMMON/user0_cert.pem");
  add_question(propose, options.signing);
  propose.text("--service", options.service,
               "The genesis hash of the service it is for, instead of asking it");
  propose.flag("--app", options.app, "Send it to /app/proposals, as a user");
}

void add_voting(CommandLine& line) {
  auto [proposals, shown] = line.add(line.root(), "proposals", "The proposals there are, or one",
                                     "  vitrine proposals\n"
                                     "  vitrine proposals 3f9c41d2\n"
                                     "  vitrine proposals --json | jq '.proposals[].proposalId'\n",
                                     run_proposals);
  proposals.text("ID", shown.id, "A proposal's id, or its first digits: what it would change");

  auto [vote, ballot] = line.add(line.root(), "vote", "Show a proposal and vote on it",
                                 "  vitrine vote 3f9c41d2 --for --as member1\n"
                                 "  vitrine vote 3f9c41d2 --against --as member1 --yes\n"
                                 "  vitrine vote 3f9c41d2 --for --cert member1_cert.pem "
                                 "--prepare ballot.cose >digest.json\n"
                                 "Proposing is not voting: the proposer votes too.\n",
                                 run_vote);
  vote.text("ID", ballot.id, "The proposal's id, or its first digits").required();
  vote.flag("--for", ballot.in_favour, "In favour");
  vote.flag("--against", ballot.against, "Against");
  add_signing(vote, ballot.signing, "");
  add_question(vote, ballot.signing);

  auto [withdraw, options] = line.add(line.root(), "withdraw", "Withdraw one's own open proposal",
                                      "  vitrine withdraw 3f9c41d2 --as member0\n", run_withdraw);
  withdraw.text("ID", options.id, "The proposal's id, or its first digits").required();
  add_signing(withdraw, options.signing, "");
  add_question(withdraw, options.signing);
}

void add_request(Command& command, CoseOptions& options) {
  command.text("--type", options.type,
               "proposal, ballot, withdrawal, state_digest, ack or recovery_share");
  command.text("--content", options.content, "The content, a file or -; none without it");
  command.text("--cert", options.cert, "The signer's certificate, PEM").required();
  command.text("--created-at", options.created_at, "RFC 3339, or seconds");
  command.text("--proposal-id", options.proposal_id, "Of a ballot or a withdrawal, 64 hex digits");
  command.text("--out", options.out, "Write it here; standard output without it");
}

void add_cose(CommandLine& line) {
  const Command cose = line.group("cose", "Signed requests (COSE_Sign1), step by step");
  auto [prepare, preparing] = line.add(
      cose, "prepare", "What an HSM has to sign: {\"alg\",\"value\"}",
      "  now=$(date -uIs)\n"
      "  vitrine cose prepare --type proposal --content p.json --cert member0_cert.pem \\\n"
      "      --created-at $now >digest.json\n",
      run_cose_prepare);
  add_request(prepare, preparing);
  auto [finish, finishing] =
      line.add(cose, "finish", "The signed request, of what was prepared and the signature",
               "  vitrine cose finish --type proposal --content p.json --cert member0_cert.pem \\\n"
               "      --created-at $now --signature signature.json --out p.cose\n"
               "  vitrine cose finish --prepared ballot.cose --cert member1_cert.pem \\\n"
               "      --signature signature.json --out signed.cose\n",
               run_cose_finish);
  add_request(finish, finishing);
  finish.text("--prepared", finishing.prepared, "What --prepare of a command wrote");
  finish.text("--signature", finishing.signature, "{\"value\": base64url of r || s}, a file or -")
      .required();
  auto [sign, signing] =
      line.add(cose, "sign", "Sign a request with a key file",
               "  vitrine cose sign --type ack --content digest.json --cert member0_cert.pem \\\n"
               "      --key member0_privk.pem --out ack.cose\n",
               run_cose_sign);
  add_request(sign, signing);
  sign.text("--key", signing.key, "Its private key, PEM").required();
  auto [send, sending] = line.add(cose, "send", "Send a signed request where its header says",
                                  "  vitrine cose send signed.cose\n", run_cose_send);
  send.text("FILE", sending.file, "The signed request, or -").required();
  send.flag("--app", sending.app, "To /app/proposals");
}

}  // namespace

void add_signing(Command& command, SigningOptions& signing, const std::string& otherwise) {
  auto as = command.text("--as", signing.as,
                         "Who signs: NAME_cert.pem and NAME_privk.pem, here or in COMMON");
  command.text("--cert", signing.cert, "The signer's certificate, PEM" + otherwise).excludes(as);
  command.text("--key", signing.key, "Its private key, PEM").excludes(as);
  command.text("--cose-out", signing.cose_out, "Only write the signed bytes");
  command.text("--prepare", signing.prepare,
               "The key is in an HSM: write the request here, the digest to standard output");
}

void add_governance(CommandLine& line) {
  add_propose(line);
  add_voting(line);
  add_cose(line);
}

}  // namespace vitrine::cli

// The commands of members and proposers: options in, one result or one error out, as in commands.h.
#pragma once

#include <string>
#include <vector>

#include "cli/commands.h"

namespace vitrine::cli {

// Who signs, and what becomes of it. NAME of --as stands for NAME_cert.pem and NAME_privk.pem.
struct SigningOptions {
  std::string as;
  std::string cert;
  std::string key;
  std::string cose_out;  // only write the signed bytes
  std::string prepare;   // only write what an HSM has to sign
  bool yes = false;      // don't ask
};

// How they stand on the command line; `otherwise`: whose certificate it is without one.
class Command;
void add_signing(Command& command, SigningOptions& signing, const std::string& otherwise);

struct ProposeOptions {
  std::string file;
  std::string action;             // instead of a file: one action
  std::vector<std::string> args;  // name=value, name=@file, @file
  SigningOptions signing;
  std::string service;  // hex genesis hash, instead of asking
  bool app = false;     // POST /app/proposals
};
Status run_propose(const ProposeOptions& options, Context& context);

struct ProposalsOptions {
  std::string id;
};
Status run_proposals(const ProposalsOptions& options, Context& context);

struct VoteOptions {
  std::string id;
  bool in_favour = false;
  bool against = false;
  SigningOptions signing;
};
Status run_vote(const VoteOptions& options, Context& context);

struct WithdrawOptions {
  std::string id;
  SigningOptions signing;
};
Status run_withdraw(const WithdrawOptions& options, Context& context);

struct KeygenOptions {
  std::string name;
  std::string curve = "p384";
  bool encryption_key = false;
  std::int64_t days = 365;
  std::string out = ".";
};
Status run_member_keygen(const KeygenOptions& options, Context& context);
Status run_member_list(Context& context);

struct AckOptions {
  SigningOptions signing;
  bool update_only = false;  // with --prepare or --cose-out: the request that comes before the ack
};
Status run_member_ack(const AckOptions& options, Context& context);

struct ShareOptions {
  SigningOptions signing;      // whose share; --as NAME also stands for NAME_enc_privk.pem
  std::string encryption_key;  // the private half of the member's encryption key
  std::string encrypted;       // a saved answer, instead of asking the service
  std::string out;
};
Status run_share_decrypt(const ShareOptions& options, Context& context);

struct ShareSubmitOptions {
  SigningOptions signing;
  std::string encryption_key;
  std::string known_head;  // checkpoint that the member knows; written anew. Empty: NAME_head
  bool without_evidence = false;  // of a node in no TEE
  // Hexadecimal; trusted beside what the join policy lists.
  std::string measurement;
  std::string host_data;
};
Status run_share_submit(const ShareSubmitOptions& options, Context& context);

// What `prepare`, `finish` and `sign` sign, as the tools of CCF name it.
struct CoseOptions {
  std::string type;
  std::string content;  // a file; empty: no content
  std::string cert;
  std::string key;
  std::string created_at;
  std::string proposal_id;
  std::string prepared;   // instead of the above: what --prepare wrote
  std::string signature;  // {"value": base64url of r || s}
  std::string out;
};
Status run_cose_prepare(const CoseOptions& options, Context& context);
Status run_cose_finish(const CoseOptions& options, Context& context);
Status run_cose_sign(const CoseOptions& options, Context& context);

struct CoseSendOptions {
  std::string file;
  bool app = false;
};
Status run_cose_send(const CoseSendOptions& options, Context& context);

}  // namespace vitrine::cli

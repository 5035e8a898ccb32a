// The commands of `vitrine`: options in, one result or one error out. Each run_… is in a file of
// its command's name; parse_*.cc fill the options.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "cli/output.h"

namespace vitrine::cli {

// Options of every command.
struct Global {
  std::string url = "https://127.0.0.1:8000";
  std::string ca;  // pinned service certificate; empty: <common>/service_cert.pem if it is there
  std::string common = "./vitrine-data/common";  // what `vitrined --dev` wrote for its users
  bool insecure = false;
  bool json = false;
};

struct Context {
  const Global& global;
  const Clock& clock;
  Output& out;
};

// Who calls: a bearer token's file, or a TLS client certificate. Empty: nobody.
struct Caller {
  std::string token;
  std::string cert;
  std::string key;
};

struct PubkeyOptions {
  std::string kid;
  std::string format = "jwk";
  std::string out;
};
Status run_pubkey(const PubkeyOptions& options, Context& context);

struct SealOptions {
  std::string kid;
  std::string key;  // a saved public key
  std::string in = "-";
  std::string out;
};
Status run_seal(const SealOptions& options, Context& context);

struct OpenOptions {
  std::string key;  // a released private key
  std::string in = "-";
  std::string out;
};
Status run_open(const OpenOptions& options, Context& context);

// Evidence from files: an evidence object, a folder, or raw parts recognised by their content; the
// named ones win.
struct EvidenceOptions {
  std::vector<std::string> files;
  std::string report;
  std::string endorsements;  // PEM, or THIM's JSON
  std::string vcek;          // VCEK or VLEK, DER or PEM
  std::string ask;
  std::string ark;
  std::string uvm;
  std::string endorsed_tcb;
};

// What to believe when evidence is judged offline.
struct TrustOptions {
  std::string at;                  // RFC 3339; empty: now
  std::vector<std::string> roots;  // further ARK certificates
  std::string simulated_root;      // the folder of a simulated attester
};

struct ReleaseOptions {
  EvidenceOptions evidence;
  std::string attestation;  // evidence object
  bool simulate = false;
  std::string host_data;
  std::string token;
  std::string kid;
  std::string format = "jwk";
  std::string wrapping_key;
  std::string wrapping_private_key;
  std::string out;
};
Status run_release(const ReleaseOptions& options, Context& context);

struct ReceiptVerifyOptions {
  std::string file;
  std::string x;
};
Status run_receipt_verify(const ReceiptVerifyOptions& options, Context& context);

struct ReceiptGetOptions {
  std::string transaction_id;
  std::string out;
};
Status run_receipt_get(const ReceiptGetOptions& options, Context& context);

struct PolicyShowOptions {
  std::string kind = "release";
  Caller caller;
};
Status run_policy_show(const PolicyShowOptions& options, Context& context);

struct PolicyTestOptions {
  std::string policy;
  std::vector<std::string> evidence;
  std::string profile;
  TrustOptions trust;
};
Status run_policy_test(const PolicyTestOptions& options, Context& context);

Status run_keys_list(Context& context);
struct KeysRefreshOptions {
  Caller caller;
};
Status run_keys_refresh(const KeysRefreshOptions& options, Context& context);

struct TokenDevOptions {
  std::string issuer = "http://Demo-jwt-issuer";
  std::vector<std::string> claims;  // name=value
  std::int64_t expires_seconds = 3600;
  bool make = false;
  std::string out;
};
Status run_token_dev(const TokenDevOptions& options, Context& context);

Status run_evidence_show(const EvidenceOptions& options, Context& context);
struct EvidenceSimulateOptions {
  std::string wrapping_key;
  std::string report_data;
  std::string host_data;
  std::string out;
};
Status run_evidence_simulate(const EvidenceSimulateOptions& options, Context& context);
struct EvidenceVerifyOptions {
  EvidenceOptions evidence;
  TrustOptions trust;
};
Status run_evidence_verify(const EvidenceVerifyOptions& options, Context& context);

Status run_status(Context& context);

struct AuditOptions {
  std::string data;                     // data folder, backup or ledger file; empty: --url
  std::vector<std::string> from_heads;  // checkpoints seen earlier
  std::string checkpoint_out;
  bool progress = false;
};
Status run_audit(const AuditOptions& options, Context& context);

struct BackupOptions {
  std::string data;
  std::string out;
  bool progress = false;
};
Status run_backup(const BackupOptions& options, Context& context);

struct RestoreOptions {
  std::string from;
  std::string data;
  std::vector<std::string> newest_heads;  // checkpoints of the old log that others kept
  bool progress = false;
};
Status run_restore(const RestoreOptions& options, Context& context);

}  // namespace vitrine::cli

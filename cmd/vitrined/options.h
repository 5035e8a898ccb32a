// What the operator says at start: flags over one TOML file over defaults. Addresses, paths, limits
// and logs alone: whatever changes who can get a key is governed, never configured (DESIGN.md 2,
// rule 6).
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "base/log.h"
#include "base/result.h"
#include "crypto/x509.h"
#include "net/server.h"
#include "seals/pkcs11/pkcs11_seal.h"
#include "seals/tpm2/tpm2_seal.h"
#include "service/budgets.h"
#include "vitrined/trail_file.h"

namespace vitrine::vitrined {

struct Options {
  bool dev = false;
  bool recover = false;  // wait for recovery shares although the seal may open
  bool seccomp = true;
  std::string data = "vitrine-data";
  std::string seal = "file";  // which kind seals the secrets: file, tpm2, pkcs11, snp
  seals::Tpm2Settings tpm2;
  seals::Pkcs11Settings pkcs11;
  std::string unseal_key;   // empty: "<data>.unseal-key"; with dev "<data>/common/unseal_key"
  std::string hand_off;     // URL of the running node to take over from; empty: none
  std::string hand_off_ca;  // its service's certificate; empty: that of the data folder
  std::string simulated_measurement;  // dev: what this program's evidence says it is
  std::string constitution;           // dev, at its first start: a preset; empty: majority
  std::string genesis;                // read only when the data folder is empty
  net::ServerConfig server;
  crypto::SubjectAlternatives alternatives{{"localhost"}, {"127.0.0.1"}};
  service::BudgetLimits budgets;
  unsigned verifications = 0;  // of evidence at once; 0: as many as there are processors
  std::uint64_t snapshot_entries = 10'000;    // 0: none is taken
  std::chrono::seconds issuer_refresh{1800};  // between two fetches of an issuer's keys
  TrailSettings audit_trail;
  std::optional<std::string> audit_trail_path;  // not given: below the data folder
  log::Level log_level = log::Level::info;

  std::string unseal_key_path() const;
  unsigned verifications_at_once() const;
  TrailSettings trail() const;
  std::string common() const { return data + "/common"; }
};

// Reads the command line and the file it names. nullopt: --help or --version was printed.
// malformed: names the flag, or file, line and setting, with a hint.
Result<std::optional<Options>> read_options(int argc, const char* const* argv);

}  // namespace vitrine::vitrined

#include "vitrined/dev_folder.h"

#include <sys/stat.h>

#include <algorithm>
#include <cstdio>

#include "base/file.h"
#include "base/hex.h"
#include "base/limits.h"
#include "codec/json.h"
#include "crypto/jwk.h"
#include "governance/actions.h"
#include "vitrined/genesis_file.h"
#include "vitrined/genesis_people.h"
#if VITRINE_SIMULATED
#include "attestation/simulated/attester.h"
#endif

namespace vitrine::vitrined {
namespace {

constexpr int kMembers = 3;
constexpr int kUsers = 1;
constexpr int kIdentitiesMax = 100;
constexpr auto kCertificateLife = std::chrono::hours(24 * 365);
constexpr const char* kIssuer = "http://Demo-jwt-issuer";  // decisions.md, Genesis
constexpr const char* kIssuerKid = "Demo IDP kid";

Status make_folder(const std::string& path) {
  if (mkdir(path.c_str(), 0700) != 0 && !exists(path))
    return unavailable("can't make folder " + path);
  return {};
}

Status write_text(const std::string& path, std::string_view text, mode_t mode) {
  return write_file_atomically(path, as_bytes(text), mode);
}

Status make_identity(const std::string& prefix, const std::string& name, Time now) {
  VITRINE_TRY(const auto key, crypto::PrivateKey::generate(crypto::KeyKind::ec_p384));
  crypto::CertificateRequest request;
  request.common_name = name;
  request.not_before = now - std::chrono::hours(1);
  request.not_after = now + kCertificateLife;
  VITRINE_TRY(const auto certificate, crypto::make_self_signed(request, key));
  VITRINE_CHECK(write_file_atomically(prefix + "_privk.pem", key.pem().reveal(), 0600));
  return write_text(prefix + "_cert.pem", certificate.pem(), 0644);
}

// Makes the first `wanted` of "<stem>0", "<stem>1", … where they are missing, and registers all
// that are there.
template <class Add>
Status identities(const std::string& folder, const std::string& stem, int wanted, Time now,
                  Add add) {
  for (int i = 0; i < kIdentitiesMax; ++i) {
    const std::string name = stem + std::to_string(i);
    const std::string prefix = folder + "/" + name;
    if (!exists(prefix + "_cert.pem")) {
      if (i >= wanted) continue;
      VITRINE_CHECK(make_identity(prefix, name, now));
    }
    VITRINE_CHECK(add(prefix + "_cert.pem"));
  }
  return {};
}

Status make_issuer(const std::string& folder) {
  const std::string jwks_path = folder + "/jwt_issuer_jwks.json";
  if (exists(jwks_path)) return {};
  VITRINE_TRY(const auto key, crypto::PrivateKey::generate(crypto::KeyKind::rsa, 2048));
  codec::json::Array keys;
  keys.push_back(crypto::jwk_to_json(key.public_key(), kIssuerKid, crypto::JwsAlgorithm::rs256));
  VITRINE_CHECK(write_file_atomically(folder + "/jwt_issuer_privk.pem", key.pem().reveal(), 0600));
  return write_text(
      jwks_path, codec::json::write(codec::json::Object{{"keys", std::move(keys)}}) + "\n", 0644);
}

#if VITRINE_SIMULATED
Status add_simulated(governance::State& state, const std::string& folder, Time now) {
  using attestation::simulated::Attester;
  const std::string path = folder + "/simulated";
  std::printf("vitrined: first start: making throw-away keys for development, some seconds ...\n");
  std::fflush(stdout);
  VITRINE_CHECK(make_folder(path));
  auto attester = Attester::make(now);
  if (!attester) return tl::unexpected<Error>(attester.error());
  for (const auto& [name, content] : attester->to_files()) {
    VITRINE_CHECK(write_file_atomically(path + "/" + name, content.reveal(), 0600));
  }
  state.settings.snp_roots.push_back(attester->root());
  state.settings.uvm_signers.push_back(attester->uvm_signer());
  return {};
}

Result<attestation::simulated::Attester> read_attester(const std::string& path) {
  using attestation::simulated::Attester;
  attestation::simulated::Files files;
  for (const auto name : Attester::file_names()) {
    VITRINE_TRY(auto content,
                read_secret_file(path + "/" + std::string(name), limits::kPemBytesMax));
    files.emplace(name, std::move(content));
  }
  return Attester::from_files(files);
}
#endif

}  // namespace

Result<core::Genesis> make_dev_genesis(const std::string& folder, const std::string& constitution,
                                       Time now) {
  VITRINE_CHECK(make_folder(folder));
  core::Genesis genesis;
  governance::State& state = genesis.governance;
  state.settings = governance::Settings::dev_defaults();
  VITRINE_TRY(state.constitution,
              governance::Constitution::preset(constitution.empty() ? "majority" : constitution));
  VITRINE_CHECK(identities(folder, "member", kMembers, now, [&](const std::string& path) -> Status {
    VITRINE_TRY([[maybe_unused]] const auto* member, add_member(state, path));
    return {};
  }));
  VITRINE_CHECK(identities(folder, "user", kUsers, now, [&](const std::string& path) -> Status {
    VITRINE_TRY([[maybe_unused]] const auto id, add_user(state, path));
    return {};
  }));
  VITRINE_CHECK(make_issuer(folder));
  VITRINE_CHECK(add_issuer(state, kIssuer, folder + "/jwt_issuer_jwks.json"));
#if VITRINE_SIMULATED
  VITRINE_CHECK(add_simulated(state, folder, now));
#endif
  return genesis;
}

#if VITRINE_SIMULATED
Result<core::Attest> dev_evidence(const std::string& folder, std::string_view measurement) {
  attestation::simulated::AttestRequest request;
  if (!measurement.empty()) {
    auto& wanted = request.measurement.emplace();
    const auto bytes = from_hex(measurement);
    if (!bytes || bytes->size() != wanted.size())
      return malformed("--simulated-measurement: must be 96 hex digits");
    std::copy(bytes->begin(), bytes->end(), wanted.begin());
    request.raw = true;  // no utility VM vouches for it
  }
  auto attester = read_attester(folder + "/simulated");
  if (!attester) return tl::unexpected<Error>(attester.error());
  const auto shared =
      std::make_shared<const attestation::simulated::Attester>(*std::move(attester));
  return [shared, request](const core::ReportData& data) {
    auto asked = request;
    asked.report_data = data;
    return shared->attest(asked);
  };
}
#else
Result<core::Attest> dev_evidence(const std::string&, std::string_view) {
  return core::no_evidence();
}
#endif

}  // namespace vitrine::vitrined

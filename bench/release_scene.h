// What the benchmarks of a release share: a service of one process with everything that a release
// needs, and a request for one.
#pragma once

#include <sys/resource.h>

#include <cstdio>
#include <cstdlib>
#include <future>
#include <string>

#include "attestation/simulated/attester.h"
#include "bench/ledger_bed.h"
#include "crypto/jws.h"
#include "governance/actions.h"
#include "service/service.h"

namespace vitrine::bench {

using codec::json::Object;

inline constexpr const char* kIssuer = "http://Demo-jwt-issuer";

inline double cpu_seconds(int who) {
  rusage usage{};
  getrusage(who, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// Everything a release needs, made once.
struct Scene {
  std::string folder;
  crypto::PrivateKey wrapping_key = must(crypto::PrivateKey::generate(crypto::KeyKind::rsa, 4096));
  crypto::PrivateKey issuer = must(crypto::PrivateKey::generate(crypto::KeyKind::rsa, 2048));
  attestation::simulated::Attester attester = must(attestation::simulated::Attester::make(
      SystemClock().now(),
      {attestation::snp::Product::milan, attestation::snp::EndorsementKey::vcek, 2048}));
  std::string token, body;
  attestation::SnpEvidence evidence;

  Scene() {
    char name[] = "/tmp/vitrine-bench-XXXXXX";
    folder = mkdtemp(name);
    const auto now = to_unix_seconds(SystemClock().now());
    token = must(crypto::sign_jws(Object{{"alg", "RS256"}, {"typ", "JWT"}, {"kid", "k1"}},
                                  Object{{"iss", kIssuer}, {"sub", "bench"}, {"exp", now + 86'400}},
                                  crypto::JwsAlgorithm::rs256, issuer));
    attestation::simulated::AttestRequest request;
    const std::string pem = wrapping_key.public_key().pem();
    const Digest hash = crypto::sha256(as_bytes(pem));
    std::copy(hash.bytes.begin(), hash.bytes.end(), request.report_data.begin());
    evidence = must(attester.attest(request));
  }
  void set_body(const std::string& kid) {
    body = codec::json::write(Object{{"wrapped", ""},
                                     {"wrappedKid", kid},
                                     {"attestation", attestation::to_json(evidence)},
                                     {"wrappingKey", wrapping_key.public_key().pem()}});
  }
  ~Scene() {
    const std::string command = "rm -rf " + folder;
    if (std::system(command.c_str()) != 0) std::perror(command.c_str());
  }
};

inline core::Genesis genesis_of(const Scene& scene) {
  core::Genesis genesis;
  governance::State& state = genesis.governance;
  state.settings = governance::Settings::dev_defaults();
  state.settings.snp_roots.push_back(scene.attester.root());
  state.settings.uvm_signers.push_back(scene.attester.uvm_signer());
  codec::json::Array keys;
  keys.push_back(crypto::jwk_to_json(scene.issuer.public_key(), "k1", crypto::JwsAlgorithm::rs256));
  must(governance::apply_action(
      state, {"set_jwt_issuer", Object{{"issuer", kIssuer}, {"jwks", Object{{"keys", keys}}}}}));
  must(governance::apply_action(
      state, {"set_jwt_validation_policy",
              Object{{"issuer", kIssuer}, {"validation_policy", Object{{"iss", kIssuer}}}}}));
  must(governance::apply_action(
      state, {"set_key_release_policy",
              Object{{"type", "add"}, {"claims", Object{{"x-ms-ver", codec::json::Array{"3"}}}}}}));
  return genesis;
}

// A service over `store`, with one key, whose kid the scene's request asks for.
class Node {
 public:
  Node(Scene& scene, storage::Store& store, unsigned release_workers) : files_(scene.folder) {
    core::Core::Parts parts{store, files_, confirm_, clock_, random_};
    core_ = must(core::create_service(parts, genesis_of(scene),
                                      {{{"localhost"}, {"127.0.0.1"}}, "bench", true}, seal_));
    service::BudgetLimits limits;
    limits.release_workers = release_workers;
    service_ = std::make_unique<service::Service>(*core_, registry_, limits);
    net::Request refresh;
    refresh.method = "POST";
    refresh.target = "/app/refresh";
    const net::Response made = call(std::move(refresh));
    scene.set_body(
        std::string(*codec::json::text_of(must(codec::json::parse_object(made.body)), "kid")));
  }
  ~Node() { service_->stop(); }
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  core::Core& core() { return *core_; }
  service::Service& service() { return *service_; }
  net::Response call(net::Request request) {
    std::promise<net::Response> answer;
    service_->handle(std::move(request),
                     [&answer](net::Response response) { answer.set_value(std::move(response)); });
    return answer.get_future().get();
  }

 private:
  SystemClock clock_;
  SystemRandom random_;
  core::ConfirmAtOnce confirm_;
  FilesOnDisk files_;
  Seal seal_;
  metrics::Registry registry_;
  std::unique_ptr<core::Core> core_;
  std::unique_ptr<service::Service> service_;
};

inline net::Request release_request(const Scene& scene) {
  net::Request request;
  request.method = "POST";
  request.target = "/app/unwrapKey?fmt=tink";
  request.headers = {{"authorization", "Bearer " + scene.token},
                     {"content-type", "application/json"}};
  request.body = scene.body;
  return request;
}

}  // namespace vitrine::bench

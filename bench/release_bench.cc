// The whole main job: POST /app/unwrapKey over TLS keep-alive, with SNP evidence and a bearer
// token, the release appended to SQLite before its answer. CPU of the serving process per request,
// beside the CPU of the bare operations that no server can do without, measured in the same run on
// the same keys:
//   P-384 verify of the report, RS256 verify of the token, OAEP-4096 encrypt, and the head's two
//   signatures divided by the number of releases that shared them.
// `ratio` is the first over the second. The client is another process, so that its work is not
// counted.
#include <benchmark/benchmark.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "attestation/simulated/attester.h"
#include "base/log.h"
#include "core/node_files_for_testing.h"
#include "core/start.h"
#include "crypto/jws.h"
#include "governance/actions.h"
#include "net/client.h"
#include "net/server.h"
#include "service/service.h"
#include "storage/sqlite/open.h"

namespace vitrine {
namespace {

using codec::json::Object;

constexpr int kConnections = 16;
constexpr const char* kIssuer = "http://Demo-jwt-issuer";

double cpu_seconds(int who) {
  rusage usage{};
  getrusage(who, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// CPU of one `work`, with every processor busy with the same: as it is while the server serves.
template <class Work>
double cpu_us_each(int times, const Work& work) {
  std::atomic<bool> done{false};
  std::vector<std::thread> others;
  for (unsigned i = 1; i < std::thread::hardware_concurrency(); ++i) {
    others.emplace_back([&] {
      while (!done) work();
    });
  }
  const double before = cpu_seconds(RUSAGE_THREAD);
  for (int i = 0; i < times; ++i) work();
  const double each = (cpu_seconds(RUSAGE_THREAD) - before) * 1e6 / times;
  done = true;
  for (auto& other : others) other.join();
  return each;
}

template <class T>
T must(Result<T> result) {
  if (!result) {
    std::fprintf(stderr, "release_bench: %s\n", result.error().message.c_str());
    std::abort();
  }
  return *std::move(result);
}
void must(const Status& status) {
  if (!status) {
    std::fprintf(stderr, "release_bench: %s\n", status.error().message.c_str());
    std::abort();
  }
}

class Seal final : public core::SealProvider {
 public:
  std::string_view kind() const override { return "file"; }
  Result<SecretBytes> sealing_key() override { return SecretBytes(32); }
};

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

core::Genesis genesis_of(const Scene& scene) {
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

// The client process: reads nothing but these arguments, sends `requests` over kConnections
// connections.
int run_client(std::uint16_t port, const Scene& scene, int requests) {
  std::vector<std::thread> threads;
  std::atomic<int> left{requests};
  std::atomic<int> failures{0};
  for (int i = 0; i < kConnections; ++i) {
    threads.emplace_back([&] {
      net::ClientConfig config;
      config.url = "https://127.0.0.1:" + std::to_string(port);
      config.insecure_skip_verify = true;
      const auto client = must(net::Client::make(config));
      net::Request request;
      request.method = "POST";
      request.target = "/app/unwrapKey?fmt=tink";
      request.headers = {{"authorization", "Bearer " + scene.token},
                         {"content-type", "application/json"}};
      request.body = scene.body;
      while (left.fetch_sub(1) > 0) {
        const auto response = client->send(request);
        if (!response || response->status != 200) ++failures;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  return failures == 0 ? 0 : 1;
}

void run_requests(std::uint16_t port, const Scene& scene, int requests) {
  const pid_t child =
      fork();  // only this thread goes with it, and it touches nothing that another may hold
  if (child == 0) _exit(run_client(port, scene, requests));
  int status = 0;
  waitpid(child, &status, 0);
  if (status != 0) {
    std::fprintf(stderr, "release_bench: not every answer was 200\n");
    std::abort();
  }
}

void release(benchmark::State& state) {
  const int requests = static_cast<int>(state.range(0));
  Scene scene;
  SystemClock clock;
  SystemRandom random;
  core::ConfirmAtOnce confirm;
  core::MemoryNodeFiles files;
  Seal seal;
  const auto store = must(storage::sqlite::open(scene.folder + "/ledger.db"));
  const auto core = must(core::create_service(
      {*store, files, confirm, clock, random}, genesis_of(scene),
      {{{"localhost"}, {"127.0.0.1"}}, "bench", true}, seal, [](ByteView) { return Status(); }));
  log::set_level(log::Level::error);
  metrics::Registry registry;
  service::Service service(*core, registry);
  net::ServerConfig config;
  config.port = 0;
  const auto server = must(net::Server::start(
      config,
      {{core->view()->state.node->certificate, core->view()->state.service->certificate},
       core->secrets().node_key},
      [&](net::Request request, net::Respond respond) {
        service.handle(std::move(request), std::move(respond));
      },
      [&](int status, std::string_view code, std::string_view message) {
        return service.server_error(status, code, message);
      }));

  net::ClientConfig refresh;
  refresh.url = "https://127.0.0.1:" + std::to_string(server->port());
  refresh.insecure_skip_verify = true;
  const auto made =
      must(must(net::Client::make(refresh))->send({"POST", "/app/refresh", {}, "", "", {}}));
  scene.set_body(
      std::string(*codec::json::text_of(must(codec::json::parse_object(made.body)), "kid")));
  run_requests(server->port(), scene,
               2 * kConnections);  // caches are warm, as with any chip and caller seen before

  for (auto _ : state) {
    const auto head_before = core->view()->state.size;
    std::uint64_t batches = 0;
    must(store->read_tags(head_before, ~std::uint64_t{0},
                          [](const storage::BatchTag&) { return Status(); }));
    const double before = cpu_seconds(RUSAGE_SELF);
    run_requests(server->port(), scene, requests);
    const double each_us = (cpu_seconds(RUSAGE_SELF) - before) * 1e6 / requests;
    must(store->read_tags(head_before, ~std::uint64_t{0},
                          [&batches](const storage::BatchTag&) -> Status {
                            ++batches;
                            return {};
                          }));
    const double batch_entries =
        static_cast<double>(core->view()->state.size - head_before) / static_cast<double>(batches);

    // The bare operations, on the same keys and sizes.
    const auto chip = scene.attester.chip_key();
    const Bytes message(0x2a0, 1);
    const Bytes report_signature =
        must(chip.sign(crypto::SignatureAlgorithm::ecdsa_sha384_raw, message));
    const auto jws = must(crypto::parse_jws(scene.token));
    const Digest root = crypto::sha256(message);
    const int times = 300;
    const double p384 = cpu_us_each(times, [&] {
      must(chip.public_key().verify(crypto::SignatureAlgorithm::ecdsa_sha384_raw, message,
                                    report_signature));
    });
    const double rs256 = cpu_us_each(times, [&] {
      must(scene.issuer.public_key().verify(crypto::SignatureAlgorithm::rsa_pkcs1_sha256,
                                            as_bytes(jws.signing_input), jws.signature));
    });
    const double oaep = cpu_us_each(times, [&] {
      must(scene.wrapping_key.public_key().oaep_encrypt(ByteView(message).first(101)));
    });
    const double head = cpu_us_each(times, [&] {
      must(core->secrets().node_key.sign_prehashed(root));
      must(core->secrets().log_key.sign(crypto::SignatureAlgorithm::ed25519,
                                        ByteView(message).first(128)));
    });
    const double bare = p384 + rs256 + oaep + head / batch_entries;
    state.SetIterationTime(each_us / 1e6);
    state.counters["cpu_us"] = each_us;
    state.counters["bare_us"] = bare;
    state.counters["ratio"] = each_us / bare;
    state.counters["p384_us"] = p384;
    state.counters["rs256_us"] = rs256;
    state.counters["oaep4096_us"] = oaep;
    state.counters["head_us"] = head;
    state.counters["entries_per_batch"] = batch_entries;
  }
  server->stop(std::chrono::seconds(1));
  service.stop();
}
BENCHMARK(release)
    ->Name("release/unwrapKey")
    ->Arg(64)
    ->Arg(2000)
    ->Iterations(1)
    ->UseManualTime()
    ->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace vitrine

// The whole main job: POST /app/unwrapKey over TLS keep-alive, with SNP evidence and a bearer
// token, the release appended to SQLite before its answer, log lines written. CPU of the serving
// process per request, beside the CPU of the bare OpenSSL operations of a release, measured in the
// same run on the same keys:
//   P-384 verify of the report, RS256 verify of the token, OAEP-4096 encrypt, and the head's two
//   signatures divided by the number of releases that shared them.
// `ratio` is the first over the second; the bar is 1.25. It can be below 1, since the report is
// verified by our own P-384 and a token seen before is remembered. `own_ratio` is over what is then
// left to do: P-384 with a table, OAEP, the head's share.
//
// Then the latency at half of that load: requests are due at fixed times and their latency counts
// from when they were due, so a queue is not hidden.
//
// The client is another process, so that its work is not counted; it has the same processors.
#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include "attestation/simulated/attester.h"  // and so only in builds that have it
#include "bench/release_scene.h"
#include "crypto/p384/verifier.h"
#include "net/client.h"
#include "net/server.h"
#include "storage/sqlite/open.h"

namespace vitrine::bench {
namespace {

constexpr int kConnections = 16;

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

// Seconds that each request took, written by the client process.
class Latencies {
 public:
  explicit Latencies(int count)
      : count_(count),
        seconds_(static_cast<double*>(
            mmap(nullptr, bytes(), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0))) {}
  ~Latencies() { munmap(seconds_, bytes()); }
  Latencies(const Latencies&) = delete;
  Latencies& operator=(const Latencies&) = delete;
  void set(int i, double seconds) { seconds_[i] = seconds; }
  double ms_at(double share) const {
    return percentile({seconds_, seconds_ + count_}, share) * 1e3;
  }

 private:
  std::size_t bytes() const { return static_cast<std::size_t>(count_) * sizeof(double); }
  const int count_;
  double* const seconds_;
};

struct Load {
  int requests = 0;
  double per_second = 0;  // 0: as many as the connections can
};

// The client process.
int run_client(std::uint16_t port, const Scene& scene, const Load& load, Latencies& latencies) {
  std::vector<std::thread> threads;
  std::atomic<int> next{0};
  std::atomic<int> failures{0};
  const auto begin = SteadyClock::now();
  for (int i = 0; i < kConnections; ++i) {
    threads.emplace_back([&] {
      net::ClientConfig config;
      config.url = "https://127.0.0.1:" + std::to_string(port);
      config.insecure_skip_verify = true;
      const auto client = must(net::Client::make(config));
      const net::Request request = release_request(scene);
      for (int turn = next++; turn < load.requests; turn = next++) {
        auto due = SteadyClock::now();
        if (load.per_second > 0) {
          due = begin + std::chrono::duration_cast<SteadyClock::duration>(
                            std::chrono::duration<double>(turn / load.per_second));
          std::this_thread::sleep_until(due);
        }
        const auto response = client->send(request);
        if (!response || response->status != 200) ++failures;
        latencies.set(turn, std::chrono::duration<double>(SteadyClock::now() - due).count());
      }
    });
  }
  for (auto& thread : threads) thread.join();
  return failures == 0 ? 0 : 1;
}

// Gives the seconds it took.
double run_requests(std::uint16_t port, const Scene& scene, const Load& load,
                    Latencies& latencies) {
  const auto begin = SteadyClock::now();
  const pid_t child =
      fork();  // only this thread goes with it, and it touches nothing that another may hold
  if (child == 0) _exit(run_client(port, scene, load, latencies));
  int status = 0;
  waitpid(child, &status, 0);
  if (status != 0) {
    std::fprintf(stderr, "release_bench: not every answer was 200\n");
    std::abort();
  }
  return std::chrono::duration<double>(SteadyClock::now() - begin).count();
}

// The log goes where a log goes, a file, at the level a service has: info.
class LogToFile {
 public:
  explicit LogToFile(const std::string& path) : saved_(dup(STDERR_FILENO)) {
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    dup2(file, STDERR_FILENO);
    close(file);
  }
  ~LogToFile() {
    dup2(saved_, STDERR_FILENO);
    close(saved_);
  }
  LogToFile(const LogToFile&) = delete;
  LogToFile& operator=(const LogToFile&) = delete;

 private:
  const int saved_;
};

// The bare operations, on the same keys and sizes.
struct Bare {
  double p384, p384_table, rs256, oaep, head;

  Bare(const Scene& scene, core::Core& core) {
    const auto chip = scene.attester.chip_key();
    const Bytes message(0x2a0, 1);
    const Bytes report_signature =
        must(chip.sign(crypto::SignatureAlgorithm::ecdsa_sha384_raw, message));
    const auto jws = must(crypto::parse_jws(scene.token));
    const Digest root = crypto::sha256(message);
    constexpr int kTimes = 300;
    p384 = cpu_us_each(kTimes, [&] {
      must(chip.public_key().verify(crypto::SignatureAlgorithm::ecdsa_sha384_raw, message,
                                    report_signature));
    });
    crypto::p384::Verifier verifier;
    const auto verify = [&] {
      must(verifier.verify(chip.public_key(), message, report_signature));
    };
    for (unsigned i = 0; i < crypto::p384::Verifier::kVerifiedBeforeTable; ++i) verify();
    p384_table = cpu_us_each(kTimes, verify);
    rs256 = cpu_us_each(kTimes, [&] {
      must(scene.issuer.public_key().verify(crypto::SignatureAlgorithm::rsa_pkcs1_sha256,
                                            as_bytes(jws.signing_input), jws.signature));
    });
    oaep = cpu_us_each(kTimes, [&] {
      must(scene.wrapping_key.public_key().oaep_encrypt(ByteView(message).first(101)));
    });
    head = cpu_us_each(kTimes, [&] {
      must(core.secrets()->node_key.sign_prehashed(root));
      must(core.secrets()->log_key.sign(crypto::SignatureAlgorithm::ed25519,
                                        ByteView(message).first(128)));
    });
  }
};

double batches_since(const storage::Store& store, std::uint64_t first) {
  double batches = 0;
  must(store.read_tags(first, ~std::uint64_t{0}, [&batches](const storage::BatchTag&) -> Status {
    ++batches;
    return {};
  }));
  return batches;
}

void release(benchmark::State& state) {
  const int requests = tiny() ? 64 : 4000;
  Scene scene;
  const LogToFile log(scene.folder + "/log");
  const auto store = must(storage::sqlite::open(scene.folder + "/ledger.db"));
  Node node(scene, *store, service::BudgetLimits{}.release_workers);
  core::Core& core = node.core();
  net::ServerConfig config;
  config.port = 0;
  const auto server = must(net::Server::start(
      config,
      {{core.view()->state.node->certificate, core.view()->state.service->certificate},
       core.secrets()->node_key},
      [&](net::Request request, net::Respond respond) {
        node.service().handle(std::move(request), std::move(respond));
      },
      [&](int status, std::string_view code, std::string_view message) {
        return node.service().server_error(status, code, message);
      }));
  Latencies latencies(requests);
  // Caches are warm, as with any chip and caller seen before.
  run_requests(server->port(), scene, {2 * kConnections}, latencies);

  for (auto _ : state) {
    const auto size_before = core.view()->state.size;
    const double before = cpu_seconds(RUSAGE_SELF);
    const double seconds = run_requests(server->port(), scene, {requests}, latencies);
    const double each_us = (cpu_seconds(RUSAGE_SELF) - before) * 1e6 / requests;
    const double entries = static_cast<double>(core.view()->state.size - size_before);
    const double batch_entries = entries / batches_since(*store, size_before);
    const double per_second = requests / seconds;
    run_requests(server->port(), scene, {requests, per_second / 2}, latencies);

    const Bare bare(scene, core);
    const double limit = bare.p384 + bare.rs256 + bare.oaep + bare.head / batch_entries;
    const double own = bare.p384_table + bare.oaep + bare.head / batch_entries;
    state.SetIterationTime(each_us / 1e6);
    state.counters["cpu_us"] = each_us;
    state.counters["bare_us"] = limit;
    state.counters["ratio"] = each_us / limit;
    state.counters["own_bare_us"] = own;
    state.counters["own_ratio"] = each_us / own;
    state.counters["p384_us"] = bare.p384;
    state.counters["p384_table_us"] = bare.p384_table;
    state.counters["rs256_us"] = bare.rs256;
    state.counters["oaep4096_us"] = bare.oaep;
    state.counters["head_us"] = bare.head;
    state.counters["entries_per_batch"] = batch_entries;
    state.counters["per_s_and_core"] = 1e6 / each_us;
    state.counters["per_s_beside_client"] = per_second;
    state.counters["half_load_p50_ms"] = latencies.ms_at(0.50);
    state.counters["half_load_p99_ms"] = latencies.ms_at(0.99);
  }
  server->stop(std::chrono::seconds(1));
}
BENCHMARK(release)
    ->Name("release/unwrapKey")
    ->Iterations(1)
    ->UseManualTime()
    ->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace vitrine::bench

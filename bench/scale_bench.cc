// What a second processor adds: releases per second by service::Service::handle, in this process
// and without TLS, since a client would need the processors itself. The same process and requests
// are held to one processor, then let onto two; disk and threads are as in a service.
// `scale` is two processors' releases per second over one's; the bar is 1.8. `cpu_scale` is the
// same from CPU time per release, which neighbours on the machine distort less: 2 would mean that
// nothing is lost to locks, caches and what threads share.
#include <benchmark/benchmark.h>
#include <pthread.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "attestation/simulated/attester.h"  // and so only in builds that have it
#include "base/log.h"
#include "bench/release_scene.h"
#include "storage/memory/memory_store.h"
#include "storage/sqlite/open.h"

namespace vitrine::bench {
namespace {

class Processors {
 public:
  Processors() { pthread_getaffinity_np(pthread_self(), sizeof(all_), &all_); }
  int count() const { return CPU_COUNT(&all_); }
  cpu_set_t first(int count) const {
    cpu_set_t some;
    CPU_ZERO(&some);
    for (int cpu = 0; cpu < CPU_SETSIZE && CPU_COUNT(&some) < count; ++cpu) {
      if (CPU_ISSET(cpu, &all_)) CPU_SET(cpu, &some);
    }
    return some;
  }

 private:
  cpu_set_t all_;
};

struct Rate {
  double per_second = 0;
  double cpu_us = 0;
};

void wait_until_at_most(const std::atomic<int>& count, int most) {
  for (int now = count; now > most; now = count) count.wait(now);
}

// Threads inherit where they may run: the service is made after the processors are chosen.
Rate measure(int processors, unsigned workers, bool on_disk, int releases) {
  const cpu_set_t allowed = Processors().first(processors);
  Rate rate;
  std::thread([&] {
    pthread_setaffinity_np(pthread_self(), sizeof(allowed), &allowed);
    Scene scene;
    std::unique_ptr<storage::Store> store;
    if (on_disk) {
      store = must(storage::sqlite::open(scene.folder + "/ledger.db"));
    } else {
      store = std::make_unique<storage::memory::MemoryStore>();
    }
    std::atomic<int> waiting{0}, failures{0};  // before the node, whose threads use them to the end
    Node node(scene, *store, workers);
    const net::Request request = release_request(scene);
    const auto run = [&](int count) {
      const int outstanding_max = static_cast<int>(2 * workers);
      for (int i = 0; i < count; ++i) {
        wait_until_at_most(waiting, outstanding_max - 1);
        ++waiting;
        node.service().handle(request, [&](const net::Response& response) {
          if (response.status != 200) ++failures;
          --waiting;
          waiting.notify_one();
        });
      }
      wait_until_at_most(waiting, 0);
      if (failures != 0) {
        std::fprintf(stderr, "scale_bench: not every answer was 200\n");
        std::abort();
      }
    };
    run(64);
    const double cpu_before = cpu_seconds(RUSAGE_SELF);
    const auto begin = SteadyClock::now();
    run(releases);
    rate.per_second = releases / std::chrono::duration<double>(SteadyClock::now() - begin).count();
    rate.cpu_us = (cpu_seconds(RUSAGE_SELF) - cpu_before) * 1e6 / releases;
  }).join();
  return rate;
}

void scale(benchmark::State& state, bool on_disk) {
  log::set_level(log::Level::error);
  const int releases = tiny() ? 64 : 4000;
  if (Processors().count() < 2) {
    state.SkipWithError("needs two processors");
    return;
  }
  for (auto _ : state) {
    const unsigned workers = service::BudgetLimits{}.release_workers;
    const Rate one = measure(1, workers, on_disk, releases);
    const Rate two = measure(2, workers, on_disk, releases);
    state.SetIterationTime(two.cpu_us / 1e6);
    state.counters["one_per_s"] = one.per_second;
    state.counters["two_per_s"] = two.per_second;
    state.counters["scale"] = two.per_second / one.per_second;
    state.counters["one_cpu_us"] = one.cpu_us;
    state.counters["two_cpu_us"] = two.cpu_us;
    state.counters["cpu_scale"] = 2 * one.cpu_us / two.cpu_us;
  }
}
void on_disk(benchmark::State& state) { scale(state, true); }
void in_memory(benchmark::State& state) { scale(state, false); }
BENCHMARK(on_disk)
    ->Name("scale/sqlite")
    ->Iterations(1)
    ->UseManualTime()
    ->Unit(benchmark::kMicrosecond);
BENCHMARK(in_memory)
    ->Name("scale/memory")
    ->Iterations(1)
    ->UseManualTime()
    ->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace vitrine::bench

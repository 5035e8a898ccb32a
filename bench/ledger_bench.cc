// The ledger's own speed on SQLite.
//
// append/N: releases that cost nothing but their entry, N a batch, as the sequencer commits them
//   (encode, hash into both trees, tag, durable, signed head, view), beside the rate at which
//   SQLite alone takes the same bytes in batches of the same size. `ratio` is ours over SQLite's.
// prove: receipts' inclusion paths of random entries. replay: a start without snapshot, every entry
//   checked. Both at two sizes, with the memory that the process then holds.
#include <sys/resource.h>

#include <atomic>
#include <random>
#include <thread>

#include "bench/ledger_bed.h"

namespace vitrine::bench {
namespace {

// Clients that keep the sequencer busy, each with a command of `each` entries under way. Their
// entries are made beforehand, as workers make them while others are committed.
double committed_per_second(Bed& bed, std::uint64_t each, std::uint64_t batches) {
  constexpr unsigned kClients = 6;  // a command in each stage of the pipeline, and one that waits
  std::vector<std::vector<core::Decide>> commands(batches);
  std::vector<core::Draft> drafts(each * batches, bed.release_draft());
  for (std::size_t i = 0; i < drafts.size(); ++i) {
    commands[i / each].push_back([&made = drafts[i]](const core::State&, Time) {
      return Result<core::Draft>(std::move(made));
    });
  }
  const std::uint64_t before = bed.core().view()->state.size;
  std::atomic<std::size_t> next{0};
  const auto begun = SteadyClock::now();
  std::vector<std::thread> clients;
  for (unsigned client = 0; client < kClients; ++client) {
    clients.emplace_back([&] {
      for (std::size_t i = next++; i < batches; i = next++)
        must(bed.core().sequencer().append_all(std::move(commands[i])));
    });
  }
  for (auto& client : clients) client.join();
  return static_cast<double>(bed.core().view()->state.size - before) / seconds_since(begun);
}

// The same records, in the batches that they were committed in, into a store of their own.
struct Bare {
  double per_second = 0;
  double entries_per_batch = 0;
};
Bare bare_per_second(Bed& bed, std::uint64_t first) {
  std::vector<storage::Batch> batches;
  must(bed.store().read_tags(first, ~std::uint64_t{0}, [&](const storage::BatchTag& tag) -> Status {
    storage::Batch batch;
    batch.tag = tag.tag;
    batch.size_before = tag.size_before - first;
    return bed.store()
        .read(tag.size_before, tag.size_after - tag.size_before,
              [&](std::uint64_t, storage::Record record) {
                batch.records.push_back(std::move(record));
                return Status();
              })
        .map([&] { batches.push_back(std::move(batch)); });
  }));
  const std::string path = bed.folder() + "/bare.db";
  std::uint64_t entries = 0;
  double took = 0;
  {
    const auto store = must(storage::sqlite::open(path));
    const auto begun = SteadyClock::now();
    for (const auto& batch : batches) {
      must(store->append(batch));
      entries += batch.records.size();
    }
    took = seconds_since(begun);
  }
  for (const char* suffix : {"", "-wal", "-shm", ".lock"}) std::filesystem::remove(path + suffix);
  return {static_cast<double>(entries) / took,
          static_cast<double>(entries) / static_cast<double>(batches.size())};
}

void append(benchmark::State& state) {
  const auto each = static_cast<std::uint64_t>(state.range(0));
  const std::uint64_t batches = tiny() ? 6 : each == 1 ? 6000 : each == 16 ? 2000 : 150;
  Bed bed;
  committed_per_second(bed, each, batches / 4 + 3);  // warm
  for (auto _ : state) {
    std::vector<double> ours;
    std::vector<double> bare;
    double entries_per_batch = 0;
    for (int round = 0; round < (tiny() ? 1 : 5); ++round) {
      const std::uint64_t first = bed.core().view()->state.size;
      ours.push_back(committed_per_second(bed, each, batches));
      const Bare limit = bare_per_second(bed, first);
      bare.push_back(limit.per_second);
      entries_per_batch = limit.entries_per_batch;
    }
    state.SetIterationTime(1 / median(ours));
    state.counters["entries_per_s"] = median(ours);
    state.counters["sqlite_entries_per_s"] = median(bare);
    state.counters["ratio"] = median(ours) / median(bare);
    state.counters["entries_per_batch"] = entries_per_batch;
  }
}
BENCHMARK(append)
    ->Name("ledger/append")
    ->Arg(1)
    ->Arg(16)
    ->Arg(256)
    ->Iterations(1)
    ->UseManualTime()
    ->Unit(benchmark::kMicrosecond);

void prove_and_replay(benchmark::State& state) {
  const auto entries = static_cast<std::uint64_t>(tiny() ? 600 : state.range(0));
  Bed bed;
  bed.fill(entries);
  std::mt19937_64 random(7);
  for (auto _ : state) {
    const auto view = bed.core().view();
    const std::uint64_t size = view->state.size;
    const int proofs = tiny() ? 10 : 2000;
    auto begun = SteadyClock::now();
    for (int i = 0; i < proofs; ++i) {
      benchmark::DoNotOptimize(must(view->trees->ccf.inclusion_path(random() % size, size)).size());
    }
    state.counters["proofs_per_s"] = proofs / seconds_since(begun);
    state.counters["rss_serving_mb"] = resident_mb();
    bed.stop();
    begun = SteadyClock::now();
    bed.start();
    const double took = seconds_since(begun);
    state.SetIterationTime(took);
    state.counters["replayed_per_s"] = static_cast<double>(size) / took;
    state.counters["rss_replayed_mb"] = resident_mb();
    state.counters["entries"] = static_cast<double>(size);
  }
}
BENCHMARK(prove_and_replay)
    ->Name("ledger/prove_and_replay")
    ->Arg(10'000)
    ->Arg(1'000'000)
    ->Iterations(1)
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);

// From the store's file to a node that is confirmed and has its own entry in the ledger, with the
// snapshots that a running node leaves behind. Opening the listener adds less than a millisecond.
void start(benchmark::State& state) {
  const auto entries = static_cast<std::uint64_t>(
      tiny() ? std::min<std::int64_t>(state.range(0), 600) : state.range(0));
  Bed bed;
  // The newest snapshot is as old as it can get before the next is due.
  constexpr std::uint64_t kInterval = core::UpkeepOptions().snapshot_entries;
  if (entries > kInterval) {
    bed.fill(entries - kInterval);
    must(core::take_snapshot(bed.core()));
    bed.fill(kInterval - 1);
  } else {
    bed.fill(entries);
  }
  for (auto _ : state) {
    bed.stop();
    const auto begun = SteadyClock::now();
    bed.start();
    const double took = seconds_since(begun);
    state.SetIterationTime(took);
    state.counters["ready_s"] = took;
    state.counters["bar_s"] = entries > 0 ? 3 : 0.3;
    state.counters["entries"] = static_cast<double>(bed.core().view()->state.size);
  }
}
BENCHMARK(start)->Name("start")->Arg(0)->Arg(1'000'000)->Iterations(3)->UseManualTime()->Unit(
    benchmark::kMillisecond);

}  // namespace
}  // namespace vitrine::bench

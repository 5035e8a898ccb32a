// vitrine audit of a data folder, releases in batches of 256 and one by one, beside the least that
// any auditor must do: SQLite reading the same rows, and SHA-256 over each leaf for either tree and
// over each sealed part. `ratio` is ours over that, in entries a second; `rss_growth_mb` is what
// the process holds more after the audit than before it, which must not grow with the ledger.
#include "bench/ledger_bed.h"
#include "cli/ledger_folder.h"
#include "client/audit/auditor.h"
#include "crypto/hash.h"

namespace vitrine::bench {
namespace {

class Silent final : public client::audit::Observer {
 public:
  void entry(const client::audit::Read&, const client::audit::Before&,
             const client::audit::Standing&) override {}
  void progress(std::uint64_t, std::uint64_t) override {}
};

double audit_seconds(const std::string& folder, const client::audit::Options& options,
                     std::uint64_t entries) {
  auto source = must(cli::LedgerFolder::open(folder));
  Silent silent;
  const auto begun = SteadyClock::now();
  const auto report = client::audit::audit(source, options, silent);
  const double took = seconds_since(begun);
  if (!report || report->signed_entries != entries) {
    std::fprintf(stderr, "bench: audit: %s\n",
                 report ? "not all signed" : report.error().error.message.c_str());
    std::abort();
  }
  return took;
}

double bare_seconds(const std::string& folder) {
  const auto store = must(storage::sqlite::open_read_only(folder + "/ledger.db"));
  const auto begun = SteadyClock::now();
  must(store->read(0, ~std::uint64_t{0} >> 1,
                   [](std::uint64_t, const storage::Record& record) -> Status {
                     benchmark::DoNotOptimize(crypto::sha256(record.leaf));
                     benchmark::DoNotOptimize(crypto::sha256(record.leaf));
                     benchmark::DoNotOptimize(crypto::sha256(record.sealed));
                     return {};
                   }));
  return seconds_since(begun);
}

void audit(benchmark::State& state) {
  const auto entries = static_cast<std::uint64_t>(tiny() ? 600 : state.range(0));
  Bed bed;
  bed.fill(entries, static_cast<std::uint64_t>(state.range(1)));
  const std::uint64_t size = bed.core().view()->state.size;
  const client::audit::Options options{bed.core().view()->state.service->certificate, {}};
  bed.stop();  // the head is in the store
  for (auto _ : state) {
    std::vector<double> ours;
    std::vector<double> bare;
    const double before = resident_mb();
    for (int round = 0; round < (tiny() ? 1 : 3); ++round) {
      ours.push_back(audit_seconds(bed.folder(), options, size));
      bare.push_back(bare_seconds(bed.folder()));
    }
    state.SetIterationTime(median(ours));
    state.counters["entries"] = static_cast<double>(size);
    state.counters["entries_per_s"] = static_cast<double>(size) / median(ours);
    state.counters["ratio"] = median(bare) / median(ours);
    state.counters["seconds_a_million"] = median(ours) * 1e6 / static_cast<double>(size);
    state.counters["bar_s"] = 60;
    state.counters["rss_growth_mb"] = resident_mb() - before;
  }
}
BENCHMARK(audit)
    ->Name("audit")
    ->Args({10'000, 256})
    ->Args({1'000'000, 256})
    ->Args({100'000, 1})
    ->Iterations(1)
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace vitrine::bench

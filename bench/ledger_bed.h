// What the benchmarks of the ledger share: a service of development mode on SQLite in a folder of
// its own, releases that cost nothing but their entry, and the bare disk to compare with.
#pragma once

#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/log.h"
#include "core/node_files_for_testing.h"
#include "core/rotate_key.h"
#include "core/start.h"
#include "core/upkeep.h"
#include "ledger/entries.h"
#include "storage/sqlite/open.h"

namespace vitrine::bench {

template <class T>
T must(Result<T> result) {
  if (!result) {
    std::fprintf(stderr, "bench: %s\n", result.error().message.c_str());
    std::abort();
  }
  return *std::move(result);
}
inline void must(const Status& status) {
  if (!status) {
    std::fprintf(stderr, "bench: %s\n", status.error().message.c_str());
    std::abort();
  }
}

// A tiny run is a test that the benchmark still works; its figures say nothing.
inline bool tiny() { return std::getenv("VITRINE_BENCH_TINY") != nullptr; }

using SteadyClock = std::chrono::steady_clock;
inline double seconds_since(SteadyClock::time_point then) {
  return std::chrono::duration<double>(SteadyClock::now() - then).count();
}

inline double resident_mb() {
  // statm: pages of the whole, then those resident (proc(5)).
  std::ifstream pages("/proc/self/statm");
  double whole = 0;
  double resident = 0;
  pages >> whole >> resident;
  return resident * static_cast<double>(sysconf(_SC_PAGESIZE)) / 1e6;
}

class Seal final : public core::SealProvider {
 public:
  std::string_view kind() const override { return "file"; }
  Result<core::SealingKey> make(Random&) override {
    return core::SealingKey{"file", SecretBytes(32), {}};
  }
  Result<SecretBytes> open(ByteView) override { return SecretBytes(32); }
};

// Heads and snapshots as vitrined keeps them: in files, synced.
class FilesOnDisk final : public core::NodeFiles {
 public:
  explicit FilesOnDisk(std::string folder) : folder_(std::move(folder)) {}
  Result<std::optional<Bytes>> secrets() const override { return in_memory_.secrets(); }
  Result<std::optional<Bytes>> next_secrets() const override { return in_memory_.next_secrets(); }
  Status put_secrets(ByteView sealed) override { return in_memory_.put_secrets(sealed); }
  std::string describe_secrets() const override { return in_memory_.describe_secrets(); }
  Result<std::optional<Bytes>> last_head() const override {
    auto read = read_file(describe_last_head(), 4096);
    if (read) return std::optional<Bytes>(*std::move(read));
    return std::optional<Bytes>();
  }
  Status put_last_head(ByteView sealed) override {
    return write_file_atomically(describe_last_head(), sealed, 0600);
  }
  std::string describe_last_head() const override { return folder_ + "/last_head.sealed"; }
  Result<std::optional<Bytes>> restore_marker() const override {
    return in_memory_.restore_marker();
  }
  Status remove_restore_marker() override { return in_memory_.remove_restore_marker(); }
  Result<std::vector<std::uint64_t>> snapshots() const override { return in_memory_.snapshots(); }
  Result<Bytes> snapshot(std::uint64_t size) const override { return in_memory_.snapshot(size); }
  Status put_snapshot(std::uint64_t size, ByteView sealed) override {
    return in_memory_.put_snapshot(size, sealed);
  }
  Status remove_snapshot(std::uint64_t size) override { return in_memory_.remove_snapshot(size); }
  std::string describe_snapshot(std::uint64_t size) const override {
    return in_memory_.describe_snapshot(size);
  }

 private:
  const std::string folder_;
  core::MemoryNodeFiles in_memory_;
};

class Bed {
 public:
  Bed() : folder_(make_folder()), files_(folder_) {
    log::set_level(log::Level::error);
    core::Genesis genesis;
    genesis.governance.settings = governance::Settings::dev_defaults();
    policy::ReleasePolicy policy;  // that accepts the claims of release_draft()
    must(policy.apply(must(codec::json::parse_object(
        R"({"type":"add","claims":{"x-ms-attestation-type":"snp",)"
        R"("x-ms-compliance-status":"azure-signed-uvm","x-ms-sevsnpvm-is-debuggable":false,)"
        R"("x-ms-ver":"3","x-ms-sevsnpvm-hostdata":")" +
        std::string(64, 'a') + "\"}}"))));
    genesis.governance.release_policy = std::move(policy);
    open_store();
    core_ = must(core::create_service(parts(), genesis, options(), seal_));
    kid_ = must_rotate();
  }
  ~Bed() {
    stop();
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  Bed(const Bed&) = delete;
  Bed& operator=(const Bed&) = delete;

  const std::string& folder() const { return folder_; }
  core::Core& core() { return *core_; }
  storage::Store& store() { return *store_; }
  void stop() {
    core_.reset();
    store_.reset();
  }
  // As vitrined does.
  void start() {
    open_store();
    core_ = must(core::start_service(parts(), options(), seal_));
    core::NoRollbackGuard guard;
    must(core_->take_up(guard));
  }

  // A release's entry, with everything made beforehand that a release makes beforehand.
  core::Draft release_draft() const {
    ledger::KeyReleased entry;
    const auto view = core_->view();
    entry.kid = kid_;
    entry.governance = view->state.governance_ref.digest;
    entry.profile = "snp-aci";
    entry.claims = {{"x-ms-attestation-type", std::string("snp")},
                    {"x-ms-compliance-status", std::string("azure-signed-uvm")},
                    {"x-ms-sevsnpvm-hostdata", std::string(64, 'a')},
                    {"x-ms-sevsnpvm-is-debuggable", false},
                    {"x-ms-ver", std::string("3")}};
    entry.freshness = "none";
    entry.format = "jwk";
    const auto secrets = core_->secrets();
    auto sealed = ledger::seal(secrets->ledger, secrets->service_id, ledger::Kind::key_released,
                               ByteView(entry.wrapping_key), Bytes(160, 7), core_->random());
    auto public_part = ledger::encode(entry);
    Bytes encoded = codec::cbor::encode(public_part);
    return {ledger::Kind::key_released, std::move(public_part), std::move(sealed), {}, {},
            std::move(encoded)};
  }
  // Appends `entries` releases, `each` in a batch.
  void fill(std::uint64_t entries, std::uint64_t each = 256) {
    const core::Draft draft = release_draft();
    for (std::uint64_t done = 0; done < entries; done += each) {
      std::vector<core::Decide> batch(
          std::min(each, entries - done),
          [&draft](const core::State&, Time) -> Result<core::Draft> { return draft; });
      must(core_->sequencer().append_all(std::move(batch)));
    }
  }

 private:
  static std::string make_folder() {
    const char* base = std::getenv("TMPDIR");
    std::string name = std::string(base == nullptr ? "/tmp" : base) + "/vitrine-bench-XXXXXX";
    if (mkdtemp(name.data()) == nullptr) std::abort();
    return name;
  }
  static core::NodeOptions options() { return {{{"localhost"}, {"127.0.0.1"}}, "bench", true}; }
  core::Core::Parts parts() { return {*store_, files_, confirm_, clock_, random_}; }
  void open_store() { store_ = must(storage::sqlite::open(folder_ + "/ledger.db")); }
  std::string must_rotate() {
    const auto rotated = core::rotate_key(*core_);
    if (!rotated) std::abort();
    return rotated->key->item.kid;
  }

  const std::string folder_;
  FilesOnDisk files_;
  SystemClock clock_;
  SystemRandom random_;
  core::ConfirmAtOnce confirm_;
  Seal seal_;
  Bytes sealed_;
  std::unique_ptr<storage::Store> store_;
  std::unique_ptr<core::Core> core_;
  std::string kid_;
};

inline double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}
inline double percentile(std::vector<double> values, double share) {
  std::sort(values.begin(), values.end());
  return values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1))];
}

// Seconds of one fdatasync after 4 KiB were appended to a file in that folder.
inline double fdatasync_seconds(const std::string& folder, int times) {
  const std::string path = folder + "/sync-probe";
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  const Bytes block(4096, 1);
  std::vector<double> each;
  for (int i = 0; i < times; ++i) {
    const auto begun = SteadyClock::now();
    if (::write(file, block.data(), block.size()) != static_cast<ssize_t>(block.size()) ||
        ::fdatasync(file) != 0) {
      std::abort();
    }
    each.push_back(seconds_since(begun));
  }
  ::close(file);
  ::unlink(path.c_str());
  return median(each);
}

}  // namespace vitrine::bench

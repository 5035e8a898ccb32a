// What the tests of core share: a whole service in memory, with a clock that tests move and small
// simulated evidence.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>

#include "attestation/simulated/fixture_for_testing.h"
#include "core/node_files_for_testing.h"
#include "core/release_key.h"
#include "core/rotate_key.h"
#include "core/start.h"
#include "crypto/hash.h"
#include "governance/identities_for_testing.h"
#include "storage/memory/memory_store.h"

namespace vitrine::core {

class TestClock final : public Clock {
 public:
  Time now() const override { return from_unix_ms(ms_.load()); }
  void advance(std::chrono::milliseconds by) { ms_ += by.count(); }

 private:
  std::atomic<std::int64_t> ms_{to_unix_ms(attestation::simulated::test_time())};
};

class FixedSeal final : public SealProvider {
 public:
  explicit FixedSeal(Byte fill = 7) : fill_(fill) {}
  std::string_view kind() const override { return "file"; }
  Result<SealingKey> make(Random&) override {
    VITRINE_TRY(auto key, open({}));
    return SealingKey{"file", std::move(key), {}};
  }
  Result<SecretBytes> open(ByteView) override {
    SecretBytes key(32);
    for (Byte& byte : key.reveal_writable()) byte = fill_;
    return key;
  }

 private:
  Byte fill_;
};

inline const governance::Identity& proposer_for_testing() {
  static const governance::Identity identity = governance::identity_for_testing("user0");
  return identity;
}

inline const crypto::PrivateKey& wrapping_key_for_testing() {
  static const crypto::PrivateKey key =
      crypto::PrivateKey::generate(crypto::KeyKind::rsa, 3072).value();
  return key;
}

// A service of development mode whose disk survives it.
class TestService {
 public:
  TestService() {
    genesis_.governance.settings = governance::Settings::dev_defaults();
    const auto& attester = attestation::simulated::test_attester();
    genesis_.governance.settings.snp_roots.push_back(attester.root());
    genesis_.governance.settings.uvm_signers.push_back(attester.uvm_signer());
    const auto& user = proposer_for_testing().certificate;
    genesis_.governance.users.emplace(governance::identity_of(user),
                                      governance::User{user, nullptr});
  }

  governance::State& governance() { return genesis_.governance; }

  void create() {
    const Status made = try_create();
    ASSERT_TRUE(made) << made.error().message;
  }
  Status try_create() {
    const NodeOptions node = options();
    auto made = create_service(parts(), genesis_, node, seal_);
    if (!made) return tl::unexpected<Error>(made.error());
    core_ = *std::move(made);
    return {};
  }
  void stop() { core_.reset(); }
  Status start() {
    store_ = std::make_unique<storage::memory::MemoryStore>(disk_);
    auto started = start_service(parts(), options(), seal_);
    if (!started) return tl::unexpected<Error>(started.error());
    core_ = *std::move(started);
    return {};
  }
  // As start(), and the guard holds.
  Status start_and_take_up() {
    VITRINE_CHECK(start());
    NoRollbackGuard guard;
    return core_->take_up(guard);
  }

  Core& core() { return *core_; }
  TestClock& clock() { return clock_; }
  storage::memory::Disk& disk() { return *disk_; }
  // While the service is stopped.
  void replace_disk(std::shared_ptr<storage::memory::Disk> disk) {
    disk_ = std::move(disk);
    store_ = std::make_unique<storage::memory::MemoryStore>(disk_);
  }
  storage::Store& store() { return *store_; }
  MemoryNodeFiles& files() { return files_; }
  Bytes sealed() const { return files_.secrets().value().value(); }

  // Sets a policy through a signed envelope, as a user would.
  Status propose(std::string_view action, std::string_view args);
  ReleaseRequest release_request(const std::string& kid) const;

 private:
  Core::Parts parts() { return {*store_, files_, confirm_, clock_, random_, observer_}; }
  static NodeOptions options() { return {{{"localhost"}, {"127.0.0.1"}}, "vitrined test", true}; }

  TestClock clock_;
  SystemRandom random_;
  ConfirmAtOnce confirm_;
  MemoryNodeFiles files_;
  Observer observer_;
  FixedSeal seal_;
  Genesis genesis_;
  std::shared_ptr<storage::memory::Disk> disk_ = std::make_shared<storage::memory::Disk>();
  std::unique_ptr<storage::memory::MemoryStore> store_ =
      std::make_unique<storage::memory::MemoryStore>(disk_);
  std::unique_ptr<Core> core_;
};

}  // namespace vitrine::core

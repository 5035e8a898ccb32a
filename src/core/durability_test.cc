// What a node keeps for its next start: the sealed last head, snapshots, repaired tiles; and what
// it answers before it knows that its store is the newest.
#include <thread>

#include "core/accept_proposal.h"
#include "core/last_head.h"
#include "core/recover.h"
#include "core/service_for_testing.h"
#include "core/snapshot.h"
#include "core/state_codec.h"
#include "core/take_up.h"
#include "core/upkeep.h"

namespace vitrine::core {
namespace {

constexpr const char* kPolicy = R"({"type":"add","claims":{"x-ms-ver":["3"]}})";

class Durability : public testing::Test {
 protected:
  void SetUp() override {
    service_.create();
    kid_ = make_key();
    ASSERT_TRUE(service_.propose("set_key_release_policy", kPolicy));
  }
  std::string make_key() {
    const auto rotated = rotate_key(service_.core());
    EXPECT_TRUE(rotated);
    return rotated ? rotated->key->item.kid : "";
  }
  void release() { ASSERT_TRUE(release_key(service_.core(), service_.release_request(kid_))); }
  std::uint64_t size() { return service_.core().view()->state.size; }
  std::uint64_t sealed_size() {
    return claimed_size_of_last_head(*service_.files().last_head().value()).value();
  }
  // Also what a snapshot of the whole ledger says.
  Bytes state() { return encode_state(service_.core().view()->state); }

  TestService service_;
  std::string kid_;
};

TEST_F(Durability, SealsTheLastHeadAtOnceAfterAPolicySoonAfterKeysAndReleasesAndAtStop) {
  EXPECT_EQ(sealed_size(), size()) << "the proposal";
  const auto sealed_soon = [this] {
    for (int i = 0; i < 100 && sealed_size() != size(); ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    return sealed_size() == size();
  };
  release();
  EXPECT_TRUE(sealed_soon());
  make_key();
  EXPECT_TRUE(sealed_soon());
  ASSERT_TRUE(service_.propose("set_key_release_policy", kPolicy));
  EXPECT_EQ(sealed_size(), size());
  release();
  release();
  const std::uint64_t last = size();
  service_.stop();
  EXPECT_EQ(sealed_size(), last);
}

TEST_F(Durability, RefusesAStoreThatDoesNotReachTheLastHead) {
  const auto older = service_.disk().copy();
  make_key();
  service_.stop();
  service_.replace_disk(older);
  const Status refused = service_.start();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::denied);
  EXPECT_EQ(refused.error().message,
            "memory: holds 5 entries, but the last head that this node sealed (last_head.sealed) "
            "says 6");
}

// The older copy went on somewhere else: as many entries, but others.
TEST_F(Durability, RefusesAStoreThatForkedBeforeTheLastHead) {
  const auto older = service_.disk().copy();
  const auto older_head = *service_.files().last_head();
  make_key();
  make_key();
  service_.stop();
  const auto newest_head = *service_.files().last_head();

  service_.replace_disk(older);
  service_.files().set_last_head(older_head);
  ASSERT_TRUE(service_.start_and_take_up());
  make_key();
  make_key();
  service_.stop();
  service_.files().set_last_head(newest_head);
  const Status refused = service_.start();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message,
            "memory, entry 7: the entries up to it are not those of the last head that this node "
            "sealed (last_head.sealed)");
}

TEST_F(Durability, StartsWithAnOlderLastHeadThatTheStoreExtends) {
  const auto older_head = *service_.files().last_head();
  make_key();
  service_.stop();
  service_.files().set_last_head(older_head);
  EXPECT_TRUE(service_.start_and_take_up());
}

TEST_F(Durability, RefusesWhereTheLastHeadIsMissingChangedOrAnothers) {
  service_.stop();
  const Bytes sealed = *service_.files().last_head().value();
  service_.files().set_last_head(std::nullopt);
  EXPECT_EQ(service_.start().error().message,
            "last_head.sealed: is missing, so nothing tells whether the store is the newest");
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    Bytes changed = sealed;
    changed[i] ^= 1;
    service_.files().set_last_head(changed);
    const Status refused = service_.start();
    ASSERT_FALSE(refused) << i;
    EXPECT_EQ(refused.error().message.find("last_head.sealed: "), 0U) << refused.error().message;
  }
  TestService other;
  other.create();
  service_.files().set_last_head(*other.files().last_head());
  EXPECT_EQ(service_.start().error().message,
            "last_head.sealed: sealed last head: is of another service than the sealed secrets'");
  service_.files().set_last_head(sealed);
  EXPECT_TRUE(service_.start());
}

TEST_F(Durability, MakesNoSecondServiceInAFolderWhoseLedgerIsGone) {
  service_.stop();
  service_.replace_disk(std::make_shared<storage::memory::Disk>());
  const auto refused = service_.try_create();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message,
            "genesis: the store is empty, but last_head.sealed says that this folder holds a "
            "service");
}

TEST_F(Durability, AppendsNothingForAsLongAsTheLastHeadCannotBeSealed) {
  service_.files().fail(true);
  release();  // within the second that a release may lag
  Status refused;
  for (int i = 0; i < 100 && refused; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    const auto rotated = rotate_key(service_.core());
    if (!rotated) refused = tl::unexpected<Error>(rotated.error().error);
  }
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::unavailable);
  EXPECT_EQ(refused.error().message,
            "append: the last head can't be sealed: last_head.sealed: the disk is full, as told");
  service_.files().fail(false);
  bool made = false;
  for (int i = 0; i < 100 && !made; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    made = rotate_key(service_.core()).has_value();
  }
  EXPECT_TRUE(made) << "it goes on by itself once the disk takes it";
}

class UnsureGuard final : public RollbackGuard {
 public:
  std::string_view kind() const override { return "unsure"; }
  Status check(const ledger::Roots& newest) override {
    asked = newest;
    if (refuses) return denied("a witness has seen a newer head");
    if (holds) return {};
    return unavailable("no witness has answered yet");
  }
  std::atomic<bool> holds{false};
  bool refuses = false;
  ledger::Roots asked;
};

TEST_F(Durability, AnUnconfirmedNodeAnswersReadsAlone) {
  release();
  const auto before = service_.core().view();
  const auto key = before->state.keys->newest();
  service_.stop();
  ASSERT_TRUE(service_.start());
  Core& core = service_.core();
  UnsureGuard guard;
  const Status not_yet = core.take_up(guard);
  ASSERT_FALSE(not_yet);
  EXPECT_EQ(not_yet.error().code, Code::unavailable);
  EXPECT_EQ(not_yet.error().message, "rollback guard \"unsure\": no witness has answered yet");
  EXPECT_EQ(guard.asked, before->head.root.roots);
  EXPECT_FALSE(core.confirmed());

  EXPECT_EQ(core.view()->state.size, before->state.size) << "not even node_started is appended";
  EXPECT_EQ(core.view()->head.checkpoint, before->head.checkpoint) << "the same statement again";
  EXPECT_TRUE(core.receipt(key->id));
  EXPECT_TRUE(core.key_receipt(*key));
  const std::string why =
      "this node is unconfirmed: it does not know yet that its store is the newest, and answers "
      "reads alone";
  const auto released = release_key(core, service_.release_request(kid_));
  ASSERT_FALSE(released);
  EXPECT_EQ(released.error().error.message, why);
  EXPECT_EQ(released.error().error.code, Code::unavailable);
  EXPECT_EQ(rotate_key(core).error().error.message, why);
  EXPECT_EQ(service_.propose("set_key_release_policy", kPolicy).error().message, why);

  guard.holds = true;
  ASSERT_TRUE(core.take_up(guard));
  EXPECT_TRUE(core.confirmed());
  EXPECT_EQ(core.view()->state.size, before->state.size + 1);
  EXPECT_TRUE(release_key(core, service_.release_request(kid_)));
}

TEST_F(Durability, IsConfirmedByItselfOnceTheGuardHolds) {
  service_.stop();
  ASSERT_TRUE(service_.start());
  UnsureGuard guard;
  const auto taking_up =
      TakeUp::begin(service_.core(), guard, std::chrono::milliseconds(5)).value();
  EXPECT_FALSE(service_.core().confirmed());
  guard.holds = true;
  for (int i = 0; i < 1000 && !service_.core().confirmed(); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  EXPECT_TRUE(service_.core().confirmed());
  make_key();
}

TEST_F(Durability, DoesNotBeginWhereTheGuardKnowsBetter) {
  service_.stop();
  ASSERT_TRUE(service_.start());
  UnsureGuard guard;
  guard.refuses = true;
  const auto refused = TakeUp::begin(service_.core(), guard);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::denied);
  EXPECT_EQ(refused.error().message, "rollback guard \"unsure\": a witness has seen a newer head");
  EXPECT_FALSE(service_.core().confirmed());
}

TEST(RollbackGuards, AreKnownOrRefused) {
  governance::Settings settings;
  EXPECT_EQ((*make_rollback_guard(settings))->kind(), "none");
  settings.rollback_guard = "witnesses";
  const auto unknown = make_rollback_guard(settings);
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().message, "rollback guard \"witnesses\" is not known to this program");
}

TEST_F(Durability, TheStateReadsBackToItself) {
  make_key();
  ASSERT_TRUE(service_.propose(
      "set_key_rotation_policy",
      R"({"key_rotation_policy":{"rotation_interval_seconds":100,"grace_period_seconds":30}})"));
  make_key();
  release();
  const Bytes bytes = state();
  const auto read = decode_state(bytes);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(encode_state(*read), bytes);
  EXPECT_EQ(read->keys->in_order.size(), 3U);
  EXPECT_EQ(read->keys->find(kid_)->id, service_.core().view()->state.keys->find(kid_)->id);
  for (std::size_t cut = 0; cut < bytes.size(); cut += 7)
    EXPECT_FALSE(decode_state(ByteView(bytes).first(cut)));
}

TEST_F(Durability, StartsFromASnapshotToTheSameStateAndReadsOnlyWhatFollows) {
  release();
  ASSERT_TRUE(take_snapshot(service_.core()));
  release();
  const Bytes before = state();
  const auto head = service_.core().view()->head.checkpoint;
  const std::uint64_t from = size() - 2;
  service_.stop();
  ASSERT_TRUE(service_.start());
  EXPECT_EQ(service_.core().folded_from().size, from);
  EXPECT_EQ(state(), before);
  EXPECT_EQ(service_.core().view()->head.checkpoint, head);
  EXPECT_TRUE(service_.core().receipt({2, 1})) << "of an entry before the snapshot";
  NoRollbackGuard guard;
  ASSERT_TRUE(service_.core().take_up(guard));
  release();
  make_key();
}

TEST_F(Durability, IgnoresASnapshotThatIsDamagedForeignOrNamedByNoEntry) {
  ASSERT_TRUE(take_snapshot(service_.core()));
  const std::uint64_t at = *service_.files().snapshots().value().begin();
  const Bytes good = *service_.files().snapshot(at);
  release();
  // One more that no entry names: the process ended in between.
  const auto unnamed =
      seal_snapshot(*service_.core().view(), *service_.core().secrets(), service_.core().random());
  const Bytes before = state();
  service_.stop();
  const auto folded_from = [&]() -> std::uint64_t {
    EXPECT_TRUE(service_.start());
    EXPECT_EQ(state(), before);
    const auto from = service_.core().folded_from().size;
    service_.stop();
    return from;
  };
  EXPECT_EQ(folded_from(), at);
  ASSERT_TRUE(service_.files().put_snapshot(unnamed.entry.size, unnamed.sealed));
  EXPECT_EQ(folded_from(), at) << "the one before it";
  for (std::size_t i = 0; i < good.size(); i += 97) {
    Bytes changed = good;
    changed[i] ^= 0x20;
    ASSERT_TRUE(service_.files().put_snapshot(at, changed));
    EXPECT_EQ(folded_from(), 0U) << i;
  }
  ASSERT_TRUE(service_.files().put_snapshot(at, good));
  EXPECT_EQ(folded_from(), at);
  ASSERT_TRUE(service_.files().put_snapshot(at + 1, good)) << "under another name";
  EXPECT_EQ(folded_from(), at);
}

TEST_F(Durability, ASnapshotDoesNotHideThatTheStoreIsOlder) {
  ASSERT_TRUE(take_snapshot(service_.core()));
  const auto older = service_.disk().copy();
  make_key();
  service_.stop();
  service_.replace_disk(older);
  const Status refused = service_.start();
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("but the last head that this node sealed"),
            std::string::npos);
}

TEST_F(Durability, TakesSnapshotsByItselfAndKeepsTheNewestTwo) {
  Upkeep upkeep(service_.core(), {5, {}});
  for (int i = 0; i < 200 && service_.core().view()->state.size < 40; ++i) {
    release();
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  std::vector<std::uint64_t> sizes;
  for (int i = 0; i < 100 && sizes.size() < 2; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    sizes = *service_.files().snapshots();
  }
  ASSERT_EQ(sizes.size(), 2U);
  EXPECT_GE(sizes[0] - sizes[1], 5U);
}

// Enough entries for a finished tile.
TEST_F(Durability, WritesDamagedTilesAgain) {
  while (size() < 300) release();
  service_.stop();
  service_.disk().damage_tile(1, 0, 0);
  ASSERT_TRUE(service_.start());
  EXPECT_FALSE(service_.core().receipt({2, 1})) << "a receipt through it does not leave";
  NoRollbackGuard guard;
  ASSERT_TRUE(service_.core().take_up(guard));
  EXPECT_TRUE(service_.core().receipt({2, 1}));
}

TEST_F(Durability, ChecksTheEntriesBeforeASnapshotWhileItServes) {
  while (size() < 300) release();
  ASSERT_TRUE(take_snapshot(service_.core()));
  service_.stop();
  service_.disk().damage_tile(0, 0, 0);
  const auto record = service_.store().read_one(100).value();
  const auto serve_until = [&](const auto& seen) {
    ASSERT_TRUE(service_.start_and_take_up());
    ASSERT_NE(service_.core().folded_from().size, 0U);
    Upkeep upkeep(service_.core(), {0, service_.core().folded_from()});
    bool done = false;
    for (int i = 0; i < 200 && !done; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      done = seen();
    }
    EXPECT_TRUE(done);
  };
  serve_until([&] {  // the tile is repaired with some later batch
    EXPECT_TRUE(rotate_key(service_.core()));
    return service_.disk().tile_is_whole(0, 0, 0);
  });
  service_.stop();
  auto changed = record;
  changed.sealed.back() ^= 1;
  service_.disk().overwrite(100, changed);
  serve_until([&] {
    const auto rotated = rotate_key(service_.core());
    if (rotated) return false;
    EXPECT_EQ(rotated.error().error.message,
              "append: memory, entry 101: its sealed part is not the one it commits to");
    return true;
  });
}

}  // namespace
}  // namespace vitrine::core

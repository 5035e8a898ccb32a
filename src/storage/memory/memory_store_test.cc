#include "storage/memory/memory_store.h"

#include <gtest/gtest.h>

#include "storage/conformance.h"

namespace vitrine::storage {

namespace {

class MemoryBench final : public Bench {
 public:
  Result<std::unique_ptr<Store>> open() override {
    return std::make_unique<memory::MemoryStore>(disk_);
  }

 private:
  std::shared_ptr<memory::Disk> disk_ = std::make_shared<memory::Disk>();
};

std::unique_ptr<Bench> make_memory_bench() { return std::make_unique<MemoryBench>(); }

Batch one(std::uint64_t size_before) {
  Batch batch;
  batch.size_before = size_before;
  batch.records.push_back({to_bytes("leaf"), {}, {}});
  return batch;
}

}  // namespace

INSTANTIATE_TEST_SUITE_P(Memory, StoreConformance, ::testing::Values(&make_memory_bench));

namespace memory {

TEST(MemoryStore, LosesAHeadThatNothingFollowed) {
  MemoryStore store;
  ASSERT_TRUE(store.append(one(0)));
  ASSERT_TRUE(store.put_head({1, to_bytes("one")}));
  ASSERT_TRUE(store.append(one(1)));
  ASSERT_TRUE(store.put_head({2, to_bytes("two")}));
  store.disk().lose_unsynced();
  EXPECT_EQ((*store.head())->size, 1U);
  EXPECT_EQ(store.size(), 2U);
}

TEST(MemoryStore, KeepsASyncedHead) {
  MemoryStore store;
  ASSERT_TRUE(store.put_head({1, to_bytes("one")}));
  ASSERT_TRUE(store.sync());
  store.disk().lose_unsynced();
  EXPECT_EQ((*store.head())->size, 1U);
}

TEST(MemoryStore, FailsAppendsAsToldAndWritesNothing) {
  MemoryStore store;
  store.disk().fail_appends(2);
  EXPECT_EQ(store.append(one(0)).error().code, Code::unavailable);
  EXPECT_EQ(store.append(one(0)).error().message,
            "memory: append failed as told; nothing was written");
  EXPECT_EQ(store.size(), 0U);
  EXPECT_TRUE(store.append(one(0)));
}

TEST(MemoryStore, LosesAnAnswerAsTold) {
  MemoryStore store;
  store.disk().lose_answer_of_next_append();
  EXPECT_EQ(store.append(one(0)).error().code, Code::unavailable);
  EXPECT_EQ(store.size(), 1U);
  EXPECT_EQ(store.append(one(0)).error().code, Code::conflict);
}

TEST(MemoryStore, IsDamagedAsTold) {
  MemoryStore store;
  ASSERT_TRUE(store.append(one(0)));
  store.disk().overwrite(0, {to_bytes("other"), {}, {}});
  EXPECT_EQ(as_text(store.read_one(0)->leaf), "other");
}

}  // namespace memory
}  // namespace vitrine::storage

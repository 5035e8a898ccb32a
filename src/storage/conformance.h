// What every engine must do (store.h), as tests that each engine's test program instantiates:
//
//   INSTANTIATE_TEST_SUITE_P(Memory, StoreConformance, ::testing::Values(&make_memory_bench));
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "storage/store.h"

namespace vitrine::storage {

// A place where stores are opened one after the other, as after restarts.
class Bench {
 public:
  virtual ~Bench() = default;
  virtual Result<std::unique_ptr<Store>> open() = 0;
};

using MakeBench = std::unique_ptr<Bench> (*)();

class StoreConformance : public ::testing::TestWithParam<MakeBench> {
 protected:
  void SetUp() override {
    bench_ = GetParam()();
    reopen();
  }
  void reopen() {
    store_.reset();
    auto opened = bench_->open();
    ASSERT_TRUE(opened) << opened.error().message;
    store_ = *std::move(opened);
  }
  static Record record(std::uint64_t index) {
    Record made{to_bytes("leaf " + std::to_string(index)), {}, {}};
    if (index % 2 == 0) made.sealed = to_bytes("sealed " + std::to_string(index));
    if (index % 3 == 0) made.blob = to_bytes("blob " + std::to_string(index));
    return made;
  }
  static Batch batch(std::uint64_t size_before, std::uint64_t count) {
    Batch made;
    made.size_before = size_before;
    for (std::uint64_t i = 0; i < count; ++i) made.records.push_back(record(size_before + i));
    made.tag = to_bytes("tag " + std::to_string(size_before));
    return made;
  }
  void append(std::uint64_t size_before, std::uint64_t count) {
    const auto appended = store_->append(batch(size_before, count));
    ASSERT_TRUE(appended) << appended.error().message;
  }
  std::vector<std::uint64_t> indices(std::uint64_t first, std::uint64_t count) const {
    std::vector<std::uint64_t> seen;
    const auto read = store_->read(first, count, [&](std::uint64_t index, Record found) -> Status {
      EXPECT_EQ(found.leaf, record(index).leaf);
      EXPECT_EQ(found.sealed, record(index).sealed);
      EXPECT_EQ(found.blob, record(index).blob);
      seen.push_back(index);
      return {};
    });
    EXPECT_TRUE(read);
    return seen;
  }
  std::vector<std::uint64_t> tag_starts(std::uint64_t first, std::uint64_t count = 100) const {
    std::vector<std::uint64_t> seen;
    const auto read = store_->read_tags(first, count, [&](const BatchTag& tag) -> Status {
      EXPECT_EQ(as_text(tag.tag), "tag " + std::to_string(tag.size_before));
      EXPECT_GT(tag.size_after, tag.size_before);
      seen.push_back(tag.size_before);
      return {};
    });
    EXPECT_TRUE(read);
    return seen;
  }

  std::unique_ptr<Bench> bench_;
  std::unique_ptr<Store> store_;
};

TEST_P(StoreConformance, BeginsEmpty) {
  EXPECT_EQ(store_->size(), 0U);
  EXPECT_TRUE(indices(0, 10).empty());
  EXPECT_TRUE(tag_starts(0).empty());
  EXPECT_FALSE((*store_->head()).has_value());
  EXPECT_EQ(store_->read_one(0).error().code, Code::not_found);
  EXPECT_EQ(store_->tile(0, 0, 0).error().code, Code::not_found);
  EXPECT_FALSE(store_->describe().empty());
}

TEST_P(StoreConformance, GivesBackWhatWasAppendedInOrder) {
  append(0, 3);
  append(3, 1);
  EXPECT_EQ(store_->size(), 4U);
  EXPECT_EQ(indices(0, 10), (std::vector<std::uint64_t>{0, 1, 2, 3}));
  EXPECT_EQ(indices(1, 2), (std::vector<std::uint64_t>{1, 2}));
  EXPECT_TRUE(indices(4, 1).empty());
  EXPECT_TRUE(indices(0, 0).empty());
  EXPECT_EQ(store_->read_one(3)->leaf, record(3).leaf);
}

TEST_P(StoreConformance, KeepsEverythingAcrossARestart) {
  auto first = batch(0, 2);
  first.tiles.push_back({1, 2, 3, Bytes(8192, 7)});
  ASSERT_TRUE(store_->append(first));
  ASSERT_TRUE(store_->put_head({2, to_bytes("a head")}));
  ASSERT_TRUE(store_->sync());
  reopen();
  EXPECT_EQ(store_->size(), 2U);
  EXPECT_EQ(indices(0, 2).size(), 2U);
  EXPECT_EQ(tag_starts(0), (std::vector<std::uint64_t>{0}));
  EXPECT_EQ(store_->tile(1, 2, 3), Bytes(8192, 7));
  const auto head = *store_->head();
  ASSERT_TRUE(head.has_value());
  EXPECT_EQ(head->size, 2U);
  EXPECT_EQ(as_text(head->head), "a head");
  append(2, 1);
  EXPECT_EQ(store_->size(), 3U);
}

TEST_P(StoreConformance, RefusesABatchThatStandsElsewhere) {
  append(0, 2);
  for (const std::uint64_t elsewhere : {0U, 1U, 3U}) {
    auto misplaced = batch(elsewhere, 1);
    misplaced.tiles.push_back({0, 0, 9, Bytes(8192, 1)});
    const auto refused = store_->append(misplaced);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code::conflict);
    EXPECT_NE(refused.error().message.find("append after " + std::to_string(elsewhere) +
                                           " entries, the store holds 2"),
              std::string::npos)
        << refused.error().message;
  }
  EXPECT_EQ(store_->size(), 2U);
  EXPECT_EQ(store_->tile(0, 0, 9).error().code, Code::not_found);
  EXPECT_EQ(tag_starts(0).size(), 1U);
  append(2, 1);
}

TEST_P(StoreConformance, RefusesWhatIsNoBatch) {
  EXPECT_EQ(store_->append(batch(0, 0)).error().message, "append: a batch without entries");
  auto without_leaf = batch(0, 2);
  without_leaf.records[1].leaf.clear();
  EXPECT_EQ(store_->append(without_leaf).error().message, "append: an entry without leaf");
  auto tile_beyond = batch(0, 1);
  tile_beyond.tiles.push_back({0, 0, ~std::uint64_t{0}, Bytes(8192, 1)});
  EXPECT_EQ(store_->append(tile_beyond).error().code, Code::malformed);
  EXPECT_EQ(store_->append(batch(~std::uint64_t{0}, 1)).error().code, Code::malformed);
  EXPECT_EQ(store_->size(), 0U);
}

TEST_P(StoreConformance, ReadsTagsFromTheBatchThatHoldsAnEntry) {
  append(0, 2);
  append(2, 3);
  append(5, 1);
  EXPECT_EQ(tag_starts(0), (std::vector<std::uint64_t>{0, 2, 5}));
  EXPECT_EQ(tag_starts(1), (std::vector<std::uint64_t>{0, 2, 5}));
  EXPECT_EQ(tag_starts(2), (std::vector<std::uint64_t>{2, 5}));
  EXPECT_EQ(tag_starts(4), (std::vector<std::uint64_t>{2, 5}));
  EXPECT_EQ(tag_starts(5), (std::vector<std::uint64_t>{5}));
  EXPECT_TRUE(tag_starts(6).empty());
  EXPECT_EQ(tag_starts(1, 2), (std::vector<std::uint64_t>{0, 2}));
  EXPECT_TRUE(tag_starts(0, 0).empty());
  EXPECT_EQ(tag_starts(0, ~std::uint64_t{0}).size(), 3U);
}

TEST_P(StoreConformance, StopsAtTheCallersError) {
  append(0, 3);
  unsigned calls = 0;
  const auto stopped = store_->read(0, 3, [&](std::uint64_t, const Record&) -> Status {
    return ++calls == 2 ? Status(denied("enough")) : Status();
  });
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().message, "enough");
  EXPECT_EQ(calls, 2U);
  const auto tags = store_->read_tags(0, 9, [](const BatchTag&) -> Status { return denied("no"); });
  EXPECT_EQ(tags.error().message, "no");
  EXPECT_EQ(indices(0, 3).size(), 3U);
}

TEST_P(StoreConformance, LetsACallbackUseTheStore) {
  append(0, 2);
  const auto nested = store_->read(0, 1, [&](std::uint64_t, const Record&) -> Status {
    VITRINE_CHECK(store_->append(batch(2, 1)));
    return store_->read_one(1).map([](const Record&) {});
  });
  EXPECT_TRUE(nested);
  EXPECT_EQ(store_->size(), 3U);
}

TEST_P(StoreConformance, ReplacesTheHead) {
  ASSERT_TRUE(store_->put_head({1, to_bytes("one")}));
  ASSERT_TRUE(store_->put_head({2, to_bytes("two")}));
  const auto head = *store_->head();
  ASSERT_TRUE(head.has_value());
  EXPECT_EQ(head->size, 2U);
  EXPECT_EQ(as_text(head->head), "two");
}

TEST_P(StoreConformance, KeepsAHeadThatAnAppendFollowed) {
  append(0, 1);
  ASSERT_TRUE(store_->put_head({1, to_bytes("one")}));
  append(1, 1);
  reopen();
  EXPECT_EQ((*store_->head())->size, 1U);
}

TEST_P(StoreConformance, TakesAHeadAlongWithABatchOrNeither) {
  append(0, 1);
  auto second = batch(1, 1);
  second.head = Head{1, to_bytes("one")};
  ASSERT_TRUE(store_->append(second));
  reopen();
  EXPECT_EQ((*store_->head())->size, 1U);
  EXPECT_EQ(as_text((*store_->head())->head), "one");
  auto misplaced = batch(9, 1);
  misplaced.head = Head{2, to_bytes("two")};
  ASSERT_FALSE(store_->append(misplaced));
  EXPECT_EQ((*store_->head())->size, 1U);
}

TEST_P(StoreConformance, WritesATileAgain) {
  auto first = batch(0, 1);
  first.tiles.push_back({0, 0, 0, Bytes(8192, 1)});
  ASSERT_TRUE(store_->append(first));
  auto second = batch(1, 1);
  second.tiles.push_back({0, 0, 0, Bytes(8192, 2)});
  ASSERT_TRUE(store_->append(second));
  EXPECT_EQ(store_->tile(0, 0, 0), Bytes(8192, 2));
  EXPECT_EQ(store_->tile(1, 0, 0).error().code, Code::not_found);
  EXPECT_EQ(store_->tile(0, 1, 0).error().code, Code::not_found);
  EXPECT_EQ(store_->tile(0, 0, ~std::uint64_t{0}).error().code, Code::not_found);
}

TEST_P(StoreConformance, KeepsLargePartsAndAnEmptyTag) {
  Batch large;
  large.records.push_back({Bytes(32'768, 1), Bytes(65'536, 2), Bytes(1'048'576, 3)});
  ASSERT_TRUE(store_->append(large));
  const auto read = store_->read_one(0);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->leaf, large.records[0].leaf);
  EXPECT_EQ(read->sealed, large.records[0].sealed);
  EXPECT_EQ(read->blob, large.records[0].blob);
  unsigned tags = 0;
  ASSERT_TRUE(store_->read_tags(0, 9, [&](const BatchTag& tag) -> Status {
    EXPECT_TRUE(tag.tag.empty());
    ++tags;
    return {};
  }));
  EXPECT_EQ(tags, 1U);
}

TEST_P(StoreConformance, ReadsMoreThanOneChunk) {
  append(0, 1000);
  EXPECT_EQ(indices(0, 1000).size(), 1000U);
  EXPECT_EQ(indices(10, 512).size(), 512U);
  EXPECT_EQ(indices(999, ~std::uint64_t{0}).size(), 1U);
  EXPECT_TRUE(indices(~std::uint64_t{0}, 1).empty());
}

TEST_P(StoreConformance, ReadersSeeWholeBatchesWhileOneWrites) {
  constexpr std::uint64_t kBatches = 50;
  constexpr std::uint64_t kPerBatch = 4;
  std::vector<std::thread> readers;
  std::vector<std::string> wrong(2);
  for (auto& problem : wrong) {
    readers.emplace_back([this, &problem] {
      std::uint64_t seen = 0;
      while (seen < kBatches * kPerBatch && problem.empty()) {
        const auto size = store_->size();
        if (!size) problem = size.error().message;
        if (!size || *size % kPerBatch != 0 || *size < seen) {
          problem += " size";
          return;
        }
        seen = *size;
        if (seen > 0 && store_->read_one(seen - 1)->leaf != record(seen - 1).leaf) {
          problem = "another leaf";
        }
      }
    });
  }
  for (std::uint64_t i = 0; i < kBatches; ++i) append(i * kPerBatch, kPerBatch);
  for (auto& reader : readers) reader.join();
  EXPECT_EQ(wrong, (std::vector<std::string>(2)));
}

}  // namespace vitrine::storage

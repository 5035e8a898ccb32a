#include "ledger/tile.h"

#include <gtest/gtest.h>

namespace vitrine::ledger {

TEST(TilePath, SpellsTheIndexInGroupsOfThree) {
  EXPECT_EQ(to_text({false, 0, 5, 256}), "tile/0/005");
  EXPECT_EQ(to_text({false, 2, 1'234'067, 8}), "tile/2/x001/x234/067.p/8");
  EXPECT_EQ(to_text({true, 0, 1000, 255}), "tile/entries/x001/000.p/255");
  EXPECT_EQ(*tile_path_from("tile/2/x001/x234/067.p/8"), (TilePath{false, 2, 1'234'067, 8}));
  EXPECT_EQ(*tile_path_from("tile/entries/000"), (TilePath{true, 0, 0, 256}));
  EXPECT_EQ(tile_path_from("tile/0/x018/x446/x744/x073/x709/x551/615")->index, ~std::uint64_t{0});
}

TEST(TilePath, RefusesEveryOtherSpelling) {
  for (const char* text : {"",
                           "tile",
                           "tile/0",
                           "tile/0/",
                           "tile/0/5",
                           "tile/0/0005",
                           "tile/00/005",
                           "tile/64/005",
                           "tile/0/x005",
                           "tile/0/x000/005",
                           "tile/0/001/005",
                           "tile/0/005.p/0",
                           "tile/0/005.p/256",
                           "tile/0/005.p/08",
                           "tile/0/005.p",
                           "tile/0/005.p/8/9",
                           "tile/data/005",
                           "Tile/0/005",
                           "tile/0/x018/x446/x744/x073/x709/x551/616",
                           "tile/0/005/",
                           "/tile/0/005",
                           "tile/0/+05"}) {
    const auto refused = tile_path_from(text);
    ASSERT_FALSE(refused) << text;
    EXPECT_EQ(refused.error().message,
              "tile path: not tile/<level>/<index> or tile/entries/<index>");
  }
}

TEST(Bundle, PutsALengthBeforeEachEntry) {
  Bytes bundle;
  append_to_bundle(bundle, {});
  append_to_bundle(bundle, Bytes(258, 7));
  ASSERT_EQ(bundle.size(), 2U + 2 + 258);
  EXPECT_TRUE(same(ByteView(bundle).first(5), Bytes{0, 0, 1, 2, 7}));
}

TEST(Bundle, ReadsBackExactlyItsEntries) {
  Bytes bundle;
  append_to_bundle(bundle, {});
  append_to_bundle(bundle, Bytes(258, 7));
  const auto entries = entries_in_bundle(bundle, 2);
  ASSERT_TRUE(entries);
  ASSERT_EQ(entries->size(), 2U);
  EXPECT_TRUE((*entries)[0].empty());
  EXPECT_TRUE(same((*entries)[1], Bytes(258, 7)));

  const auto why = [](ByteView bytes, std::uint64_t width) {
    const auto read = entries_in_bundle(bytes, width);
    return read ? std::string() : read.error().message;
  };
  EXPECT_EQ(why(bundle, 1), "entry bundle: more than 1 entries");
  EXPECT_EQ(why(bundle, 3), "entry bundle: 2 entries, not 3");
  EXPECT_EQ(why(ByteView(bundle).first(bundle.size() - 1), 2),
            "entry bundle: ends within an entry");
  EXPECT_EQ(why(ByteView(bundle).first(3), 2), "entry bundle: ends within a length");
}

}  // namespace vitrine::ledger

#include "net/admission.h"

#include <gtest/gtest.h>

namespace vitrine::net {
namespace {

using Verdict = Admission::Verdict;

AddressKey v6(unsigned char seventh, unsigned char last) {
  return key_of_ipv6({0x20, 1, 0xd, 0xb8, 0, 0, 0, seventh, 0, 0, 0, 0, 0, 0, 0, last});
}

TEST(Admission, CountsInAllAndByAddress) {
  Admission admission(3, 2);
  const auto one = key_of_ipv4({127, 0, 0, 1});
  const auto other = key_of_ipv4({127, 0, 0, 2});
  EXPECT_EQ(admission.try_add(one), Verdict::admitted);
  EXPECT_EQ(admission.try_add(one), Verdict::admitted);
  EXPECT_EQ(admission.try_add(one), Verdict::address_full);
  EXPECT_EQ(admission.try_add(other), Verdict::admitted);
  EXPECT_EQ(admission.try_add(other), Verdict::all_full);
  admission.remove(one);
  EXPECT_EQ(admission.try_add(one), Verdict::admitted);
  EXPECT_EQ(admission.count(), 3U);
}

TEST(Admission, CountsIpv6ByThe64AndMappedIpv4ByAddress) {
  EXPECT_EQ(v6(1, 1), v6(1, 2));
  EXPECT_NE(v6(1, 1), v6(2, 1));
  EXPECT_EQ(key_of_ipv6({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, 0, 1}),
            key_of_ipv4({10, 0, 0, 1}));
  EXPECT_NE(key_of_ipv4({10, 0, 0, 1}), key_of_ipv4({10, 0, 0, 2}));
  EXPECT_NE(key_of_ipv4({0, 0, 0, 0}), key_of_ipv6({}));
}

TEST(Admission, NewBoundsCountForThoseWhoCome) {
  Admission admission(3, 3);
  const auto key = key_of_ipv4({127, 0, 0, 1});
  for (int i = 0; i < 3; ++i) EXPECT_EQ(admission.try_add(key), Verdict::admitted);
  admission.set_bounds(5, 2);
  EXPECT_EQ(admission.try_add(key), Verdict::address_full);
  admission.remove(key);
  EXPECT_EQ(admission.try_add(key), Verdict::address_full);
  admission.remove(key);
  EXPECT_EQ(admission.try_add(key), Verdict::admitted);
}

}  // namespace
}  // namespace vitrine::net

#include "net/resolve.h"

#include <gtest/gtest.h>

#include <future>

namespace vitrine::net {
namespace {

constexpr std::chrono::hours kLong{1};

FoundAddresses loopback() {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICHOST;
  addrinfo* list = nullptr;
  const int failed = ::getaddrinfo("127.0.0.1", "1", &hints, &list);
  return {failed, AddressList(list)};
}

// The answer of a name server, which comes when the test says, or never.
struct SlowAnswer {
  std::promise<void> come;
  std::shared_future<void> came{come.get_future()};
};

// It asked for localhost once, whose answer may come before anybody looks at the patience.
TEST(Resolve, WaitsForANameNoLongerThanItsPatience) {
  SlowAnswer slow;
  const NameLookUp look_up = [came = slow.came](const std::string&, const std::string&) {
    came.wait();
    return loopback();
  };
  const std::atomic<bool> stopped{true};
  const Patience none(std::chrono::steady_clock::now() + kLong, &stopped);
  const auto given_up = resolve_by_for_testing(look_up, {"kms.example", "1", ""}, none);
  ASSERT_FALSE(given_up);
  EXPECT_EQ(given_up.error().code, Code::unavailable);
  EXPECT_EQ(given_up.error().message,
            "connect to kms.example:1: look up the name: given up: this process stops");
  const auto late =
      resolve_by_for_testing(look_up, {"kms.example", "1", ""}, std::chrono::steady_clock::now());
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().message, "connect to kms.example:1: look up the name: timed out");
  slow.come.set_value();  // lets the threads left behind end
}

TEST(Resolve, TakesAnAnswerThatComesInTime) {
  const Patience patience(std::chrono::steady_clock::now() + kLong);
  const auto found = resolve_by_for_testing(
      [](const std::string& host, const std::string& port) {
        EXPECT_EQ(host, "kms.example");
        EXPECT_EQ(port, "8000");
        return loopback();
      },
      {"kms.example", "8000", ""}, patience);
  ASSERT_TRUE(found) << found.error().message;
  ASSERT_NE(found->get(), nullptr);
  const auto missing = resolve_by_for_testing(
      [](const std::string&, const std::string&) {
        return FoundAddresses{EAI_NONAME, {}};
      },
      {"kms.example", "8000", ""}, patience);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().message,
            "connect to kms.example:8000: " + std::string(::gai_strerror(EAI_NONAME)));
}

TEST(Resolve, TakesDigitsWithoutALookUp) {
  const Patience over(std::chrono::steady_clock::now());
  const auto found = resolve_by_for_testing(
      [](const std::string&, const std::string&) {
        ADD_FAILURE() << "looked up";
        return FoundAddresses{EAI_FAIL, {}};
      },
      {"::1", "8000", ""}, over);
  EXPECT_TRUE(found);
}

}  // namespace
}  // namespace vitrine::net

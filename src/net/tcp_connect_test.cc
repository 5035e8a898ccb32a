#include "net/tcp_connect.h"

#include <gtest/gtest.h>

namespace vitrine::net {
namespace {

TEST(HttpsUrl, SplitsHostAndPort) {
  const auto named = parse_https_url("https://kms.example:8000");
  ASSERT_TRUE(named);
  EXPECT_EQ(named->host, "kms.example");
  EXPECT_EQ(named->port, "8000");
  EXPECT_EQ(named->text, "kms.example:8000");
  const auto bare = parse_https_url("https://127.0.0.1/");
  ASSERT_TRUE(bare);
  EXPECT_EQ(bare->port, "443");
  EXPECT_EQ(bare->text, "127.0.0.1");
  const auto six = parse_https_url("https://[::1]:8000");
  ASSERT_TRUE(six);
  EXPECT_EQ(six->host, "::1");
  EXPECT_EQ(six->text, "[::1]:8000");
}

TEST(HttpsUrl, RefusesAnythingElse) {
  for (const char* url :
       {"", "https://", "http://a", "HTTPS://a", "a:8000", "https://a/b", "https://a?b",
        "https://u@a", "https://a:", "https://a:0", "https://a:08", "https://a:65536",
        "https://a:1x", "https://[::1", "https://[a.b]", "https://[::1]8", "https://a b"}) {
    const auto parsed = parse_https_url(url);
    ASSERT_FALSE(parsed) << url;
    EXPECT_EQ(parsed.error().message,
              "server URL '" + std::string(url) + "': not https://host or https://host:port");
  }
}

TEST(ConnectTcp, SaysWhyItCannot) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(5);
  const auto refused = connect_tcp({"127.0.0.1", "1", ""}, deadline);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::unavailable);
  EXPECT_EQ(refused.error().message, "connect to 127.0.0.1:1: Connection refused");
  const auto unknown = connect_tcp({"no-such-host.invalid", "1", ""}, deadline);
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().message.rfind("connect to no-such-host.invalid:1: ", 0), 0u);
}

}  // namespace
}  // namespace vitrine::net

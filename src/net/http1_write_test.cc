#include "net/http1_write.h"

#include <gtest/gtest.h>

namespace vitrine::net::http1 {
namespace {

std::string written(const Response& response, bool with_body = true,
                    ConnectionOption connection = ConnectionOption::silent) {
  std::string out;
  append_response(out, response, with_body, connection);
  return out;
}

TEST(AppendResponse, AlwaysHasAContentLength) {
  EXPECT_EQ(written({200, {{"x-a", "b"}}, "ab"}),
            "HTTP/1.1 200 OK\r\nx-a: b\r\ncontent-length: 2\r\n\r\nab");
  EXPECT_EQ(written({204, {}, ""}), "HTTP/1.1 204 No Content\r\ncontent-length: 0\r\n\r\n");
  EXPECT_EQ(written({299, {}, ""}), "HTTP/1.1 299 Status\r\ncontent-length: 0\r\n\r\n");
}

TEST(AppendResponse, KeepsTheLengthButNotTheBodyForHead) {
  EXPECT_EQ(written({200, {}, "abc"}, false), "HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n");
}

TEST(AppendResponse, SaysWhatBecomesOfTheConnection) {
  EXPECT_EQ(written({200, {}, ""}, true, ConnectionOption::close),
            "HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
  EXPECT_EQ(written({200, {}, ""}, true, ConnectionOption::keep_alive),
            "HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: keep-alive\r\n\r\n");
}

TEST(AppendResponse, LetsNoHeaderBecomeAnother) {
  EXPECT_EQ(written({200, {{"x", "a\r\ny: b"}, {"y:\r\n", "c"}, {"", "d"}}, ""}),
            "HTTP/1.1 200 OK\r\nx: a??y: b\r\ncontent-length: 0\r\n\r\n");
}

TEST(AppendResponse, DecidesTheFramingAlone) {
  EXPECT_EQ(
      written({200,
               {{"Content-Length", "9"}, {"transfer-encoding", "chunked"}, {"connection", "close"}},
               "a"}),
      "HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\na");
}

TEST(AppendRequest, WritesHostAndLength) {
  std::string out;
  ASSERT_TRUE(append_request(out, {"POST", "/key", {{"x", "y"}}, "ab", "", {}}, "kms:8000"));
  EXPECT_EQ(out, "POST /key HTTP/1.1\r\nhost: kms:8000\r\nx: y\r\ncontent-length: 2\r\n\r\nab");
  out.clear();
  ASSERT_TRUE(append_request(out, {"POST", "/key", {}, "", "", {}}, "kms"));
  EXPECT_EQ(out, "POST /key HTTP/1.1\r\nhost: kms\r\ncontent-length: 0\r\n\r\n");
  out.clear();
  ASSERT_TRUE(append_request(out, {"GET", "/", {{"Host", "other"}}, "", "", {}}, "kms"));
  EXPECT_EQ(out, "GET / HTTP/1.1\r\nHost: other\r\n\r\n");
}

TEST(AppendRequest, RefusesWhatHttpCannotCarry) {
  std::string out;
  EXPECT_EQ(append_request(out, {"G T", "/", {}, "", "", {}}, "kms").error().message,
            "request: the method is not a token");
  for (const char* target : {"", "key", "/a b", "/a\r\nx: y", "/\xc3\xa9"}) {
    EXPECT_EQ(append_request(out, {"GET", target, {}, "", "", {}}, "kms").error().message,
              "request: the target is not a path whose other characters are encoded");
  }
  const Headers bad[] = {{{"x", "a\r\ny: b"}}, {{"x y", "a"}}, {{"x:", "a"}}};
  for (const auto& headers : bad) {
    EXPECT_EQ(append_request(out, {"GET", "/", headers, "", "", {}}, "kms").error().message,
              "request: a header has a character that HTTP can't carry");
  }
}

}  // namespace
}  // namespace vitrine::net::http1

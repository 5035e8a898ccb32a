#include "net/http1_response.h"

#include <gtest/gtest.h>

namespace vitrine::net::http1 {
namespace {

constexpr std::size_t kBody = 100;

Response response_of(const std::string& text, bool to_head = false) {
  ResponseReader reader(to_head, kBody);
  const auto taken = reader.put(text);
  EXPECT_TRUE(taken) << taken.error().message;
  EXPECT_TRUE(reader.complete());
  return reader.take();
}

std::string refusal_of(const std::string& text) {
  ResponseReader reader(false, kBody);
  const auto taken = reader.put(text);
  return taken ? "accepted" : taken.error().message;
}

TEST(ResponseReader, ReadsStatusHeadersAndBody) {
  const auto response =
      response_of("HTTP/1.1 404 Not Found\r\nX-A: b\r\nContent-Length: 2\r\n\r\nab");
  EXPECT_EQ(response.status, 404);
  const Headers expected = {{"x-a", "b"}, {"content-length", "2"}};
  EXPECT_EQ(response.headers, expected);
  EXPECT_EQ(response.body, "ab");
  EXPECT_EQ(response_of("HTTP/1.1 200\r\ncontent-length: 0\r\n\r\n").status, 200);
}

TEST(ResponseReader, ReadsChunks) {
  EXPECT_EQ(
      response_of("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n").body,
      "ab");
}

TEST(ResponseReader, SkipsInterimAnswers) {
  const std::string interim = "HTTP/1.1 100 Continue\r\n\r\n";
  const std::string last = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
  EXPECT_EQ(response_of(interim + interim + last).status, 200);
  std::string many;
  for (int i = 0; i < 9; ++i) many += interim;
  EXPECT_EQ(refusal_of(many + last), "Too many interim answers.");
  EXPECT_EQ(refusal_of("HTTP/1.1 101 Switching\r\n\r\n"),
            "The answer switches to another protocol.");
}

TEST(ResponseReader, ReadsUntilTheConnectionClosesWhereNoLengthIsGiven) {
  ResponseReader reader(false, kBody);
  ASSERT_TRUE(reader.put("HTTP/1.0 200 OK\r\n\r\nabc"));
  EXPECT_FALSE(reader.complete());
  EXPECT_TRUE(reader.end());
  EXPECT_TRUE(reader.complete());
  EXPECT_FALSE(reader.keep_alive());
  EXPECT_EQ(reader.take().body, "abc");
}

TEST(ResponseReader, RefusesAnAnswerCutOff) {
  for (const char* text : {"HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nab",
                           "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab\r\n"}) {
    ResponseReader reader(false, kBody);
    ASSERT_TRUE(reader.put(text));
    const auto ended = reader.end();
    ASSERT_FALSE(ended) << text;
    EXPECT_EQ(ended.error().message, "The connection closed in the middle of the answer.");
  }
}

TEST(ResponseReader, ExpectsNoBodyWhereThereIsNone) {
  EXPECT_EQ(response_of("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n", true).body, "");
  EXPECT_EQ(response_of("HTTP/1.1 204 No Content\r\ncontent-length: 0\r\n\r\n").status, 204);
  EXPECT_EQ(response_of("HTTP/1.1 204 No Content\r\n\r\n").status, 204);
  EXPECT_EQ(response_of("HTTP/1.1 304 Not Modified\r\ncontent-length: 9\r\n\r\n").status, 304);
}

TEST(ResponseReader, DecidesWhetherTheConnectionStays) {
  const auto kept = [](const std::string& text) {
    ResponseReader reader(false, kBody);
    EXPECT_TRUE(reader.put(text));
    return reader.keep_alive();
  };
  EXPECT_TRUE(kept("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"));
  EXPECT_FALSE(kept("HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"));
  EXPECT_FALSE(kept("HTTP/1.0 200 OK\r\ncontent-length: 0\r\n\r\n"));
  EXPECT_TRUE(kept("HTTP/1.0 200 OK\r\ncontent-length: 0\r\nconnection: keep-alive\r\n\r\n"));
}

TEST(ResponseReader, RefusesMalformedStatusLines) {
  for (const char* line :
       {"HTTP/1.1 20 OK", "HTTP/1.1 2000 OK", "HTTP/1.1 abc OK", "HTTP/1.1 099 OK",
        "HTTP/1.1 600 OK", "HTTP/1.1", "HTTP/1.1  200", "HTTP/1.1 200 \x01"}) {
    EXPECT_EQ(refusal_of(std::string(line) + "\r\n\r\n"),
              "The status line of the answer has no status.")
        << line;
  }
  for (const char* line : {"SSH-2.0-x", "HTTP/2 200 OK", "HTTP/2.0 200 OK", "200 OK"}) {
    EXPECT_EQ(refusal_of(std::string(line) + "\r\n\r\n"),
              "The answer does not begin with HTTP/1.0 or HTTP/1.1.")
        << line;
  }
}

TEST(ResponseReader, IsBounded) {
  EXPECT_EQ(refusal_of("HTTP/1.1 200 OK\r\ncontent-length: 101\r\n\r\n"),
            "The body is over 100 bytes.");
  EXPECT_EQ(refusal_of("HTTP/1.1 200 OK\r\n\r\n" + std::string(101, 'a')),
            "The body is over 100 bytes.");
  EXPECT_EQ(refusal_of("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n65\r\n"),
            "The body is over 100 bytes.");
  EXPECT_EQ(refusal_of(std::string(65'537, 'a')), "The header is over 65536 bytes.");
}

}  // namespace
}  // namespace vitrine::net::http1

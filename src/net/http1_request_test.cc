#include "net/http1_request.h"

#include <gtest/gtest.h>

#include <string>

namespace vitrine::net::http1 {
namespace {

using namespace std::string_literals;

constexpr std::size_t kHeader = 16'384;
constexpr std::size_t kBody = 1'000;

// The fault of a request given whole; status 0 when it is accepted and complete.
Fault fault_of(const std::string& text) {
  RequestReader reader(kHeader, kBody);
  const auto taken = reader.put(text);
  if (!taken) return taken.error();
  EXPECT_TRUE(reader.complete()) << text;
  return {0, "", ""};
}

Request request_of(const std::string& text) {
  RequestReader reader(kHeader, kBody);
  const auto taken = reader.put(text);
  EXPECT_TRUE(taken) << taken.error().message;
  EXPECT_EQ(*taken, text.size());
  EXPECT_TRUE(reader.complete());
  return reader.take();
}

std::string head(const std::string& lines) {
  return "POST /key HTTP/1.1\r\nhost: a\r\n" + lines + "\r\n";
}

TEST(RequestReader, ReadsMethodTargetHeadersAndBody) {
  const auto request = request_of(
      "POST /app/key?fmt=tink HTTP/1.1\r\nHost: kms\r\nX-Odd:  \t v w \t\r\nEmpty:\r\n"
      "Content-Length: 5\r\n\r\nhello");
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.target, "/app/key?fmt=tink");
  const Headers expected = {
      {"host", "kms"}, {"x-odd", "v w"}, {"empty", ""}, {"content-length", "5"}};
  EXPECT_EQ(request.headers, expected);
  EXPECT_EQ(request.body, "hello");
}

TEST(RequestReader, ReadsTheSameByteByByte) {
  const std::string text = head("transfer-encoding: chunked\r\n") +
                           "5;name=value\r\nhello\r\nA\r\n, world, a\r\n0\r\ntrailer: x\r\n\r\n";
  RequestReader reader(kHeader, kBody);
  for (std::size_t i = 0; i < text.size(); ++i) {
    ASSERT_FALSE(reader.complete()) << i;
    const auto taken = reader.put(text.substr(i, 1));
    ASSERT_TRUE(taken) << taken.error().message;
    ASSERT_EQ(*taken, 1u);
  }
  ASSERT_TRUE(reader.complete());
  EXPECT_EQ(reader.take().body, "hello, world, a");
  EXPECT_EQ(request_of(text).body, "hello, world, a");
}

// Boost.Beast 1.81 fails an assertion here.
TEST(RequestReader, ReadsALastChunkThatComesByteByByte) {
  RequestReader reader(kHeader, kBody);
  ASSERT_TRUE(reader.put(head("transfer-encoding: chunked\r\n")));
  for (const char c : "0\r\n\r\n"s) ASSERT_TRUE(reader.put(std::string_view(&c, 1)));
  EXPECT_TRUE(reader.complete());
}

TEST(RequestReader, LeavesTheNextRequestAlone) {
  const std::string first = head("content-length: 2\r\n") + "ab";
  RequestReader reader(kHeader, kBody);
  const auto taken = reader.put(first + "GET / HTTP/1.1\r\n");
  ASSERT_TRUE(taken);
  EXPECT_EQ(*taken, first.size());
  EXPECT_TRUE(reader.complete());
}

TEST(RequestReader, ForgivesOneEmptyLineInFront) {
  EXPECT_EQ(request_of("\r\nGET / HTTP/1.1\r\nhost: a\r\n\r\n").method, "GET");
  EXPECT_EQ(fault_of("\r\n\r\nGET / HTTP/1.1\r\nhost: a\r\n\r\n").status, 400);
  RequestReader reader(kHeader, kBody);
  EXPECT_TRUE(reader.put("\r\n"));
  EXPECT_FALSE(reader.begun());
}

// The fuzzer found that a lone carriage return in front was taken for an empty line.
TEST(RequestReader, RefusesHalfAnEmptyLineInFront) {
  EXPECT_EQ(fault_of("\rGET / HTTP/1.1\r\nhost: a\r\n\r\n").message,
            "A line ends with half a line end.");
  EXPECT_EQ(fault_of("\nGET / HTTP/1.1\r\nhost: a\r\n\r\n").status, 400);
}

TEST(RequestReader, DecidesWhetherTheConnectionStays) {
  const auto kept = [](const std::string& text) {
    RequestReader reader(kHeader, kBody);
    EXPECT_TRUE(reader.put(text));
    EXPECT_TRUE(reader.complete());
    return reader.keep_alive();
  };
  EXPECT_TRUE(kept("GET / HTTP/1.1\r\nhost: a\r\n\r\n"));
  EXPECT_FALSE(kept("GET / HTTP/1.1\r\nhost: a\r\nConnection: x , Close\r\n\r\n"));
  EXPECT_FALSE(kept("GET / HTTP/1.0\r\n\r\n"));
  EXPECT_TRUE(kept("GET / HTTP/1.0\r\nconnection: Keep-Alive\r\n\r\n"));
  EXPECT_FALSE(kept("GET / HTTP/1.0\r\nconnection: keep-alive, close\r\n\r\n"));
}

TEST(RequestReader, WaitsForContinueOnlyBeforeABody) {
  RequestReader waits(kHeader, kBody);
  ASSERT_TRUE(waits.put(head("expect: 100-Continue\r\ncontent-length: 2\r\n")));
  EXPECT_TRUE(waits.waits_for_continue());
  ASSERT_TRUE(waits.put("ab"));
  EXPECT_FALSE(waits.waits_for_continue());
  RequestReader empty(kHeader, kBody);
  ASSERT_TRUE(empty.put(head("expect: 100-continue\r\n")));
  EXPECT_TRUE(empty.complete());
  EXPECT_FALSE(empty.waits_for_continue());
  EXPECT_EQ(fault_of(head("expect: the-impossible\r\n")).status, 417);
}

TEST(RequestReader, RefusesMalformedRequestLines) {
  const struct {
    const char* line;
    const char* message;
  } cases[] = {
      {"GET /", "The first line is not a method, a target and a version."},
      {"GET", "The first line is not a method, a target and a version."},
      {"GET  HTTP/1.1", "The target has a character that must be percent-encoded."},
      {"GET /a b HTTP/1.1", "The target has a character that must be percent-encoded."},
      {"GET /\x7f HTTP/1.1", "The target has a character that must be percent-encoded."},
      {"GET /\xc3\xa9 HTTP/1.1", "The target has a character that must be percent-encoded."},
      {"G(T / HTTP/1.1", "The method is not a token."},
      {" / HTTP/1.1", "The method is not a token."},
      {"GET / http/1.1", "The first line does not end with an HTTP version."},
      {"GET / HTTP/1.1 ", "The first line does not end with an HTTP version."},
      {"GET / HTTP/1.11", "The first line does not end with an HTTP version."},
  };
  for (const auto& c : cases) {
    const auto fault = fault_of(std::string(c.line) + "\r\nhost: a\r\n\r\n");
    EXPECT_EQ(fault.status, 400) << c.line;
    EXPECT_EQ(fault.code, "InvalidInput");
    EXPECT_EQ(fault.message, c.message) << c.line;
  }
}

TEST(RequestReader, RefusesOtherVersionsAsSuch) {
  for (const char* line : {"GET / HTTP/2.0", "GET / HTTP/1.2", "GET / HTTP/0.9"}) {
    EXPECT_EQ(fault_of(std::string(line) + "\r\nhost: a\r\n\r\n").status, 505) << line;
  }
  EXPECT_EQ(fault_of("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").status, 505);
}

TEST(RequestReader, RefusesMalformedHeaderLines) {
  for (const char* line :
       {"no-colon", "name : v", ": v", " folded: v", "\tfolded", "na\xc3me: v"}) {
    const auto fault = fault_of(head(std::string(line) + "\r\n"));
    EXPECT_EQ(fault.status, 400) << line;
    EXPECT_EQ(fault.message, "A header line does not begin with a name and a colon.") << line;
  }
  for (const std::string& value : {"a\nb"s, "a\rb"s, "a\0b"s, "\x7f"s}) {
    EXPECT_EQ(fault_of(head("x: " + value + "\r\n")).message, "A control character in header x.");
  }
  EXPECT_EQ(fault_of("GET / HTTP/1.1\nhost: a\n\n\r\n\r\n").status, 400);
}

TEST(RequestReader, RefusesWhatTwoReadersCouldUnderstandDifferently) {
  const struct {
    const char* lines;
    int status;
    const char* message;
  } cases[] = {
      {"content-length: 1\r\ncontent-length: 1\r\n", 400, "More than one content-length."},
      {"content-length: 1, 1\r\n", 400, "The content-length is not a number."},
      {"content-length: +1\r\n", 400, "The content-length is not a number."},
      {"content-length: 0x1\r\n", 400, "The content-length is not a number."},
      {"content-length:\r\n", 400, "The content-length is not a number."},
      {"content-length: 18446744073709551617\r\n", 400, "The content-length is not a number."},
      {"content-length: 1\r\ntransfer-encoding: chunked\r\n", 400,
       "Both content-length and transfer-encoding."},
      {"transfer-encoding: chunked\r\ncontent-length: 1\r\n", 400,
       "Both content-length and transfer-encoding."},
      {"transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n", 400,
       "More than one transfer-encoding."},
      {"transfer-encoding: gzip, chunked\r\n", 501, "The transfer-encoding is not 'chunked'."},
      {"transfer-encoding: identity\r\n", 501, "The transfer-encoding is not 'chunked'."},
      {"transfer-encoding: \vchunked\r\n", 400, "A control character in header transfer-encoding."},
      {"host: b\r\n", 400, "More than one host header."},
  };
  for (const auto& c : cases) {
    const auto fault = fault_of(head(c.lines));
    EXPECT_EQ(fault.status, c.status) << c.lines;
    EXPECT_EQ(fault.message, c.message) << c.lines;
  }
  EXPECT_EQ(fault_of("GET / HTTP/1.1\r\n\r\n").message, "No host header.");
  EXPECT_EQ(fault_of("GET / HTTP/1.0\r\n\r\n").status, 0);
  EXPECT_EQ(fault_of("GET / HTTP/1.0\r\ntransfer-encoding: chunked\r\n\r\n").message,
            "A transfer-encoding in HTTP/1.0.");
}

TEST(RequestReader, RefusesMalformedChunks) {
  const auto chunked = [](const std::string& body) {
    return fault_of(head("transfer-encoding: chunked\r\n") + body);
  };
  EXPECT_EQ(chunked("3\r\nabc\r\n0\r\n\r\n").status, 0);
  EXPECT_EQ(chunked("003 ;x\r\nabc\r\n0;y=z\r\n\r\n").status, 0);
  for (const char* body :
       {"\r\n", "x\r\n", "3x\r\n", "3;a\nb\r\n", "-1\r\n", "0x3\r\n", " 3\r\n"}) {
    EXPECT_EQ(chunked(body).message, "A chunk does not begin with its size.") << body;
  }
  EXPECT_EQ(chunked("1111111111111111\r\n").message, "A chunk size has more than 15 digits.");
  EXPECT_EQ(chunked("3\r\nabcd\r\n").message, "A chunk is longer than its size says.");
  EXPECT_EQ(chunked("3\r\nabc\n0\r\n").message, "A chunk is longer than its size says.");
  EXPECT_EQ(chunked("3;" + std::string(300, 'a')).message, "A chunk size line is over 256 bytes.");
  EXPECT_EQ(chunked("0\r\nnot a header\r\n\r\n").message, "A line of the trailer is not a header.");
  for (const char* name : {"Content-Length", "transfer-encoding"}) {
    EXPECT_EQ(chunked("0\r\n" + std::string(name) + ": 1\r\n\r\n").message,
              "The trailer speaks of the length of the body.");
  }
  std::string trailer = "0\r\n";
  for (int i = 0; i < 500; ++i) trailer += "name: value\r\n";
  EXPECT_EQ(chunked(trailer).message, "The trailer is over 4096 bytes.");
}

TEST(RequestReader, BoundsTheBody) {
  EXPECT_EQ(fault_of(head("content-length: 1000\r\n") + std::string(1000, 'b')).status, 0);
  const auto counted = fault_of(head("content-length: 1001\r\n"));
  EXPECT_EQ(counted.status, 413);
  EXPECT_EQ(counted.code, "RequestBodyTooLarge");
  EXPECT_EQ(counted.message, "The body is over 1000 bytes.");
  const std::string chunks =
      head("transfer-encoding: chunked\r\n") + "1F4\r\n" + std::string(500, 'b') + "\r\n";
  EXPECT_EQ(fault_of(chunks + "1f4\r\n" + std::string(500, 'b') + "\r\n0\r\n\r\n").status, 0);
  EXPECT_EQ(fault_of(chunks + "1f5\r\n").status, 413);
  EXPECT_EQ(fault_of(head("transfer-encoding: chunked\r\n") + "fffffffffffffff\r\n").status, 413);
}

TEST(RequestReader, BoundsTheHeader) {
  const auto padded = [](std::size_t size) {
    const std::string start = "GET / HTTP/1.1\r\nhost: a\r\nx: ";
    return start + std::string(size - start.size() - 4, 'x') + "\r\n\r\n";
  };
  EXPECT_EQ(fault_of(padded(kHeader)).status, 0);
  const auto fault = fault_of(padded(kHeader + 1));
  EXPECT_EQ(fault.status, 431);
  EXPECT_EQ(fault.code, "RequestHeaderTooLarge");
  EXPECT_EQ(fault.message, "The header is over 16384 bytes.");
  EXPECT_EQ(fault_of(std::string(kHeader + 1, 'a')).status, 431);
}

TEST(RequestReader, BoundsAHeaderThatComesLineByLine) {
  RequestReader reader(kHeader, kBody);
  ASSERT_TRUE(reader.put("GET / HTTP/1.1\r\nhost: a\r\n"));
  const std::string line = "x: " + std::string(120, 'x') + "\r\n";
  int status = 0;
  std::size_t sent = 25;
  while (status == 0 && sent < 2 * kHeader) {
    sent += line.size();
    if (const auto taken = reader.put(line); !taken) status = taken.error().status;
  }
  EXPECT_EQ(status, 431);
  EXPECT_LE(sent, kHeader + line.size());
}

TEST(RequestReader, BoundsTheNumberOfHeadersAndTheTarget) {
  std::string lines;
  for (int i = 1; i < 256; ++i) lines += "x:\r\n";
  EXPECT_EQ(fault_of(head(lines)).status, 0);
  EXPECT_EQ(fault_of(head(lines + "x:\r\n")).message, "More than 256 header fields.");
  const auto target = [](std::size_t size) {
    return fault_of("GET /" + std::string(size - 1, 'a') + " HTTP/1.1\r\nhost: a\r\n\r\n");
  };
  EXPECT_EQ(target(8192).status, 0);
  EXPECT_EQ(target(8193).status, 414);
}

}  // namespace
}  // namespace vitrine::net::http1

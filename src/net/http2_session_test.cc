#include "net/http2_session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/test_http2_peer.h"

namespace vitrine::net::http2 {
namespace {

using namespace std::chrono_literals;
using namespace vitrine::net::testing;
using ::testing::ElementsAre;
using ::testing::Pair;

Headers post_fields(std::size_t length, const Headers& more = {}) {
  Headers fields = request_fields("POST", "/app/key", {{"content-length", std::to_string(length)}});
  fields.insert(fields.end(), more.begin(), more.end());
  return fields;
}

// A session and its client; time stands still unless the test moves it.
class Http2Session : public ::testing::Test {
 protected:
  void begin(const ServerLimits& limits = {}) {
    budget_ = std::make_shared<BodyBudget>(limits.buffered_body_bytes_max);
    auto session = Session::make(limits, budget_, [](const Fault& fault) {
      return Response{fault.status, {{"x-code", std::string(fault.code)}}, fault.message};
    });
    ASSERT_TRUE(session);
    session_ = *std::move(session);
    send(preface_and_settings());
  }
  void send(std::string_view bytes) {
    session_->put(bytes, now_);
    pull();
  }
  void pull() {
    for (auto& incoming : session_->take_requests()) requests_.push_back(std::move(incoming));
    std::string out;
    session_->pull(out, 1'000'000);
    answers_.put(out);
  }
  void answer(StreamId stream, Response response) {
    session_->answer(stream, std::move(response), now_);
    pull();
  }
  void wait(std::chrono::milliseconds time) {
    now_ += time;
    session_->expire(now_);
    pull();
  }
  // A whole request that is refused with that status, though the session goes on.
  void expect_refusal(const std::string& bytes, const std::string& status,
                      const std::string& code) {
    const StreamId stream = next_;
    next_ += 2;
    send(bytes);
    const auto& got = answers_.of(stream);
    EXPECT_EQ(got.status(), status) << code << ", stream " << stream;
    EXPECT_EQ(find_header(got.headers, "x-code").value_or(""), code);
    EXPECT_EQ(find_header(got.headers, "content-length").value_or(""),
              std::to_string(got.body.size()));
    EXPECT_TRUE(got.ended);
    EXPECT_FALSE(answers_.goaway);
    EXPECT_TRUE(requests_.empty());
  }
  void expect_calm() {
    EXPECT_TRUE(session_->flooded());
    EXPECT_EQ(answers_.goaway, static_cast<std::uint32_t>(NGHTTP2_ENHANCE_YOUR_CALM));
    EXPECT_TRUE(session_->finished());
  }

  std::chrono::steady_clock::time_point now_ = std::chrono::steady_clock::now();
  std::shared_ptr<BodyBudget> budget_;
  std::unique_ptr<Session> session_;
  std::vector<Incoming> requests_;
  Http2Answers answers_;
  StreamId next_ = 1;
};

TEST_F(Http2Session, MakesTheSameRequestAsHttp11) {
  begin();
  send(headers_frame(1, post_fields(5, {{"x-a", "b"}}), false) + frame(kData, 0, 1, "he") +
       frame(kData, kEndStream, 1, "llo"));
  ASSERT_EQ(requests_.size(), 1U);
  const Request& request = requests_[0].request;
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.target, "/app/key");
  EXPECT_THAT(request.headers,
              ElementsAre(Pair("host", "a"), Pair("content-length", "5"), Pair("x-a", "b")));
  EXPECT_EQ(request.body, "hello");
  EXPECT_EQ(budget_->used(), 5U);
  answer(1, {200, {{"X-Reason", "it\nworks"}, {"connection", "close"}, {"bad name", "x"}}, "yes"});
  EXPECT_THAT(answers_.of(1).headers,
              ElementsAre(Pair(":status", "200"), Pair("x-reason", "it?works"),
                          Pair("content-length", "3")));
  EXPECT_EQ(answers_.of(1).body, "yes");
  EXPECT_TRUE(answers_.of(1).ended);
  requests_.clear();
  EXPECT_EQ(budget_->used(), 0U);
  EXPECT_TRUE(session_->idle());
}

TEST_F(Http2Session, ReadsBytesHoweverTheyAreCut) {
  begin();
  const std::string bytes = headers_frame(1, post_fields(5), false) +
                            frame(kData, kEndStream, 1, "hello") +
                            headers_frame(3, request_fields("GET", "/"), true);
  for (const char c : bytes) send({&c, 1});
  ASSERT_EQ(requests_.size(), 2U);
  EXPECT_EQ(requests_[0].request.body, "hello");
  EXPECT_EQ(requests_[1].request.target, "/");
}

TEST_F(Http2Session, AnswersInAnyOrder) {
  begin();
  for (StreamId id = 1; id <= 5; id += 2) {
    send(headers_frame(id, request_fields("GET", "/" + std::to_string(id)), true));
  }
  answer(5, {200, {}, "five"});
  answer(1, {204, {}, ""});
  answer(3, {404, {}, "three"});
  EXPECT_THAT(answers_.order, ElementsAre(5, 1, 3));
  EXPECT_EQ(answers_.of(5).body, "five");
  EXPECT_THAT(answers_.of(1).headers,
              ElementsAre(Pair(":status", "204"), Pair("content-length", "0")));
  EXPECT_EQ(answers_.of(3).status(), "404");
}

TEST_F(Http2Session, SuppressesTheBodyOfHead) {
  begin();
  send(headers_frame(1, request_fields("HEAD", "/"), true));
  answer(1, {200, {}, "hello"});
  EXPECT_THAT(answers_.of(1).headers,
              ElementsAre(Pair(":status", "200"), Pair("content-length", "5")));
  EXPECT_EQ(answers_.of(1).body, "");
  EXPECT_TRUE(answers_.of(1).ended);
}

TEST_F(Http2Session, TakesTrailersAndDropsThem) {
  begin();
  send(headers_frame(1, request_fields("POST", "/"), false) + frame(kData, 0, 1, "body") +
       headers_frame(1, {{"x-sum", "1"}}, true));
  ASSERT_EQ(requests_.size(), 1U);
  EXPECT_THAT(requests_[0].request.headers, ElementsAre(Pair("host", "a")));
  EXPECT_EQ(requests_[0].request.body, "body");
}

TEST_F(Http2Session, AnswersAnExpectationBeforeTheBody) {
  begin();
  send(headers_frame(1, post_fields(2, {{"expect", "100-continue"}}), false));
  EXPECT_EQ(answers_.of(1).status(), "100");
  send(frame(kData, kEndStream, 1, "ab"));
  answer(1, {});
  EXPECT_EQ(answers_.of(1).status(), "200");
  EXPECT_EQ(answers_.of(1).interim, 1);
}

TEST_F(Http2Session, RefusesThroughTheFrameworkErrorAndGoesOn) {
  begin();
  const auto refused = [this](const Headers& fields, const std::string& status,
                              const std::string& code) {
    expect_refusal(headers_frame(next_, fields, true), status, code);
  };
  refused(request_fields("GET", "/", {{"expect", "cake"}}), "417", "ExpectationFailed");
  refused({{":method", "GET"}, {":scheme", "http"}, {":authority", "a"}, {":path", "/"}}, "400",
          "InvalidInput");
  refused(request_fields("GET", "/", {{"host", "b"}}), "400", "InvalidInput");
  refused({{":method", "CONNECT"}, {":authority", "a"}}, "501", "NotImplemented");
  refused(request_fields("GET", "/" + std::string(8'192, 'x')), "414", "RequestTargetTooLong");
  refused(
      request_fields("GET", "/", {{"x", std::string(15'000, 'x')}, {"y", std::string(1'200, 'y')}}),
      "431", "RequestHeaderTooLarge");
  refused(request_fields("GET", "/", Headers(253, {"x", "y"})), "431", "RequestHeaderTooLarge");
  refused(request_fields("GET", "/", {{"x", "a\x01"}}), "400", "InvalidInput");
  expect_refusal(headers_frame(next_, request_fields("POST", "/"), false) +
                     headers_frame(next_, Headers(10, {"x", std::string(1'600, 'y')}), true),
                 "431", "RequestHeaderTooLarge");
  send(headers_frame(next_, request_fields("GET", "/", Headers(252, {"x", "y"})), true));
  EXPECT_EQ(requests_.size(), 1U) << "as much as there may be";
}

TEST_F(Http2Session, ResetsWhatIsNoRequest) {
  begin();
  const Headers cases[] = {
      {{":method", "GET"}, {":scheme", "https"}, {":authority", "a"}},
      {{":method", "GET"}, {":scheme", "https"}, {":path", "/"}},
      request_fields("GET", "/", {{":path", "/"}}),
      request_fields("GET", "/", {{":status", "200"}}),
      request_fields("GET", "/", {{"Upper", "x"}}),
      request_fields("GET", "/", {{"connection", "close"}}),
      request_fields("GET", "/", {{"transfer-encoding", "chunked"}}),
      request_fields("GET", "/", {{"te", "gzip"}}),
      request_fields("GET", "/", {{"content-length", "x"}}),
      request_fields("GET", "/", {{"content-length", "1"}}),
      request_fields("GET", "no-slash"),
  };
  for (const auto& fields : cases) {
    send(headers_frame(next_, fields, true));
    EXPECT_EQ(answers_.of(next_).reset, static_cast<std::uint32_t>(NGHTTP2_PROTOCOL_ERROR))
        << fields.back().first << ": " << fields.back().second;
    next_ += 2;
  }
  send(headers_frame(next_, post_fields(3), false) + frame(kData, 0, next_, "four"));
  EXPECT_EQ(answers_.of(next_).reset, static_cast<std::uint32_t>(NGHTTP2_PROTOCOL_ERROR));
  send(headers_frame(next_ + 2, post_fields(3), false) + frame(kData, kEndStream, next_ + 2, "to"));
  EXPECT_EQ(answers_.of(next_ + 2).reset, static_cast<std::uint32_t>(NGHTTP2_PROTOCOL_ERROR));
  EXPECT_TRUE(requests_.empty());
  EXPECT_FALSE(answers_.goaway);
}

TEST_F(Http2Session, BoundsBodies) {
  ServerLimits limits;
  limits.body_bytes_max = 1'000;
  limits.buffered_body_bytes_max = 2'500;
  begin(limits);
  expect_refusal(headers_frame(1, post_fields(1'001), false), "413", "RequestBodyTooLarge");
  const auto open = [](StreamId id, std::size_t bytes) {
    return headers_frame(id, request_fields("POST", "/"), false) +
           frame(kData, 0, id, std::string(bytes, 'b'));
  };
  expect_refusal(open(3, 1'001), "413", "RequestBodyTooLarge");
  send(open(5, 1'000) + open(7, 1'000));
  EXPECT_EQ(budget_->used(), 2'000U);
  next_ = 9;
  expect_refusal(open(9, 501), "503", "ServiceUnavailable");
  send(frame(kData, kEndStream, 5, "") + open(11, 500) + frame(kData, kEndStream, 11, ""));
  EXPECT_EQ(requests_.size(), 2U);
  EXPECT_EQ(budget_->used(), 2'500U) << "with the handler they still count";
  requests_.clear();
  EXPECT_EQ(budget_->used(), 1'000U);
  session_.reset();
  EXPECT_EQ(budget_->used(), 0U);
}

TEST_F(Http2Session, BoundsTheBodiesOfOneConnection) {
  begin();
  StreamId id = 1;
  for (; id < 9; id += 2) {
    send(headers_frame(id, request_fields("POST", "/"), false));
    for (int i = 0; i < 100; ++i) send(frame(kData, 0, id, std::string(10'000, 'b')));
  }
  EXPECT_EQ(budget_->used(), 4'000'000U);
  next_ = id;
  expect_refusal(headers_frame(id, request_fields("POST", "/"), false) + frame(kData, 0, id, "b"),
                 "503", "ServiceUnavailable");
}

TEST_F(Http2Session, DropsTheRestOfARefusedBodyForAWhile) {
  ServerLimits limits;
  limits.body_bytes_max = 1'000;
  begin(limits);
  expect_refusal(headers_frame(1, post_fields(1'000'000), false), "413", "RequestBodyTooLarge");
  for (int i = 0; i < 50; ++i) send(frame(kData, 0, 1, std::string(10'000, 'b')));
  EXPECT_FALSE(answers_.of(1).reset);
  wait(2s);
  EXPECT_EQ(answers_.of(1).reset, static_cast<std::uint32_t>(NGHTTP2_NO_ERROR));
  EXPECT_TRUE(session_->idle());
  EXPECT_FALSE(session_->flooded());
}

TEST_F(Http2Session, EndsARequestThatDoesNotComeToItsEnd) {
  ServerLimits limits;
  limits.request_timeout = 300ms;
  limits.body_timeout = 100ms;
  begin(limits);
  send(headers_frame(1, request_fields("POST", "/"), false));
  send(frame(kHeaders, kEndStream, 3, hpack(request_fields("GET", "/"))));  // more was to come
  wait(99ms);
  EXPECT_EQ(answers_.of(1).status(), "");
  wait(1ms);
  EXPECT_EQ(answers_.of(1).status(), "408");
  EXPECT_EQ(answers_.of(3).status(), "");
  wait(200ms);
  EXPECT_EQ(answers_.of(3).status(), "408");
  EXPECT_FALSE(answers_.goaway);
}

TEST_F(Http2Session, WaitsForTheWindowOfAnAnswerButNotForEver) {
  ServerLimits limits;
  limits.request_timeout = 100ms;
  begin(limits);
  send(frame(kSettings, 0, 0, number(4, 2) + number(10, 4)));  // initial window: 10 bytes
  send(headers_frame(1, request_fields("GET", "/"), true));
  answer(1, {200, {}, "twelve bytes"});
  EXPECT_EQ(answers_.of(1).body, "twelve byt");
  send(frame(kWindowUpdate, 0, 1, number(2, 4)));
  EXPECT_EQ(answers_.of(1).body, "twelve bytes");
  EXPECT_TRUE(answers_.of(1).ended);
  send(headers_frame(3, request_fields("GET", "/"), true));
  answer(3, {200, {}, "twelve bytes"});
  wait(99ms);
  EXPECT_FALSE(answers_.of(3).reset);
  EXPECT_FALSE(session_->idle());
  wait(1ms);
  EXPECT_EQ(answers_.of(3).reset, static_cast<std::uint32_t>(NGHTTP2_CANCEL));
  EXPECT_TRUE(session_->idle());
}

TEST_F(Http2Session, GivesTheHandlerAllTheTimeItTakes) {
  begin();
  send(headers_frame(1, request_fields("GET", "/"), true));
  wait(24h);
  answer(1, {200, {}, "late"});
  EXPECT_EQ(answers_.of(1).body, "late");
}

TEST_F(Http2Session, DropsTheAnswerToAStreamThatIsGone) {
  begin();
  send(headers_frame(1, request_fields("GET", "/"), true));
  send(frame(kRstStream, 0, 1, number(8, 4)));
  answer(1, {200, {}, "unheard"});
  answer(1, {200, {}, "twice"});
  EXPECT_EQ(answers_.of(1).status(), "");
  EXPECT_TRUE(session_->idle());
}

// Otherwise a client gets more and more work done at once, by giving up what it asked for.
TEST_F(Http2Session, StreamsGivenUpCountUntilTheirHandlerIsDone) {
  begin();
  StreamId id = 1;
  for (; id < 201; id += 2) {
    send(headers_frame(id, request_fields("GET", "/"), true));
    if (id % 4 == 1) send(frame(kRstStream, 0, id, number(8, 4)));
  }
  EXPECT_EQ(requests_.size(), 100U);
  send(headers_frame(id, request_fields("GET", "/"), true));
  EXPECT_EQ(answers_.of(id).reset, static_cast<std::uint32_t>(NGHTTP2_REFUSED_STREAM));
  EXPECT_EQ(requests_.size(), 100U);
  answer(1, {});
  send(headers_frame(id + 2, request_fields("GET", "/"), true));
  EXPECT_EQ(requests_.size(), 101U);
  EXPECT_FALSE(session_->flooded());
}

TEST_F(Http2Session, EndsARapidReset) {
  begin();
  for (StreamId id = 1; id < 2 * 200 && !session_->finished(); id += 2) {
    send(headers_frame(id, request_fields("GET", "/"), true));
    send(frame(kRstStream, 0, id, number(8, 4)));
    answer(id, {});
    ASSERT_FALSE(answers_.goaway) << "a client may change its mind now and then";
  }
  send(headers_frame(401, request_fields("GET", "/"), true) +
       frame(kRstStream, 0, 401, number(8, 4)));
  expect_calm();
}

TEST_F(Http2Session, EndsAFloodOfStreamsOverTheNumberThereMayBe) {
  begin();
  StreamId id = 1;
  for (; id < 2 * 100; id += 2) send(headers_frame(id, request_fields("POST", "/"), false));
  for (int i = 0; i < 200; ++i, id += 2) {
    send(headers_frame(id, request_fields("POST", "/"), false));
    ASSERT_EQ(answers_.of(id).reset, static_cast<std::uint32_t>(NGHTTP2_REFUSED_STREAM));
  }
  EXPECT_FALSE(session_->flooded());
  send(headers_frame(id, request_fields("POST", "/"), false));
  pull();
  expect_calm();
}

TEST_F(Http2Session, RefillsTheAllowanceForResetsWithTime) {
  begin();
  for (StreamId id = 1; id < 2 * 1'000; id += 2) {
    send(headers_frame(id, request_fields("GET", "/"), true));
    send(frame(kRstStream, 0, id, number(8, 4)));
    answer(id, {});
    wait(50ms);
  }
  EXPECT_FALSE(session_->flooded());
}

TEST_F(Http2Session, EndsFloodsOfFramesOfNoUse) {
  const std::pair<const char*, std::string> floods[] = {
      {"ping", frame(kPing, 0, 0, "12345678")},
      {"settings", frame(kSettings, 0, 0, "")},
      {"priority", frame(kPriority, 0, 1, std::string(5, '\0'))},
      {"window update", frame(kWindowUpdate, 0, 0, number(1, 4))},
      {"empty data", frame(kData, 0, 1, "")},
      {"data byte by byte", frame(kData, 0, 1, "b")},
      {"unknown", frame(0xbb, 0, 0, "")},
  };
  for (const auto& [name, bytes] : floods) {
    SCOPED_TRACE(name);
    begin();
    answers_.goaway.reset();
    send(headers_frame(1, request_fields("POST", "/"), false));
    for (int i = 0; i < 900; ++i) send(bytes);
    EXPECT_FALSE(session_->flooded());
    for (int i = 0; i < 101 && !session_->finished(); ++i) send(bytes);
    expect_calm();
  }
}

TEST_F(Http2Session, EndsHeadersWithoutEnd) {
  begin();
  send(frame(kHeaders, 0, 1, hpack(request_fields("GET", "/"))));
  for (int i = 0; i < 10 && !session_->finished(); ++i) {
    send(frame(kContinuation, 0, 1, hpack({{"x", "y"}})));
  }
  EXPECT_TRUE(session_->finished());
  EXPECT_TRUE(requests_.empty());
}

// One byte can stand for a field of four kilobytes.
TEST_F(Http2Session, EndsAHeaderListThatUnpacksToTooMuch) {
  begin();
  std::string block = hpack(request_fields("GET", "/"));
  block += "\x40" + hpack_text("x") + hpack_text(std::string(4'000, 'y'));  // indexed: entry 62
  block += std::string(1'000, static_cast<char>(0x80 | 62));
  send(frame(kHeaders, kEndStream | kEndHeaders, 1, block));
  expect_calm();
  EXPECT_TRUE(requests_.empty());
}

TEST_F(Http2Session, FinishesWhatWasBegunAfterGoaway) {
  begin();
  send(headers_frame(1, request_fields("GET", "/"), true));
  session_->go_away();
  pull();
  EXPECT_EQ(answers_.goaway, static_cast<std::uint32_t>(NGHTTP2_NO_ERROR));
  send(headers_frame(3, request_fields("GET", "/"), true));
  EXPECT_EQ(requests_.size(), 1U);
  EXPECT_FALSE(session_->finished());
  answer(1, {200, {}, "done"});
  EXPECT_EQ(answers_.of(1).body, "done");
  EXPECT_TRUE(session_->finished());
}

TEST_F(Http2Session, EndsWhatIsNotHttp2) {
  begin();
  session_ = nullptr;
  auto session = Session::make({}, budget_, [](const Fault&) { return Response(); });
  session_ = *std::move(session);
  send("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
  EXPECT_TRUE(session_->finished());
  begin();
  send(frame(kPushPromise, kEndHeaders, 1, number(2, 4) + hpack(request_fields("GET", "/"))));
  EXPECT_EQ(answers_.goaway, static_cast<std::uint32_t>(NGHTTP2_PROTOCOL_ERROR));
  EXPECT_TRUE(session_->finished());
}

}  // namespace
}  // namespace vitrine::net::http2

#include "net/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <atomic>
#include <ctime>
#include <future>
#include <mutex>

#include "net/test_peers.h"

namespace vitrine::net {
namespace {

using namespace testing;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string header(const Response& response, std::string_view name) {
  return std::string(find_header(response.headers, name).value_or("(none)"));
}

TEST(Server, AnswersGetAndPost) {
  const auto server = start();
  const auto client = client_of(server->port());
  const auto got = client->send(get("/app/key?fmt=tink"));
  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ(got->status, 200);
  EXPECT_EQ(header(*got, "x-method"), "GET");
  EXPECT_EQ(header(*got, "x-target"), "/app/key?fmt=tink");
  EXPECT_EQ(header(*got, "x-peer"), "127.0.0.1");
  EXPECT_EQ(header(*got, "content-length"), "0");
  const auto posted = client->send(post("/app/key", std::string(300'000, 'b')));
  ASSERT_TRUE(posted) << posted.error().message;
  EXPECT_EQ(posted->body, std::string(300'000, 'b'));
}

TEST(Server, AddsNoHeaderButContentLength) {
  const auto server = start({}, [](const Request&, const Respond& respond) {
    respond({204, {{"x", "y"}}, ""});
  });
  RawConnection raw(server->port());
  ASSERT_TRUE(raw.handshake());
  raw.send("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
  EXPECT_EQ(raw.receive_until("\r\n\r\n"),
            "HTTP/1.1 204 No Content\r\nx: y\r\ncontent-length: 0\r\n\r\n");
}

TEST(Server, SuppressesTheBodyOfHead) {
  const auto server = start({}, [](const Request&, const Respond& respond) {
    respond({200, {}, "hello"});
  });
  const auto client = client_of(server->port());
  const auto head = client->send({"HEAD", "/", {}, "", "", {}});
  ASSERT_TRUE(head) << head.error().message;
  EXPECT_EQ(header(*head, "content-length"), "5");
  EXPECT_EQ(head->body, "");
  EXPECT_EQ(client->send(get("/"))->body, "hello");
}

TEST(Server, ServesPipelinedRequestsInOrder) {
  std::mutex mutex;
  std::vector<std::thread> threads;
  const auto server = start({}, [&](Request request, Respond respond) {
    const std::lock_guard lock(mutex);
    threads.emplace_back([request = std::move(request), respond = std::move(respond)] {
      if (request.target == "/1") std::this_thread::sleep_for(50ms);
      respond({200, {}, request.target + request.body});
    });
  });
  RawConnection raw(server->port());
  ASSERT_TRUE(raw.handshake());
  raw.send(
      "POST /1 HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\n\r\nabGET /2 HTTP/1.1\r\nhost: a\r\n\r\n"
      "GET /3 HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
  const auto all = raw.receive_all();
  EXPECT_EQ(all,
            "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n/1ab"
            "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n/2"
            "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n/3");
  EXPECT_TRUE(raw.closed_properly());
  for (auto& thread : threads) thread.join();
}

TEST(Server, TakesChunksAndAnswersExpectations) {
  const auto server = start();
  RawConnection raw(server->port());
  ASSERT_TRUE(raw.handshake());
  raw.send(
      "POST / HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ntransfer-encoding: chunked\r\n\r\n");
  EXPECT_EQ(raw.receive_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  raw.send("3\r\nabc\r\n");
  raw.send("2\r\nde\r\n0\r\n\r\n");
  EXPECT_THAT(raw.receive_until("abcde"), StartsWith("HTTP/1.1 200 OK\r\n"));
}

TEST(Server, ServesHttp10) {
  const auto server = start();
  RawConnection once(server->port());
  ASSERT_TRUE(once.handshake());
  once.send("GET / HTTP/1.0\r\n\r\n");
  EXPECT_THAT(once.receive_all(), HasSubstr("connection: close\r\n"));
  RawConnection kept(server->port());
  ASSERT_TRUE(kept.handshake());
  kept.send("GET /1 HTTP/1.0\r\nconnection: keep-alive\r\n\r\n");
  EXPECT_THAT(kept.receive_until("\r\n\r\n"), HasSubstr("connection: keep-alive\r\n"));
  kept.send("GET /2 HTTP/1.0\r\n\r\n");
  EXPECT_THAT(kept.receive_all(), HasSubstr("x-target: /2\r\n"));
}

TEST(Server, RefusesThroughTheFrameworkErrorAndCloses) {
  const auto server = start();
  const struct {
    std::string request;
    const char* status;
    const char* code;
  } cases[] = {
      {"nonsense\r\n\r\n", "HTTP/1.1 400 ", "InvalidInput"},
      {"GET / HTTP/1.1\r\nhost: a\r\nx: " + std::string(17'000, 'x'), "HTTP/1.1 431 ",
       "RequestHeaderTooLarge"},
      {"GET /" + std::string(9'000, 'x') + " HTTP/1.1\r\nhost: a\r\n\r\n", "HTTP/1.1 414 ",
       "RequestTargetTooLong"},
      {"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1000001\r\n\r\n", "HTTP/1.1 413 ",
       "RequestBodyTooLarge"},
      {"POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\nf4241\r\n", "HTTP/1.1 413 ",
       "RequestBodyTooLarge"},
      {"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n",
       "HTTP/1.1 400 ", "InvalidInput"},
  };
  for (const auto& c : cases) {
    RawConnection raw(server->port());
    ASSERT_TRUE(raw.handshake());
    raw.send(c.request);
    const auto answer = raw.receive_all();
    EXPECT_THAT(answer, StartsWith(c.status));
    EXPECT_THAT(answer, HasSubstr("\r\nx-code: " + std::string(c.code) + "\r\n"));
    EXPECT_THAT(answer, HasSubstr("\r\nconnection: close\r\n"));
    EXPECT_TRUE(raw.closed_properly());
  }
}

// A reset by the unread rest of the body used to overtake the answer.
TEST(Server, LetsTheClientReadARefusalWhileItStillSends) {
  const auto server = start();
  for (int i = 0; i < 5; ++i) {
    const auto answer = client_of(server->port())->send(post("/", std::string(3'000'000, 'b')));
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(answer->status, 413);
  }
}

TEST(Server, KnowsAClientByItsCertificateWithoutJudgingIt) {
  Bytes seen;
  const auto server = start({}, [&](Request request, const Respond& respond) {
    seen = std::move(request.client_certificate);
    respond({});
  });
  ASSERT_TRUE(client_of(server->port())->send(get("/")));
  EXPECT_TRUE(seen.empty());
  const auto stranger = make_lone("stranger");
  auto config = client_config(server->port());
  config.identity = ClientConfig::Identity{stranger.certificate, stranger.key};
  const auto client = *Client::make(std::move(config));
  for (int i = 0; i < 2; ++i) {
    const auto answer = client->send(get("/"));
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(seen, stranger.certificate.der());
    seen.clear();
  }
}

TEST(Server, RefusesAnIdentityThatDoesNotFit) {
  ServerConfig config;
  config.port = 0;
  const auto other = make_lone("other");
  const auto mixed =
      Server::start(config, {{service_node().certificate}, other.key}, echo, error_response);
  ASSERT_FALSE(mixed);
  EXPECT_EQ(mixed.error().message,
            "TLS set-up: the private key is not that of certificate CN=Test node");
  const auto none = Server::start(config, {{}, other.key}, echo, error_response);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().message, "TLS set-up: no certificate to present");
}

TEST(Server, PresentsANewIdentityToLaterConnections) {
  const auto server = start();
  const auto before = client_of(server->port());
  ASSERT_TRUE(before->send(get("/")));
  const auto other = make_lone("other");
  ASSERT_TRUE(server->set_identity({{other.certificate}, other.key}));
  EXPECT_TRUE(before->send(get("/"))) << "the old connection goes on";
  EXPECT_EQ(client_of(server->port())->send(get("/")).error().code, Code::denied);
  auto config = client_config(server->port());
  config.pinned = other.certificate;
  const auto after = (*Client::make(std::move(config)))->send(get("/"));
  EXPECT_TRUE(after) << after.error().message;
  EXPECT_FALSE(server->set_identity({{service_node().certificate}, other.key}));
}

TEST(Server, SaysWhyItCannotListen) {
  const auto first = start();
  ServerConfig config;
  config.port = first->port();
  const auto second = Server::start(config, service_identity(), echo, error_response);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Code::unavailable);
  EXPECT_EQ(second.error().message,
            "listen on 127.0.0.1:" + std::to_string(config.port) + ": Address already in use");
  config.address = "localhost";
  EXPECT_EQ(Server::start(config, service_identity(), echo, error_response).error().message,
            "listen: 'localhost' is not an IP address");
  config.io_threads = 0;
  EXPECT_EQ(Server::start(config, service_identity(), echo, error_response).error().message,
            "server: io_threads is 0, not between 1 and 256");
}

TEST(Server, ListensOnIpv6AndNamesIpv4PeersAsSuch) {
  ServerConfig config;
  config.address = "::";
  const auto server = start(config);
  const auto answer = client_of(server->port())->send(get("/"));
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(header(*answer, "x-peer"), "127.0.0.1");
}

TEST(Server, AnswersWhereAHandlerDoesNot) {
  const auto server = start({}, [](const Request& request, const Respond&) {
    if (request.target == "/throw") throw std::runtime_error("secret");
  });
  const auto client = client_of(server->port());
  const auto dropped = client->send(get("/"));
  ASSERT_TRUE(dropped);
  EXPECT_EQ(dropped->status, 500);
  EXPECT_EQ(dropped->body, "The request was dropped without an answer.");
  const auto thrown = client->send(get("/throw"));
  ASSERT_TRUE(thrown);
  EXPECT_EQ(thrown->body, "Exception thrown while executing.");
  EXPECT_EQ(header(*thrown, "x-code"), "InternalError");
}

TEST(Server, NoticesARespondDroppedElsewhere) {
  std::vector<std::thread> threads;
  const auto server = start({}, [&](const Request&, Respond respond) {
    threads.emplace_back([respond = std::move(respond)]() mutable {
      std::this_thread::sleep_for(10ms);
      respond = nullptr;
    });
  });
  const auto answer = client_of(server->port())->send(get("/"));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 500);
  for (auto& thread : threads) thread.join();
}

TEST(Server, TakesTheFirstOfTwoAnswers) {
  const auto server = start({}, [](const Request&, const Respond& respond) {
    respond({200, {}, "first"});
    respond({200, {}, "second"});
  });
  const auto client = client_of(server->port());
  EXPECT_EQ(client->send(get("/"))->body, "first");
  EXPECT_EQ(client->send(get("/"))->body, "first");
}

TEST(Server, OutlivesAClientThatLeavesBeforeTheAnswer) {
  std::promise<Respond> asked;
  ServerConfig config;
  const auto server = start(config, [&](const Request& request, Respond respond) {
    if (request.target == "/late") {
      asked.set_value(std::move(respond));
    } else {
      respond({});
    }
  });
  {
    RawConnection raw(server->port());
    ASSERT_TRUE(raw.handshake());
    raw.send("GET /late HTTP/1.1\r\nhost: a\r\n\r\n");
    const auto respond = asked.get_future().get();
    raw.drop();
    respond({200, {}, std::string(1'000'000, 'x')});
  }
  EXPECT_TRUE(client_of(server->port())->send(get("/")));
}

TEST(Server, TakesAnAnswerAfterItsOwnEnd) {
  std::promise<Respond> asked;
  auto server =
      start({}, [&](const Request&, Respond respond) { asked.set_value(std::move(respond)); });
  RawConnection raw(server->port());
  ASSERT_TRUE(raw.handshake());
  raw.send("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
  auto respond = asked.get_future().get();
  server.reset();
  EXPECT_EQ(raw.receive_all(), "");
  respond({200, {}, "late"});
  respond = nullptr;
}

TEST(Server, LetsRequestsUnderWayFinishWhenItStops) {
  std::promise<Respond> asked;
  const auto server =
      start({}, [&](const Request&, Respond respond) { asked.set_value(std::move(respond)); });
  RawConnection busy(server->port());
  ASSERT_TRUE(busy.handshake());
  RawConnection idle(server->port());
  ASSERT_TRUE(idle.handshake());
  busy.send("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
  auto respond = asked.get_future().get();
  std::thread stopper([&] { server->stop(20s); });
  EXPECT_EQ(idle.receive_all(), "");
  EXPECT_TRUE(idle.closed_properly());
  const auto port = std::to_string(server->port());
  EXPECT_FALSE(connect_tcp({"127.0.0.1", port, ""}, std::chrono::steady_clock::now() + 5s));
  respond({200, {}, "done"});
  const auto answer = busy.receive_all();
  EXPECT_THAT(answer, HasSubstr("connection: close\r\n"));
  EXPECT_THAT(answer, EndsWith("done"));
  stopper.join();
}

TEST(Server, StopsAfterTheGraceWhoeverIsStillBusy) {
  std::promise<Respond> asked;
  const auto server =
      start({}, [&](const Request&, Respond respond) { asked.set_value(std::move(respond)); });
  RawConnection busy(server->port());
  ASSERT_TRUE(busy.handshake());
  busy.send("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
  const auto respond = asked.get_future().get();
  const auto began = std::chrono::steady_clock::now();
  server->stop(100ms);
  server->stop(100ms);
  EXPECT_LT(std::chrono::steady_clock::now() - began, 10s);
  EXPECT_EQ(busy.receive_all(), "");
}

TEST(Server, ServesManyConnectionsOnSeveralThreads) {
  ServerConfig config;
  config.io_threads = 3;
  const auto server = start(config);
  std::atomic<int> answered = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 16; ++t) {
    threads.emplace_back([&, t] {
      for (int c = 0; c < 3; ++c) {
        const auto client = client_of(server->port());
        for (int i = 0; i < 20; ++i) {
          const auto body = std::to_string(t * 1000 + i) + std::string(1 << (i % 16), 'b');
          const auto answer = client->send(post("/", body));
          ASSERT_TRUE(answer) << answer.error().message;
          ASSERT_EQ(answer->body, body);
          ++answered;
        }
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(answered, 16 * 3 * 20);
}

TEST(Server, WaitsWhereItHasNoDescriptorsLeft) {
  const auto server = start();
  const auto port = server->port();  // UBSan's look at a virtual call wants descriptors of its own
  FileDescriptor socket(::socket(AF_INET, SOCK_STREAM, 0));
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  rlimit none = before;
  none.rlim_cur = 3;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(::connect(socket.number(), reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  const auto cpu_before = std::clock();
  std::this_thread::sleep_for(500ms);
  const auto cpu_seconds = static_cast<double>(std::clock() - cpu_before) / CLOCKS_PER_SEC;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_LT(cpu_seconds, 0.25) << "it asks again and again";
  RawConnection raw(port, std::move(socket));
  EXPECT_TRUE(raw.handshake());
}

}  // namespace
}  // namespace vitrine::net

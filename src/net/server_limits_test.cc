// What the server bounds: times, numbers, bytes, and what it counts of that.
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

TEST(Server, ClosesWhatIsLate) {
  ServerConfig config;
  config.limits.handshake_timeout = 100ms;
  config.limits.idle_timeout = 100ms;
  config.limits.request_timeout = 100ms;
  const auto server = start(config);
  RawConnection silent(server->port());
  std::this_thread::sleep_for(400ms);
  EXPECT_FALSE(silent.handshake());
  RawConnection idle(server->port());
  ASSERT_TRUE(idle.handshake());
  EXPECT_EQ(idle.receive_all(), "");
  EXPECT_TRUE(idle.closed_properly());
  for (const char* begun : {"G", "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\n\r\na"}) {
    RawConnection slow(server->port());
    ASSERT_TRUE(slow.handshake());
    slow.send(begun);
    const auto answer = slow.receive_all();
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 408 Request Timeout\r\nx-code: RequestTimeout\r\n"));
    EXPECT_THAT(answer, HasSubstr("connection: close\r\n"));
  }
}

// Bytes that dribble in do not move the deadline.
TEST(Server, BoundsTheTimeOfAWholeRequest) {
  ServerConfig config;
  config.limits.request_timeout = 200ms;
  const auto server = start(config);
  RawConnection slow(server->port());
  ASSERT_TRUE(slow.handshake());
  const auto began = std::chrono::steady_clock::now();
  slow.send("GET / HTTP/1.1\r\nhost: a\r\nx: ");
  for (int i = 0; i < 100 && slow.send("x"); ++i) {
    std::this_thread::sleep_for(20ms);
    if (std::chrono::steady_clock::now() - began > 1s) break;
  }
  EXPECT_THAT(slow.receive_all(), StartsWith("HTTP/1.1 408 "));
}

TEST(Server, GivesUpOnAClientThatDoesNotRead) {
  ServerConfig config;
  config.limits.request_timeout = 200ms;
  const auto server = start(config, [](const Request&, const Respond& respond) {
    respond({200, {}, std::string(30'000'000, 'x')});
  });
  RawConnection deaf(server->port());
  ASSERT_TRUE(deaf.handshake());
  deaf.send("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
  for (int i = 0; i < 1'000 && server->stats().requests_http1 == 0; ++i) {
    std::this_thread::sleep_for(5ms);
  }
  for (int i = 0; i < 400 && server->stats().connections_open == 1; ++i) {
    std::this_thread::sleep_for(50ms);
  }
  EXPECT_EQ(server->stats().connections_open, 0U);
}

// A connection whose request is with the handler until the answer is let go.
class BusyServer {
 public:
  explicit BusyServer(const ServerConfig& config)
      : server_(start(config, [this](const Request& request, Respond respond) {
          if (request.target != "/wait") return respond({});
          const std::lock_guard lock(mutex_);
          waiting_.push_back(std::move(respond));
          ++count_;
        })) {}
  Server& operator*() { return *server_; }
  std::uint16_t port() const { return server_->port(); }
  bool make_busy(RawConnection& raw) {
    const int before = count_;
    if (!raw.handshake() || !raw.send("GET /wait HTTP/1.1\r\nhost: a\r\n\r\n")) return false;
    for (int i = 0; i < 1'000 && count_ == before; ++i) std::this_thread::sleep_for(5ms);
    return count_ > before;
  }
  void let_go() {
    const std::lock_guard lock(mutex_);
    for (const auto& respond : waiting_) respond({});
    waiting_.clear();
  }

 private:
  std::mutex mutex_;
  std::vector<Respond> waiting_;
  std::atomic<int> count_{0};
  std::unique_ptr<Server> server_;
};

bool comes_in(std::uint16_t port) {
  for (int i = 0; i < 200; ++i) {
    if (RawConnection(port).handshake()) return true;
    std::this_thread::sleep_for(10ms);
  }
  return false;
}

TEST(Server, BoundsTheNumberOfConnections) {
  ServerConfig config;
  config.limits.connections_max = 2;
  BusyServer server(config);
  RawConnection one(server.port());
  ASSERT_TRUE(server.make_busy(one));
  {
    RawConnection two(server.port());
    ASSERT_TRUE(server.make_busy(two));
    RawConnection three(server.port());
    EXPECT_FALSE(three.handshake());
    EXPECT_EQ((*server).stats().refused_by_total, 1U);
  }
  server.let_go();
  EXPECT_TRUE(comes_in(server.port()));
}

TEST(Server, ClosesTheLeastRecentlyUsedIdleConnectionToMakeRoom) {
  ServerConfig config;
  config.limits.connections_max = 3;
  BusyServer server(config);
  RawConnection busy(server.port());
  ASSERT_TRUE(server.make_busy(busy));
  RawConnection older(server.port());
  ASSERT_TRUE(older.handshake());
  RawConnection newer(server.port());
  ASSERT_TRUE(newer.handshake());
  older.send("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
  EXPECT_THAT(older.receive_until("\r\n\r\n"), StartsWith("HTTP/1.1 200 "));
  RawConnection fourth(server.port());
  EXPECT_TRUE(fourth.handshake());
  EXPECT_EQ(newer.receive_all(), "");
  EXPECT_TRUE(newer.closed_properly());
  older.send("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
  EXPECT_THAT(older.receive_until("\r\n\r\n"), StartsWith("HTTP/1.1 200 ")) << "it was used";
  server.let_go();
  EXPECT_THAT(busy.receive_until("\r\n\r\n"), StartsWith("HTTP/1.1 200 ")) << "it was busy";
  EXPECT_EQ((*server).stats().displaced, 1U);
}

TEST(Server, BoundsTheConnectionsFromOneAddress) {
  ServerConfig config;
  config.limits.connections_per_address_max = 1;
  BusyServer server(config);
  RawConnection elsewhere(server.port(), connected_from("127.0.0.2", server.port()));
  ASSERT_TRUE(elsewhere.handshake());
  RawConnection one(server.port());
  ASSERT_TRUE(server.make_busy(one));
  RawConnection two(server.port());
  EXPECT_FALSE(two.handshake()) << "another address's idle connection is no room for this one";
  EXPECT_EQ((*server).stats().refused_by_address, 1U);
  server.let_go();
  EXPECT_TRUE(comes_in(server.port()));
}

TEST(Server, TakesNewLimitsWhileItRuns) {
  const auto server = start();
  const auto client = client_of(server->port());
  ASSERT_EQ(client->send(post("/", std::string(2'000, 'b')))->status, 200);
  ServerLimits limits;
  limits.body_bytes_max = 1'000;
  ASSERT_TRUE(server->set_limits(limits));
  EXPECT_EQ(client->send(post("/", std::string(1'000, 'b')))->status, 200);
  // A request whose reader stood ready before the limits reached its loop is read by the old ones.
  int status = 200;
  for (int i = 0; i < 100 && status == 200; ++i)
    status = client->send(post("/", std::string(1'001, 'b')))->status;
  EXPECT_EQ(status, 413);
  limits.idle_timeout = 0ms;
  EXPECT_EQ(server->set_limits(limits).error().message, "server: a limit is 0");
}

TEST(Server, BoundsTheBytesOfAllBodies) {
  ServerConfig config;
  config.limits.buffered_body_bytes_max = 150'000;
  std::promise<Respond> asked;
  const auto server = start(config, [&](const Request& request, Respond respond) {
    if (request.target == "/wait") return asked.set_value(std::move(respond));
    respond({});
  });
  RawConnection one(server->port());
  ASSERT_TRUE(one.handshake());
  one.send("POST /wait HTTP/1.1\r\nhost: a\r\ncontent-length: 100000\r\n\r\n" +
           std::string(100'000, 'b'));
  auto respond = asked.get_future().get();
  EXPECT_EQ(server->stats().buffered_body_bytes, 100'000U);
  EXPECT_EQ(client_of(server->port())->send(post("/", std::string(50'000, 'b')))->status, 200);
  const auto refused = client_of(server->port())->send(post("/", std::string(50'001, 'b')));
  ASSERT_TRUE(refused) << refused.error().message;
  EXPECT_EQ(refused->status, 503);
  EXPECT_EQ(header(*refused, "x-code"), "ServiceUnavailable");
  EXPECT_EQ(header(*refused, "retry-after"), "1");
  respond({});
  respond = nullptr;
  EXPECT_THAT(one.receive_until("\r\n\r\n"), StartsWith("HTTP/1.1 200 "));
  EXPECT_EQ(client_of(server->port())->send(post("/", std::string(50'001, 'b')))->status, 200);
}

TEST(Server, BoundsTheTimeOfABodyWithinThatOfItsRequest) {
  ServerConfig config;
  config.limits.body_timeout = 100ms;
  const auto server = start(config);
  RawConnection slow(server->port());
  ASSERT_TRUE(slow.handshake());
  slow.send("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\n\r\na");
  EXPECT_THAT(slow.receive_all(), StartsWith("HTTP/1.1 408 "));
}

TEST(Server, CountsWhatItDoes) {
  const auto server = start();
  const auto client = client_of(server->port());
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(client->send(get("/")));
  auto stats = server->stats();
  EXPECT_EQ(stats.connections_open, 1U);
  EXPECT_EQ(stats.connections_accepted, 1U);
  EXPECT_EQ(stats.handshakes_done, 1U);
  EXPECT_EQ(stats.handshakes_failed, 0U);
  EXPECT_EQ(stats.requests_http1, 3U);
  EXPECT_EQ(stats.requests_refused, 0U);
  ASSERT_EQ(client->send(post("/", std::string(2'000'000, 'b')))->status, 413);
  stats = server->stats();
  EXPECT_EQ(stats.requests_http1, 3U);
  EXPECT_EQ(stats.requests_refused, 1U);
}

}  // namespace
}  // namespace vitrine::net

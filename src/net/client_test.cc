#include "net/client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <atomic>
#include <functional>

#include "net/test_peers.h"

namespace vitrine::net {
namespace {

using namespace testing;
using ::testing::HasSubstr;

// A TLS server whose every connection gets one function's treatment: it sees the stream after the
// handshake, and the connection closes when it returns.
class ScriptedServer {
 public:
  // Called with the connection's number from 0 and functions to read up to some text and to write.
  struct Peer {
    int number;
    std::function<bool(std::string_view)> read_until;
    std::function<void(std::string_view)> write;
    std::function<void()> goodbye;
  };
  explicit ScriptedServer(std::function<void(const Peer&)> script)
      : script_(std::move(script)),
        context_(*make_server_context(service_identity())),
        listener_(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::bind(listener_.number(), reinterpret_cast<sockaddr*>(&address), sizeof(address)),
              0);
    EXPECT_EQ(::listen(listener_.number(), 8), 0);
    socklen_t size = sizeof(address);
    ::getsockname(listener_.number(), reinterpret_cast<sockaddr*>(&address), &size);
    port = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ~ScriptedServer() {
    stop_ = true;
    thread_.join();
  }
  std::uint16_t port = 0;
  std::atomic<int> connections = 0;

 private:
  void serve() {
    while (!stop_) {
      const auto soon = std::chrono::steady_clock::now() + 20ms;
      if (!wait_for(listener_.number(), Direction::read, soon)) continue;
      FileDescriptor socket(::accept4(listener_.number(), nullptr, nullptr, SOCK_NONBLOCK));
      if (socket.number() >= 0) serve_one(socket.number());
    }
  }
  void serve_one(int socket) {
    auto tls = TlsStream::accept(context_.get(), socket);
    const auto drive = [&](auto call) {
      while (true) {
        const auto outcome = call();
        if (outcome == TlsStream::Outcome::done) return true;
        const bool reads = outcome == TlsStream::Outcome::want_read;
        if (!reads && outcome != TlsStream::Outcome::want_write) return false;
        if (!wait_for(socket, reads ? Direction::read : Direction::write,
                      std::chrono::steady_clock::now() + 5s)) {
          return false;
        }
      }
    };
    if (!drive([&] { return tls->handshake(); })) return;
    std::string received;
    const Peer peer{connections++,
                    [&](std::string_view end) {
                      while (received.find(end) == std::string::npos) {
                        std::array<char, 4'096> buffer;
                        std::size_t count = 0;
                        if (!drive([&] { return tls->read(buffer, count); })) return false;
                        received.append(buffer.data(), count);
                      }
                      received.clear();
                      return true;
                    },
                    [&](std::string_view text) {
                      std::size_t count = 0;
                      drive([&] { return tls->write(text, count); });
                    },
                    [&] { tls->close(); }};
    script_(peer);
  }

  std::function<void(const Peer&)> script_;
  SslContext context_;
  FileDescriptor listener_;
  std::atomic<bool> stop_ = false;
  std::thread thread_;
};

// Answers every connection with `answer`, once, then closes properly.
std::function<void(const ScriptedServer::Peer&)> always(std::string answer) {
  return [answer = std::move(answer)](const ScriptedServer::Peer& peer) {
    if (!peer.read_until("\r\n\r\n")) return;
    peer.write(answer);
    peer.goodbye();
  };
}

Result<Response> answer_to_get(std::string answer) {
  const ScriptedServer server(always(std::move(answer)));
  return client_of(server.port)->send(get("/"));
}

TEST(Client, KeepsItsConnection) {
  const ScriptedServer server([](const ScriptedServer::Peer& peer) {
    while (peer.read_until("\r\n\r\n")) {
      peer.write("HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n" + std::to_string(peer.number));
    }
  });
  const auto client = client_of(server.port);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(client->send(get("/"))->body, "0");
  EXPECT_EQ(server.connections, 1);
}

TEST(Client, ConnectsAgainWhereTheServerClosedMeanwhile) {
  const ScriptedServer server(always("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"));
  const auto client = client_of(server.port);
  for (int i = 0; i < 3; ++i) {
    const auto answer = client->send(post("/", "x"));
    ASSERT_TRUE(answer) << answer.error().message;
    std::this_thread::sleep_for(100ms);
  }
  EXPECT_EQ(server.connections, 3);
}

TEST(Client, SendsOnlyGetTwice) {
  const ScriptedServer server([](const ScriptedServer::Peer& peer) {
    peer.read_until("\r\n\r\n");
    if (peer.number % 2 == 1) peer.write("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
  });
  EXPECT_TRUE(client_of(server.port)->send(get("/")));
  EXPECT_EQ(server.connections, 2);
  const auto posted = client_of(server.port)->send(post("/", ""));
  ASSERT_FALSE(posted);
  EXPECT_EQ(posted.error().code, Code::unavailable);
  EXPECT_THAT(posted.error().message, HasSubstr("exchange with 127.0.0.1:"));
  EXPECT_EQ(server.connections, 3);
}

TEST(Client, GivesUpAfterTheSecondGet) {
  const ScriptedServer server(
      [](const ScriptedServer::Peer& peer) { peer.read_until("\r\n\r\n"); });
  EXPECT_EQ(client_of(server.port)->send(get("/")).error().code, Code::unavailable);
  EXPECT_EQ(server.connections, 2);
}

TEST(Client, SendsNothingTwiceOnceTheAnswerBegan) {
  const ScriptedServer server(always("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nab"));
  const auto answer = client_of(server.port)->send(get("/"));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Code::malformed);
  EXPECT_THAT(answer.error().message,
              HasSubstr("The connection closed in the middle of the answer."));
  EXPECT_EQ(server.connections, 1);
}

TEST(Client, TakesChunksInterimAnswersAndBodiesThatEndWithTheConnection) {
  EXPECT_EQ(answer_to_get("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: "
                          "chunked\r\n\r\n1\r\na\r\n0\r\n\r\n")
                ->body,
            "a");
  EXPECT_EQ(answer_to_get("HTTP/1.0 200 OK\r\n\r\nuntil the end")->body, "until the end");
}

TEST(Client, RefusesABodyThatEndsWithoutTlsSayingSo) {
  const ScriptedServer server([](const ScriptedServer::Peer& peer) {
    peer.read_until("\r\n\r\n");
    peer.write("HTTP/1.0 200 OK\r\n\r\ncut");
  });
  const auto answer = client_of(server.port)->send(get("/"));
  ASSERT_FALSE(answer);
  EXPECT_THAT(answer.error().message, HasSubstr("unexpected eof while reading"));
}

TEST(Client, RefusesWhatIsNotAnAnswer) {
  EXPECT_EQ(answer_to_get("SSH-2.0-x\r\n\r\n").error().code, Code::malformed);
  EXPECT_THAT(answer_to_get("HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nab").error().message,
              HasSubstr("More bytes came than the answer has."));
}

TEST(Client, BoundsTheBody) {
  const ScriptedServer server(always("HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nabcd"));
  auto config = client_config(server.port);
  config.body_bytes_max = 4;
  EXPECT_TRUE((*Client::make(config))->send(get("/")));
  config.body_bytes_max = 3;
  const auto answer = (*Client::make(config))->send(get("/"));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Code::malformed);
  EXPECT_THAT(answer.error().message, HasSubstr("The body is over 3 bytes."));
}

TEST(Client, BoundsTheTimeOfAnExchange) {
  const ScriptedServer server([](const ScriptedServer::Peer& peer) {
    peer.read_until("\r\n\r\n");
    peer.write("HTTP/1.1 200 OK\r\n");
    peer.read_until("never");
  });
  auto config = client_config(server.port);
  config.timeout = 200ms;
  const auto client = *Client::make(config);
  const auto began = std::chrono::steady_clock::now();
  const auto answer = client->send(get("/"));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Code::unavailable);
  EXPECT_THAT(answer.error().message, HasSubstr("timed out"));
  EXPECT_LT(std::chrono::steady_clock::now() - began, 3s);
}

TEST(Client, TrustsOnlyWhatIsPinned) {
  const auto server = start();
  auto config = client_config(server->port());
  EXPECT_TRUE((*Client::make(config))->send(get("/"))) << "the root";
  config.pinned = service_node().certificate;
  EXPECT_TRUE((*Client::make(config))->send(get("/"))) << "the server's own, though no CA";
  config.pinned = make_root("Test service").certificate;
  const auto other = (*Client::make(config))->send(get("/"));
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, Code::denied);
  EXPECT_THAT(other.error().message, HasSubstr("TLS handshake with 127.0.0.1:"));
  EXPECT_THAT(other.error().message, HasSubstr("the server's certificate is refused: "));
  config.pinned.reset();
  config.insecure_skip_verify = true;
  EXPECT_TRUE((*Client::make(config))->send(get("/"))) << "said aloud";
}

TEST(Client, TrustsAnyOfSeveralRootsAndNoOther) {
  const auto server = start();
  auto config = client_config(server->port());
  config.pinned.reset();
  config.roots = {make_root("Another").certificate, service_root().certificate,
                  service_root().certificate};
  EXPECT_TRUE((*Client::make(config))->send(get("/")));
  config.roots.erase(config.roots.begin() + 1, config.roots.end());
  const auto other = (*Client::make(config))->send(get("/"));
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, Code::denied);
  config.insecure_skip_verify = true;
  EXPECT_FALSE(Client::make(config));
}

TEST(Client, GivesUpWhenItIsToldToStop) {
  std::atomic<bool> stopped{false};
  const ScriptedServer server([&stopped](const ScriptedServer::Peer& peer) {
    peer.read_until("\r\n\r\n");
    stopped = true;
    peer.read_until("never");
  });
  auto config = client_config(server.port);
  config.timeout = 60s;
  config.stopped = &stopped;
  const auto began = std::chrono::steady_clock::now();
  const auto answer = (*Client::make(config))->send(get("/"));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Code::unavailable);
  EXPECT_THAT(answer.error().message, HasSubstr("given up: this process stops"));
  EXPECT_LT(std::chrono::steady_clock::now() - began, 30s);
}

TEST(Client, ChecksTheNameOfTheServer) {
  const auto root = service_root();
  auto request = request_for("127.0.0.1", false);
  request.alternatives = {{"kms.example"}, {"127.0.0.2"}};
  const auto key = *crypto::PrivateKey::generate(crypto::KeyKind::ec_p256);
  const auto certificate =
      *crypto::make_certificate(request, key.public_key(), root.certificate, root.key);
  const auto server = start();
  ASSERT_TRUE(server->set_identity({{certificate}, key}));
  auto config = client_config(server->port());
  const auto by_address = (*Client::make(config))->send(get("/"));
  ASSERT_FALSE(by_address) << "a common name is no address";
  EXPECT_THAT(by_address.error().message, HasSubstr("IP address mismatch"));
  config.url = "https://localhost:" + std::to_string(server->port());
  const auto by_name = (*Client::make(config))->send(get("/"));
  ASSERT_FALSE(by_name);
  EXPECT_THAT(by_name.error().message, HasSubstr("hostname mismatch"));
  ASSERT_TRUE(server->set_identity(service_identity()));
  EXPECT_TRUE((*Client::make(config))->send(get("/")));
}

TEST(Client, RefusesAnExpiredCertificate) {
  auto request = request_for("old", false);
  request.not_before -= 48h;
  request.not_after -= 48h;
  const auto key = *crypto::PrivateKey::generate(crypto::KeyKind::ec_p256);
  const auto certificate = *crypto::make_certificate(
      request, key.public_key(), service_root().certificate, service_root().key);
  const auto server = start();
  ASSERT_TRUE(server->set_identity({{certificate}, key}));
  const auto answer = client_of(server->port())->send(get("/"));
  ASSERT_FALSE(answer);
  EXPECT_THAT(answer.error().message, HasSubstr("certificate has expired"));
}

TEST(Client, WantsToKnowWhomToTrust) {
  ClientConfig config;
  config.url = "https://127.0.0.1:1";
  EXPECT_EQ(Client::make(config).error().message,
            "client of 127.0.0.1:1: no certificate is pinned");
  config.pinned = service_root().certificate;
  config.insecure_skip_verify = true;
  EXPECT_EQ(Client::make(config).error().message,
            "client of 127.0.0.1:1: a certificate is pinned and verification is to be skipped: "
            "choose one");
  config.url = "127.0.0.1";
  EXPECT_EQ(Client::make(config).error().code, Code::malformed);
}

TEST(Client, SaysThatNobodyListens) {
  auto config = client_config(1);
  const auto answer = (*Client::make(config))->send(get("/"));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Code::unavailable);
  EXPECT_EQ(answer.error().message, "connect to 127.0.0.1:1: Connection refused");
}

}  // namespace
}  // namespace vitrine::net

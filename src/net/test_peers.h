// For tests of net only: certificates, a server around a handler, a client that sends raw bytes,
// and commands of other implementations.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "net/client.h"
#include "net/server.h"
#include "net/tcp_connect.h"
#include "net/tls.h"

namespace vitrine::net::testing {

using namespace std::chrono_literals;

struct Party {
  crypto::Certificate certificate;
  crypto::PrivateKey key;
};

inline crypto::CertificateRequest request_for(const std::string& name, bool ca) {
  SystemClock clock;
  crypto::CertificateRequest request;
  request.common_name = name;
  request.not_before = clock.now() - 1h;
  request.not_after = clock.now() + 24h;
  request.ca = ca;
  if (!ca) request.alternatives = {{"localhost"}, {"127.0.0.1"}};
  return request;
}

inline Party make_root(const std::string& name) {
  auto key = crypto::PrivateKey::generate(crypto::KeyKind::ec_p256);
  auto certificate = crypto::make_self_signed(request_for(name, true), *key);
  EXPECT_TRUE(certificate) << certificate.error().message;
  return {*certificate, *key};
}

inline Party make_leaf(const std::string& name, const Party& root) {
  auto key = crypto::PrivateKey::generate(crypto::KeyKind::ec_p256);
  auto certificate = crypto::make_certificate(request_for(name, false), key->public_key(),
                                              root.certificate, root.key);
  EXPECT_TRUE(certificate) << certificate.error().message;
  return {*certificate, *key};
}

// A certificate that is its own root and nobody's.
inline Party make_lone(const std::string& name) {
  auto key = crypto::PrivateKey::generate(crypto::KeyKind::ec_p256);
  auto certificate = crypto::make_self_signed(request_for(name, false), *key);
  EXPECT_TRUE(certificate) << certificate.error().message;
  return {*certificate, *key};
}

// One service for all tests of the process: root and the node certificate it endorsed.
inline const Party& service_root() {
  static const Party party = make_root("Test service");
  return party;
}
inline const Party& service_node() {
  static const Party party = make_leaf("Test node", service_root());
  return party;
}
inline TlsIdentity service_identity() {
  return {{service_node().certificate, service_root().certificate}, service_node().key};
}

inline Response error_response(int status, std::string_view code, std::string_view message) {
  return {status, {{"x-code", std::string(code)}}, std::string(message)};
}

// Says back what it was asked.
inline void echo(Request request, const Respond& respond) {
  Response response;
  response.headers = {{"x-method", request.method},
                      {"x-target", request.target},
                      {"x-peer", request.peer_address},
                      {"x-client-certificate", std::to_string(request.client_certificate.size())}};
  response.body = std::move(request.body);
  respond(std::move(response));
}

inline std::unique_ptr<Server> start(ServerConfig config = {}, Handler handler = echo) {
  config.port = 0;
  auto server = Server::start(config, service_identity(), std::move(handler), error_response);
  EXPECT_TRUE(server) << server.error().message;
  return server ? *std::move(server) : nullptr;
}

inline ClientConfig client_config(std::uint16_t port) {
  ClientConfig config;
  config.url = "https://127.0.0.1:" + std::to_string(port);
  config.pinned = service_root().certificate;
  config.timeout = 20s;
  return config;
}
inline std::unique_ptr<Client> client_of(std::uint16_t port) {
  auto client = Client::make(client_config(port));
  EXPECT_TRUE(client) << client.error().message;
  return client ? *std::move(client) : nullptr;
}
inline Request get(const std::string& target) { return {"GET", target, {}, "", "", {}}; }
inline Request post(const std::string& target, std::string body) {
  return {"POST", target, {}, std::move(body), "", {}};
}

// A connection from another address of this machine.
inline FileDescriptor connected_from(const std::string& address, std::uint16_t port) {
  FileDescriptor socket(::socket(AF_INET, SOCK_STREAM, 0));
  sockaddr_in from{};
  from.sin_family = AF_INET;
  EXPECT_EQ(::inet_pton(AF_INET, address.c_str(), &from.sin_addr), 1);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(::bind(socket.number(), reinterpret_cast<sockaddr*>(&from), sizeof(from)), 0);
  EXPECT_EQ(::connect(socket.number(), reinterpret_cast<sockaddr*>(&to), sizeof(to)), 0);
  return socket;
}

// A TLS connection that says exactly what a test wants.
class RawConnection {
 public:
  explicit RawConnection(std::uint16_t port) : RawConnection(port, connected_to(port)) {}
  RawConnection(std::uint16_t port, FileDescriptor socket) : socket_(std::move(socket)) {
    deadline_ = std::chrono::steady_clock::now() + 20s;
    auto context = make_client_context(client_config(port));
    context_ = *std::move(context);
    tls_.emplace(*TlsStream::connect(context_.get(), socket_.number(), "127.0.0.1"));
  }
  static FileDescriptor connected_to(std::uint16_t port) {
    auto socket = connect_tcp({"127.0.0.1", std::to_string(port), ""},
                              std::chrono::steady_clock::now() + 20s);
    EXPECT_TRUE(socket) << socket.error().message;
    return socket ? *std::move(socket) : FileDescriptor();
  }
  bool handshake() {
    return drive([&] { return tls_->handshake(); });
  }
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      std::size_t count = 0;
      if (!drive([&] { return tls_->write(bytes, count); })) return false;
      bytes.remove_prefix(count);
    }
    return true;
  }
  // Until `end` has been read, or the connection closed.
  std::string receive_until(std::string_view end) {
    while (received_.find(end) == std::string::npos) {
      std::array<char, 16'384> buffer;
      std::size_t count = 0;
      if (!drive([&] { return tls_->read(buffer, count); })) break;
      received_.append(buffer.data(), count);
    }
    return std::exchange(received_, {});
  }
  std::string receive_all() { return receive_until("\x01never\x01"); }
  bool closed_properly() const { return outcome_ == TlsStream::Outcome::closed; }
  void drop() { socket_ = FileDescriptor(); }

 private:
  template <class F>
  bool drive(const F& call) {
    while (true) {
      outcome_ = call();
      if (outcome_ == TlsStream::Outcome::done) return true;
      const bool reads = outcome_ == TlsStream::Outcome::want_read;
      if (!reads && outcome_ != TlsStream::Outcome::want_write) return false;
      if (!wait_for(socket_.number(), reads ? Direction::read : Direction::write, deadline_)) {
        return false;
      }
    }
  }

  Deadline deadline_;
  SslContext context_;
  FileDescriptor socket_;
  std::optional<TlsStream> tls_;
  TlsStream::Outcome outcome_ = TlsStream::Outcome::done;
  std::string received_;
};

// A folder with files for commands, gone at the end.
class Folder {
 public:
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "net_test_XXXXXX").string();
    EXPECT_NE(::mkdtemp(pattern.data()), nullptr);
    path_ = pattern;
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  std::string put(const std::string& name, std::string_view text) const {
    std::ofstream(path_ / name, std::ios::binary) << text;
    return file(name);
  }
  std::string file(const std::string& name) const { return (path_ / name).string(); }
  std::string put_key(const std::string& name, const crypto::PrivateKey& key) const {
    const auto pem = key.pem();
    return put(name, as_text(pem.reveal()));
  }

 private:
  std::filesystem::path path_;
};

struct CommandResult {
  int status = -1;
  std::string output;  // with standard error
};
inline CommandResult run(const std::string& command) {
  CommandResult result;
  std::FILE* pipe = ::popen(("timeout 30 sh -c '" + command + "' 2>&1").c_str(), "r");
  if (pipe == nullptr) return result;
  std::array<char, 4'096> buffer;
  std::size_t count = 0;
  while ((count = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0) {
    result.output.append(buffer.data(), count);
  }
  const int status = ::pclose(pipe);
  result.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return result;
}

}  // namespace vitrine::net::testing

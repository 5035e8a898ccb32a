// Net against other implementations: curl, OpenSSL's s_client and s_server, Python's http.server.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "net/test_peers.h"

namespace vitrine::net {
namespace {

using namespace testing;
using ::testing::HasSubstr;
using ::testing::Not;

class Interop : public ::testing::Test {
 protected:
  void SetUp() override {
    service_file_ = folder_.put("service.pem", service_root().certificate.pem());
    const auto client = make_lone("client");
    client_bytes_ = client.certificate.der().size();
    client_file_ = folder_.put("client.pem", client.certificate.pem());
    client_key_file_ = folder_.put_key("client_key.pem", client.key);
  }
  std::string url(const std::string& path) const {
    return "https://127.0.0.1:" + std::to_string(server_->port()) + path;
  }
  CommandResult curl(const std::string& options) const {
    return run("curl --silent --show-error --include --cacert " + service_file_ + " " + options);
  }
  std::string client_options() const {
    return " --cert " + client_file_ + " --key " + client_key_file_ + " ";
  }
  CommandResult s_client(const std::string& options) const {
    return run(
        "printf \"GET / HTTP/1.1\\r\\nhost: a\\r\\nconnection: close\\r\\n\\r\\n\" | "
        "openssl s_client -ign_eof -servername localhost -CAfile " +
        service_file_ + " -connect 127.0.0.1:" + std::to_string(server_->port()) + " " + options);
  }
  std::string seen(std::size_t certificate_bytes) const {
    return "x-client-certificate: " + std::to_string(certificate_bytes) + "\r\n";
  }

  Folder folder_;
  std::string service_file_;
  std::string client_file_;
  std::string client_key_file_;
  std::size_t client_bytes_ = 0;
  std::unique_ptr<Server> server_ = start();
};

TEST_F(Interop, CurlGetsOverBothVersions) {
  for (const char* version : {"--tls-max 1.2", "--tlsv1.3"}) {
    const auto got = curl(std::string(version) + " " + url("/app/key?fmt=tink"));
    EXPECT_EQ(got.status, 0) << got.output;
    EXPECT_EQ(
        got.output,
        "HTTP/2 200 \r\nx-method: GET\r\nx-target: /app/key?fmt=tink\r\nx-peer: 127.0.0.1\r\n" +
            seen(0) + "content-length: 0\r\n\r\n");
    const auto older = curl("--http1.1 " + std::string(version) + " " + url("/app/key?fmt=tink"));
    EXPECT_THAT(older.output, HasSubstr("HTTP/1.1 200 OK\r\n"));
    EXPECT_THAT(older.output, HasSubstr("x-target: /app/key?fmt=tink\r\n"));
    EXPECT_THAT(older.output, HasSubstr(seen(0)));
  }
}

TEST_F(Interop, CurlPresentsAnUnknownCertificate) {
  for (const char* version : {"--tls-max 1.2", "--tlsv1.3"}) {
    for (const char* protocol : {" --http1.1", " --http2"}) {
      const auto got = curl(std::string(version) + protocol + client_options() + url("/"));
      EXPECT_THAT(got.output, HasSubstr(seen(client_bytes_)));
    }
  }
}

TEST_F(Interop, CurlPostsChunksAndWaitsForContinue) {
  const auto body = folder_.put("body", std::string(500'000, 'b'));
  // The answer's body is as long as the request's: more than a failure should print.
  const std::string quiet = "-o " + folder_.file("answer") + " -D - ";
  for (const char* protocol : {"--http1.1 ", "--http2 "}) {
    const auto counted = curl(protocol + quiet + "--data-binary @" + body + " " + url("/"));
    EXPECT_THAT(counted.output, HasSubstr("content-length: 500000\r\n"));
  }
  const auto chunked =
      curl("--http1.1 " + quiet + "-H transfer-encoding:chunked -T " + body + " " + url("/"));
  EXPECT_THAT(chunked.output, HasSubstr("HTTP/1.1 100 Continue\r\n"));
  EXPECT_THAT(chunked.output, HasSubstr("content-length: 500000\r\n"));
  const auto streamed =
      curl("--http2 " + quiet + "-H expect:100-continue -T - " + url("/") + " <" + body);
  EXPECT_THAT(streamed.output, HasSubstr("HTTP/2 100 \r\n"));
  EXPECT_THAT(streamed.output, HasSubstr("content-length: 500000\r\n"));
}

TEST_F(Interop, CurlKeepsAndPipesAndHeads) {
  for (const std::string protocol : {"--http1.1 ", "--http2 "}) {
    const auto several =
        curl(protocol + "--verbose " + url("/1") + " " + url("/2") + " " + url("/3"));
    EXPECT_THAT(several.output, HasSubstr("x-target: /3\r\n"));
    EXPECT_THAT(several.output, HasSubstr("Re-using existing connection"));
    const auto head = curl(protocol + "--head " + url("/"));
    EXPECT_EQ(head.status, 0) << head.output;
    EXPECT_THAT(head.output, HasSubstr("x-method: HEAD\r\n"));
  }
  EXPECT_EQ(curl("--http1.0 " + url("/")).status, 0);
}

TEST_F(Interop, CurlReadsTheRefusalOfALargeBody) {
  const auto body = folder_.put("body", std::string(3'000'000, 'b'));
  for (const std::string protocol : {"--http1.1 ", "--http2 "}) {
    const auto refused = curl(protocol + "-H expect: --data-binary @" + body + " " + url("/"));
    EXPECT_THAT(refused.output, HasSubstr(" 413 "));
    EXPECT_THAT(refused.output, HasSubstr("x-code: RequestBodyTooLarge\r\n"));
    EXPECT_THAT(refused.output, HasSubstr("The body is over 1000000 bytes."));
  }
}

TEST_F(Interop, CurlRefusesAnotherService) {
  const auto other = folder_.put("other.pem", make_root("other").certificate.pem());
  EXPECT_EQ(run("curl --silent --cacert " + other + " " + url("/")).status, 60);
}

TEST_F(Interop, OldVersionsAndSuitesAreRefused) {
  const auto old = s_client("-tls1_1 -cipher ALL:@SECLEVEL=0");
  EXPECT_THAT(old.output, Not(HasSubstr("HTTP/1.1 200")));
  EXPECT_THAT(old.output, HasSubstr("protocol version"));
  for (const char* suite : {"ECDHE-ECDSA-AES128-SHA256", "ECDHE-ECDSA-AES256-SHA",
                            "AES128-GCM-SHA256", "DHE-RSA-AES128-GCM-SHA256"}) {
    const auto refused = s_client(std::string("-tls1_2 -cipher ") + suite);
    EXPECT_THAT(refused.output, HasSubstr("handshake failure")) << suite;
  }
  for (const char* suite : {"ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-CHACHA20-POLY1305"}) {
    const auto taken = s_client(std::string("-tls1_2 -cipher ") + suite);
    EXPECT_THAT(taken.output, HasSubstr("HTTP/1.1 200")) << suite;
  }
}

TEST_F(Interop, GroupsAreX25519AndTwoNistCurves) {
  EXPECT_THAT(s_client("").output, HasSubstr("Server Temp Key: X25519"));
  EXPECT_THAT(s_client("-groups P-256").output, HasSubstr("Server Temp Key: ECDH, prime256v1"));
  EXPECT_THAT(s_client("-groups P-521:P-384").output,
              HasSubstr("Server Temp Key: ECDH, secp384r1"));
  EXPECT_THAT(s_client("-groups P-521").output, HasSubstr("handshake failure"));
}

TEST_F(Interop, OffersNeitherCompressionNorRenegotiationNorEarlyData) {
  const auto shown = s_client("-tls1_2 -comp");
  EXPECT_THAT(shown.output, HasSubstr("Compression: NONE"));
  EXPECT_THAT(s_client("-tls1_3").output, HasSubstr("Early data was not sent"));
  // "R" on a line of its own makes s_client ask for a renegotiation.
  const auto again =
      run("(sleep 0.3; echo R; sleep 0.5) | openssl s_client -tls1_2 -connect "
          "127.0.0.1:" +
          std::to_string(server_->port()));
  EXPECT_THAT(again.output, HasSubstr("RENEGOTIATING"));
  EXPECT_THAT(again.output, HasSubstr("no renegotiation"));
}

TEST_F(Interop, ChoosesHttp2ByAlpnBeforeHttp11AndRefusesOthers) {
  EXPECT_THAT(s_client("-alpn http/1.1,h2").output, HasSubstr("ALPN protocol: h2"));
  EXPECT_THAT(s_client("-alpn h2").output, HasSubstr("ALPN protocol: h2"));
  EXPECT_THAT(s_client("-alpn http/1.1").output, HasSubstr("ALPN protocol: http/1.1"));
  EXPECT_THAT(s_client("").output, HasSubstr("No ALPN negotiated"));
  EXPECT_THAT(s_client("-alpn spdy/1").output, HasSubstr("no application protocol"));
}

TEST_F(Interop, PresentsTheWholeChain) {
  const auto shown = s_client("-showcerts");
  EXPECT_THAT(shown.output, HasSubstr("Verify return code: 0 (ok)"));
  EXPECT_THAT(shown.output, HasSubstr(" 1 s:CN = Test service"));
}

// Without a session id context a client with a certificate gets alert 80 when it resumes; and a
// resumed connection must still know whose it is.
TEST_F(Interop, ResumedSessionsKnowTheClientCertificate) {
  for (const char* version : {"-tls1_2", "-tls1_3"}) {
    const auto session = folder_.file("session");
    const auto options =
        std::string(version) + " -cert " + client_file_ + " -key " + client_key_file_;
    const auto first = s_client(options + " -sess_out " + session);
    EXPECT_THAT(first.output, HasSubstr("New, TLSv1.")) << first.output;
    EXPECT_THAT(first.output, HasSubstr(seen(client_bytes_)));
    const auto second = s_client(options + " -sess_in " + session);
    EXPECT_THAT(second.output, HasSubstr("Reused, TLSv1.")) << version << second.output;
    EXPECT_THAT(second.output, HasSubstr(seen(client_bytes_))) << version;
    const auto stolen = s_client(std::string(version) + " -sess_out " + session);
    EXPECT_THAT(stolen.output, HasSubstr(seen(0)));
    const auto anonymous = s_client(std::string(version) + " -sess_in " + session);
    EXPECT_THAT(anonymous.output, HasSubstr("Reused, TLSv1."));
    EXPECT_THAT(anonymous.output, HasSubstr(seen(0)));
  }
}

TEST_F(Interop, TicketsEndWithTheIdentity) {
  const auto session = folder_.file("session");
  EXPECT_THAT(s_client("-sess_out " + session).output, HasSubstr("HTTP/1.1 200"));
  ASSERT_TRUE(server_->set_identity(service_identity()));
  const auto again = s_client("-sess_in " + session);
  EXPECT_THAT(again.output, HasSubstr("New, TLSv1.3"));
  EXPECT_THAT(again.output, HasSubstr("HTTP/1.1 200"));
}

// A command in the background that listens on a port, ended with the test.
class ForeignServer {
 public:
  ForeignServer(const Folder& folder, const std::string& command) {
    const auto pid_file = folder.file("pid");
    const auto started =
        run("(" + command + ") </dev/null >" + folder.file("log") + " 2>&1 & echo $! >" + pid_file);
    EXPECT_EQ(started.status, 0) << started.output;
    std::ifstream(pid_file) >> pid_;
  }
  ~ForeignServer() {
    if (pid_ > 1) run("kill " + std::to_string(pid_));
  }

 private:
  long pid_ = 0;
};

std::uint16_t free_port() {
  const FileDescriptor socket(::socket(AF_INET, SOCK_STREAM, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  ::bind(socket.number(), reinterpret_cast<sockaddr*>(&address), sizeof(address));
  ::getsockname(socket.number(), reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin_port);
}

Result<Response> answer_when_up(Client& client, const Request& request) {
  auto answer = client.send(request);
  for (int i = 0; i < 200 && !answer; ++i) {
    std::this_thread::sleep_for(50ms);
    answer = client.send(request);
  }
  return answer;
}

TEST_F(Interop, ClientReadsFromOpensslsServer) {
  const auto node = folder_.put("node.pem", service_node().certificate.pem());
  const auto key = folder_.put_key("node_key.pem", service_node().key);
  for (const char* version : {"-tls1_2", "-tls1_3"}) {
    const auto port = free_port();
    const ForeignServer foreign(
        folder_, "exec openssl s_server -www -accept 127.0.0.1:" + std::to_string(port) +
                     " -cert " + node + " -key " + key + " " + version);
    const auto client = client_of(port);
    for (int i = 0; i < 2; ++i) {
      const auto answer = answer_when_up(*client, get("/"));
      ASSERT_TRUE(answer) << answer.error().message;
      EXPECT_EQ(answer->status, 200);
      EXPECT_THAT(answer->body, HasSubstr("Ciphers supported in s_server binary"));
    }
  }
}

TEST_F(Interop, ClientReadsFromPythonsServer) {
  folder_.put("node.pem", service_node().certificate.pem());
  folder_.put_key("node_key.pem", service_node().key);
  folder_.put("hello", "world");
  const auto port = free_port();
  folder_.put("serve.py",
              "import http.server, ssl, os, sys\n"
              "os.chdir(os.path.dirname(sys.argv[0]))\n"
              "class Handler(http.server.SimpleHTTPRequestHandler):\n"
              "  protocol_version = sys.argv[2]\n"
              "server = http.server.HTTPServer((\"127.0.0.1\", int(sys.argv[1])), Handler)\n"
              "context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)\n"
              "context.load_cert_chain(\"node.pem\", \"node_key.pem\")\n"
              "server.socket = context.wrap_socket(server.socket, server_side=True)\n"
              "server.serve_forever()\n");
  for (const char* version : {"HTTP/1.1", "HTTP/1.0"}) {
    const ForeignServer foreign(folder_, "exec python3 " + folder_.file("serve.py") + " " +
                                             std::to_string(port) + " " + version);
    const auto client = client_of(port);
    const auto answer = answer_when_up(*client, get("/hello"));
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(answer->body, "world");
    EXPECT_EQ(client->send(get("/absent"))->status, 404);
    const auto head = client->send({"HEAD", "/hello", {}, "", "", {}});
    ASSERT_TRUE(head) << head.error().message;
    EXPECT_EQ(find_header(head->headers, "Content-Length"), "5");
  }
}

}  // namespace
}  // namespace vitrine::net

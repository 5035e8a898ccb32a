#include "net/tls_client_certificate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/pem.h>

#include "net/test_peers.h"

namespace vitrine::net {
namespace {

using namespace testing;
using ::testing::HasSubstr;
using ::testing::Not;

// Certificates as OpenSSL's own command makes them.
class ClientCertificate : public ::testing::Test {
 protected:
  void make(const std::string& key_options) {
    const auto made = run("openssl req -x509 -nodes -days 2 -subj /CN=odd -newkey " + key_options +
                          " -keyout " + key_ + " -out " + certificate_);
    ASSERT_EQ(made.status, 0) << made.output;
  }
  std::string verdict() const {
    std::ifstream file(certificate_);
    const std::string pem{std::istreambuf_iterator<char>(file), {}};
    BIO* bio = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
    X509* certificate = PEM_read_bio_X509(bio, nullptr, nullptr, nullptr);
    BIO_free(bio);
    const Status checked = check_client_key(X509_get0_pubkey(certificate));
    X509_free(certificate);
    return checked ? "accepted" : checked.error().message;
  }
  // What the client is told, over TLS 1.3 and 1.2.
  std::string answer(const std::string& version, const std::string& more = "") const {
    return run("printf \"GET / HTTP/1.1\\r\\nhost: a\\r\\nconnection: close\\r\\n\\r\\n\" | "
               "openssl s_client -ign_eof " +
               version + " -cert " + certificate_ + " -key " + key_ +
               " -connect 127.0.0.1:" + std::to_string(server_->port()) + " " + more)
        .output;
  }
  void expect_refused_before_its_signature() {
    for (const char* version : {"-tls1_3", "-tls1_2"}) {
      // A signature that was checked and is wrong would be "decrypt error".
      EXPECT_THAT(answer(version), HasSubstr("alert bad certificate")) << version;
    }
    EXPECT_EQ(server_->stats().handshakes_failed, 2U);
    EXPECT_EQ(server_->stats().requests_http1, 0U);
  }

  Folder folder_;
  std::string key_ = folder_.file("key.pem");
  std::string certificate_ = folder_.file("certificate.pem");
  std::unique_ptr<Server> server_ = start();
};

TEST_F(ClientCertificate, OfAnOrdinaryKeyIsAccepted) {
  for (const char* options : {"rsa:2048", "rsa:4096", "ec -pkeyopt ec_paramgen_curve:P-256",
                              "ec -pkeyopt ec_paramgen_curve:P-384", "ed25519"}) {
    make(options);
    EXPECT_EQ(verdict(), "accepted") << options;
    for (const char* version : {"-tls1_3", "-tls1_2"}) {
      EXPECT_THAT(answer(version), HasSubstr("HTTP/1.1 200 OK")) << options;
    }
  }
}

// In TLS 1.2 a certificate's curve must be one of the key exchange's.
TEST_F(ClientCertificate, OfP521IsAcceptedInTls13) {
  make("ec -pkeyopt ec_paramgen_curve:P-521");
  EXPECT_EQ(verdict(), "accepted");
  EXPECT_THAT(answer("-tls1_3"), HasSubstr("HTTP/1.1 200 OK"));
}

TEST_F(ClientCertificate, OfALongRsaKeyIsRefusedAtOnce) {
  make("rsa:4104");
  EXPECT_EQ(verdict(), "client certificate: RSA of 4104 bits; accepted are 2048 to 4096");
  expect_refused_before_its_signature();
}

TEST_F(ClientCertificate, OfALongExponentIsRefusedAtOnce) {
  make("rsa:2048 -pkeyopt rsa_keygen_pubexp:4294967297");
  EXPECT_EQ(verdict(), "client certificate: an RSA exponent of more than 32 bits");
  expect_refused_before_its_signature();
}

TEST_F(ClientCertificate, OfAnotherKindOrCurveIsRefused) {
  make("rsa:1024");
  EXPECT_EQ(verdict(), "client certificate: RSA of 1024 bits; accepted are 2048 to 4096");
  make("ec -pkeyopt ec_paramgen_curve:secp256k1");
  EXPECT_EQ(verdict(),
            "client certificate: the curve secp256k1; accepted are P-256, P-384 and P-521");
  make("ec -pkeyopt ec_paramgen_curve:P-256 -pkeyopt ec_param_enc:explicit");
  EXPECT_EQ(verdict(), "client certificate: a curve that is not given by its name");
  make("ed448");
  EXPECT_EQ(verdict(), "client certificate: a kind of key that is not accepted");
  for (const char* version : {"-tls1_3", "-tls1_2"}) {
    EXPECT_THAT(answer(version), HasSubstr("alert bad certificate")) << version;
  }
  ASSERT_EQ(run("openssl dsaparam -out " + folder_.file("dsa.pem") + " 1024").status, 0);
  make("dsa:" + folder_.file("dsa.pem"));
  EXPECT_EQ(verdict(), "client certificate: a kind of key that is not accepted");
  EXPECT_EQ(check_client_key(nullptr).error().message,
            "client certificate: no key that can be read");
}

TEST_F(ClientCertificate, InALongChainIsRefused) {
  make("ec -pkeyopt ec_paramgen_curve:P-256");
  std::ifstream file(certificate_);
  const std::string one{std::istreambuf_iterator<char>(file), {}};
  std::string chain;
  for (int i = 1; i < kClientChainMax; ++i) chain += one;
  const auto four = folder_.put("four.pem", chain);
  const auto five = folder_.put("five.pem", chain + one);
  EXPECT_THAT(answer("-tls1_3", "-cert_chain " + four), HasSubstr("HTTP/1.1 200 OK"));
  EXPECT_THAT(answer("-tls1_3", "-cert_chain " + five), HasSubstr("alert bad certificate"));
  for (int i = 0; i < 60; ++i) chain += one;
  const auto endless = folder_.put("endless.pem", chain);
  EXPECT_THAT(answer("-tls1_3", "-cert_chain " + endless), Not(HasSubstr("HTTP/1.1 200 OK")));
  EXPECT_EQ(server_->stats().handshakes_failed, 2U);
  EXPECT_EQ(server_->stats().requests_http1, 1U);
}

}  // namespace
}  // namespace vitrine::net

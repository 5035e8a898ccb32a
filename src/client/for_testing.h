// Made-up answers and receipts for the tests of this folder and of cli.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/hex.h"
#include "client/service.h"
#include "crypto/hash.h"
#include "crypto/x509.h"
#include "ledger/receipt.h"

namespace vitrine::client {

// The key whose private bytes are 01, 02, … 20 (hex), as kms-api.md prints it.
inline constexpr std::string_view kX = "B6N8vBQgk8i3VdwbEOhstCY3StFqqFPtC9_AsrhtHHw";
inline constexpr std::string_view kKid = "LehdaA32x1rR3oQpsO6E09k4VlvJZqbItoPdN0TVwgI_1";
inline constexpr std::string_view kPrivateJwk =
    R"({"crv":"X25519","d":"AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA",)"
    R"("kid":"LehdaA32x1rR3oQpsO6E09k4VlvJZqbItoPdN0TVwgI_1","kty":"OKP",)"
    R"("x":"B6N8vBQgk8i3VdwbEOhstCY3StFqqFPtC9_AsrhtHHw","timestamp":1700000000000,"id":11})";

inline codec::json::Object public_jwk_for_testing() {
  return {{"crv", "X25519"}, {"kid", kKid}, {"kty", "OKP"},
          {"x", kX},         {"id", 11},    {"timestamp", std::int64_t{1700000000000}}};
}

// A service with one node: signs receipts of leaves that are not in any tree but a small one.
class ServiceForTesting {
 public:
  ServiceForTesting()
      : service_key_(*crypto::PrivateKey::generate(crypto::KeyKind::ec_p256)),
        node_key_(*crypto::PrivateKey::generate(crypto::KeyKind::ec_p256)),
        service_(*crypto::make_self_signed(request("service", true), service_key_)),
        node_(*crypto::make_certificate(request("node", false), node_key_.public_key(), service_,
                                        service_key_)) {}

  const crypto::Certificate& certificate() const { return service_; }

  // Of transaction 2.14, claiming SHA-256 of `x`.
  ledger::Receipt receipt(std::string_view x) const {
    ledger::Receipt receipt;
    receipt.write_set_digest = crypto::sha256(as_bytes("write set"));
    receipt.commit_evidence = "ce:2.14:" + to_hex(crypto::sha256(as_bytes("evidence")));
    receipt.claims_digest = crypto::sha256(as_bytes(x));
    receipt.node_id = to_hex(node_key_.public_key().spki_sha256());
    receipt.certificate_pem = node_.pem();
    receipt.signature = *node_key_.sign_prehashed(receipt.root());
    return receipt;
  }
  std::string receipt_text(std::string_view x) const {
    return codec::json::write(receipt(x).to_json(true));
  }

 private:
  static crypto::CertificateRequest request(std::string name, bool ca) {
    crypto::CertificateRequest request;
    request.common_name = std::move(name);
    request.not_before = from_unix_seconds(1'700'000'000);
    request.not_after = from_unix_seconds(4'000'000'000);
    request.ca = ca;
    return request;
  }

  crypto::PrivateKey service_key_;
  crypto::PrivateKey node_key_;
  crypto::Certificate service_;
  crypto::Certificate node_;
};

// Answers in the order they were given; keeps what was asked.
class CannedClient : public net::Client {
 public:
  struct Log {
    std::vector<net::Request> requests;
    std::deque<net::Response> responses;
  };
  explicit CannedClient(std::shared_ptr<Log> log) : log_(std::move(log)) {}
  Result<net::Response> send(const net::Request& request) override {
    log_->requests.push_back(request);
    if (log_->responses.empty()) return unavailable("no canned answer is left");
    auto response = std::move(log_->responses.front());
    log_->responses.pop_front();
    return response;
  }

 private:
  std::shared_ptr<Log> log_;
};

}  // namespace vitrine::client

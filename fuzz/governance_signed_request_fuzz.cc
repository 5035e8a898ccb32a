// Signed requests from anybody: accepted only with a registered signer's signature over these very
// bytes, which no mutation makes; and a signed header is accepted only if it says what it must.
#include <cstdint>

#include "base/assert.h"
#include "governance/identities_for_testing.h"
#include "governance/signed_request.h"

using namespace vitrine;
using codec::cbor::Value;
using governance::MessageType;
using governance::Signers;

namespace {

// P-256: ten times as many inputs a second as P-384.
const governance::Identity& signer() {
  static const auto identity = governance::identity_for_testing("signer", crypto::KeyKind::ec_p256);
  return identity;
}

// Member and user at once.
const governance::State& state() {
  static const auto with_signer = [] {
    governance::State state;
    state.settings = governance::Settings::dev_defaults();
    state.users.emplace(signer().id, governance::User{signer().certificate, {}});
    state.members.emplace(
        signer().id,
        governance::Member{signer().certificate, governance::MemberStatus::active, nullptr});
    return state;
  }();
  return with_signer;
}

Result<governance::SignedRequest> verify(ByteView bytes,
                                         Signers signers = Signers::active_members) {
  auto request = governance::verify_signed_request(state(), bytes, MessageType::proposal, signers);
  VITRINE_ASSERT(request || request.error().code == Code::malformed ||
                 request.error().code == Code::denied);
  return request;
}

std::vector<Value::Entry> labels() {
  return governance::header_for_testing(signer(), -7, governance::kNowForTesting);
}
Bytes signed_with(std::vector<Value::Entry> header, ByteView payload) {
  return *crypto::sign_cose_sign1(Value::map(std::move(header)), Value::map({}), payload,
                                  signer().key);
}

void as_payload(ByteView input) {
  auto good = signed_with(labels(), input);
  const auto request = verify(good);
  VITRINE_ASSERT(request && same(request->message.payload, input));
  VITRINE_ASSERT(verify(good, Signers::proposers)->identity == request->identity);
  if (input.size() < 3 || input[2] == 0) return;
  good[(std::size_t{input[0]} << 8 | input[1]) % good.size()] ^= input[2];
  VITRINE_ASSERT(!verify(good) && !verify(good, Signers::proposers));
}

void as_header(ByteView input) {
  const auto signature = signer().key.sign(crypto::SignatureAlgorithm::ecdsa_sha256_raw,
                                           crypto::cose_signature_input(input, {}));
  const auto bytes = crypto::write_cose_sign1(input, Value::map({}), {}, *signature);
  if (const auto request = verify(bytes, Signers::proposers)) {
    VITRINE_ASSERT(request->signer == signer().id);
    VITRINE_ASSERT(request->created_at >= 0 && request->created_at <= governance::kCreatedAtMax);
  }
  // Anybody's label beside the ones that have to be there.
  auto more = labels();
  more.emplace_back(Value::text("more"), Value::bytes(input));
  VITRINE_ASSERT(verify(signed_with(std::move(more), {})).has_value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView input(data, size);
  VITRINE_ASSERT(!verify(input) && !verify(input, Signers::proposers));
  as_payload(input);
  as_header(input);
  return 0;
}

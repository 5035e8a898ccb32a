// Signed governance requests (ccf.md 2): a COSE_Sign1 whose protected header says who signs, what
// kind of request it is and when. Signed at once with a key that is here, or in two steps where it
// is in an HSM: the digest goes out, the signature comes back. Pure; safe from any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/cose.h"
#include "crypto/x509.h"

namespace vitrine::client {

enum class RequestType { proposal, ballot, withdrawal, state_digest, ack, recovery_share };
std::string_view name_of(RequestType type);  // as ccf.gov.msg.type says it
Result<RequestType> request_type_from(std::string_view name);

struct SignedRequest {
  RequestType type = RequestType::proposal;
  std::int64_t created_at = 0;  // seconds
  std::string proposal_id;      // of a ballot or a withdrawal, hex; empty in others
  Bytes content;                // empty where the request says nothing more
};

// A certificate and the private key whose public half it holds.
struct Signer {
  crypto::Certificate certificate;
  crypto::PrivateKey key;
};
// malformed: the key is not the certificate's.
Result<Signer> make_signer(crypto::Certificate certificate, crypto::PrivateKey key);

// The request as `certificate`'s owner has to sign it; its signature is empty yet. malformed: the
// key is not on P-256, P-384 or P-521; a ballot or withdrawal without a proposal id, or another
// request with one; created_at outside what the services accept.
Result<crypto::CoseSign1> prepare(const SignedRequest& request,
                                  const crypto::Certificate& certificate);

struct ToSign {
  std::int64_t algorithm = 0;  // COSE: -7, -35, -36
  Bytes digest;                // the algorithm's hash of the signature input
};
Result<ToSign> to_sign(const crypto::CoseSign1& prepared);

// The whole message. `signature` is r || s. denied: it does not verify, so no service would take
// it; malformed: it is not as long as the algorithm's signatures are.
Result<Bytes> finish(const crypto::CoseSign1& prepared, ByteView signature,
                     const crypto::Certificate& certificate);

Result<Bytes> sign(const SignedRequest& request, const Signer& signer);

// What a signed or prepared request says of itself.
struct RequestHeader {
  RequestType type = RequestType::proposal;
  std::string signer;  // hex id
  std::int64_t created_at = 0;
  std::string proposal_id;
};
Result<RequestHeader> header_of(const crypto::CoseSign1& message);

}  // namespace vitrine::client

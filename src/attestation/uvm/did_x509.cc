#include "attestation/uvm/did_x509.h"

#include <fmt/format.h>

#include <algorithm>

#include "attestation/uvm/subject_name.h"
#include "base/base64.h"

namespace vitrine::attestation::uvm {

namespace {

constexpr std::string_view kPrefix = "did:x509:0:";

std::vector<std::string_view> split(std::string_view text, std::string_view separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const auto at = text.find(separator);
    parts.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + separator.size());
  }
}

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_';
}

std::string percent_encoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (is_plain(c)) {
      out += c;
    } else {
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// The text behind `encoded`; only its one encoding (capital digits, nothing escaped that need not
// be) is read, so that a did as text has one meaning and a meaning one text.
Result<std::string> percent_decoded(std::string_view encoded) {
  std::string text;
  for (std::size_t i = 0; i < encoded.size(); ++i) {
    if (encoded[i] != '%') {
      text += encoded[i];
      continue;
    }
    const int high = i + 2 < encoded.size() ? hex_digit(encoded[i + 1]) : -1;
    const int low = i + 2 < encoded.size() ? hex_digit(encoded[i + 2]) : -1;
    if (high < 0 || low < 0) return malformed("did:x509: a percent escape is not two digits");
    text += static_cast<char>(high * 16 + low);
    i += 2;
  }
  if (text.empty() || percent_encoded(text) != encoded) {
    return malformed(fmt::format("did:x509: value {} is empty or escaped otherwise than needed",
                                 percent_encoded(encoded)));
  }
  return text;
}

bool is_oid(std::string_view text) {
  const auto arcs = split(text, ".");
  return arcs.size() >= 2 && std::all_of(arcs.begin(), arcs.end(), [](std::string_view arc) {
           return !arc.empty() && (arc == "0" || arc[0] != '0') &&
                  arc.find_first_not_of("0123456789") == std::string_view::npos;
         });
}

Status read_fingerprint(std::string_view part, DidX509& did) {
  const auto colon = part.find(':');
  if (colon == std::string_view::npos) return malformed("did:x509: no fingerprint");
  const auto algorithm = part.substr(0, colon);
  if (algorithm == "sha256") {
    did.hash = crypto::Hash::sha256;
  } else if (algorithm == "sha384") {
    did.hash = crypto::Hash::sha384;
  } else if (algorithm == "sha512") {
    did.hash = crypto::Hash::sha512;
  } else {
    return malformed("did:x509: fingerprint algorithm is not sha256, sha384 or sha512");
  }
  auto fingerprint = from_base64url(part.substr(colon + 1));
  if (!fingerprint || fingerprint->size() != crypto::hash_size(did.hash)) {
    return malformed(fmt::format("did:x509: fingerprint is not base64url of {} bytes",
                                 crypto::hash_size(did.hash)));
  }
  did.fingerprint = std::move(*fingerprint);
  return {};
}

Status read_eku(std::string_view value, DidX509& did) {
  if (!is_oid(value)) return malformed("did:x509: eku is not one dotted OID");
  did.ekus.emplace_back(value);
  return {};
}

// key:value[:key:value]…
Status read_subject(std::string_view value, DidX509& did) {
  const auto parts = split(value, ":");
  if (parts.size() % 2 != 0) return malformed("did:x509: subject has a key without a value");
  for (std::size_t i = 0; i < parts.size(); i += 2) {
    DidX509::SubjectAttribute attribute{std::string(parts[i]), {}};
    if (!oid_of_attribute(attribute.key)) {
      return malformed("did:x509: subject names an unknown attribute");
    }
    const auto same_key = [&](const auto& other) { return other.key == attribute.key; };
    if (std::any_of(did.subject.begin(), did.subject.end(), same_key)) {
      return malformed(fmt::format("did:x509: subject names {} twice", attribute.key));
    }
    VITRINE_TRY(attribute.value, percent_decoded(parts[i + 1]));
    did.subject.push_back(std::move(attribute));
  }
  return {};
}

Status read_policy(std::string_view policy, DidX509& did) {
  const auto colon = policy.find(':');
  if (colon == std::string_view::npos || colon + 1 == policy.size()) {
    return malformed("did:x509: a policy has no value");
  }
  const auto name = policy.substr(0, colon);
  const auto value = policy.substr(colon + 1);
  if (name == "eku") return read_eku(value, did);
  // A second subject policy would have to repeat or widen the first.
  if (name == "subject" && did.subject.empty()) return read_subject(value, did);
  return malformed("did:x509: a policy is neither eku nor the only subject");
}

std::string_view name_of(crypto::Hash hash) {
  switch (hash) {
    case crypto::Hash::sha384:
      return "sha384";
    case crypto::Hash::sha512:
      return "sha512";
    default:
      return "sha256";
  }
}

Status resolve_fingerprint(const DidX509& did, const std::vector<crypto::Certificate>& chain) {
  for (std::size_t i = 1; i < chain.size(); ++i) {
    if (same(crypto::digest(did.hash, chain[i].der()), did.fingerprint)) return {};
  }
  return denied("did:x509: its fingerprint is of no CA certificate in the chain");
}

}  // namespace

Result<DidX509> parse_did_x509(std::string_view text) {
  if (text.size() > kDidBytesMax) return malformed("did:x509: too long");
  if (text.substr(0, kPrefix.size()) != kPrefix) {
    return malformed("did:x509: does not begin with did:x509:0:");
  }
  const auto parts = split(text.substr(kPrefix.size()), "::");
  if (parts.size() < 2) return malformed("did:x509: names no policy");
  if (parts.size() > 1 + kDidPoliciesMax) return malformed("did:x509: too many policies");
  DidX509 did;
  VITRINE_CHECK(read_fingerprint(parts[0], did));
  for (std::size_t i = 1; i < parts.size(); ++i) VITRINE_CHECK(read_policy(parts[i], did));
  return did;
}

std::string to_text(const DidX509& did) {
  std::string text =
      fmt::format("{}{}:{}", kPrefix, name_of(did.hash), to_base64url(did.fingerprint));
  for (const auto& eku : did.ekus) text += "::eku:" + eku;
  if (!did.subject.empty()) text += "::subject";
  for (const auto& [key, value] : did.subject) {
    text += fmt::format(":{}:{}", key, percent_encoded(value));
  }
  return text;
}

Status resolve(const DidX509& did, const std::vector<crypto::Certificate>& chain) {
  if (chain.size() < 2) return denied("did:x509: the chain has no CA certificate");
  VITRINE_CHECK(resolve_fingerprint(did, chain));
  const auto usages = chain[0].extended_key_usages();
  for (const auto& eku : did.ekus) {
    if (std::find(usages.begin(), usages.end(), eku) == usages.end()) {
      return denied(fmt::format("did:x509: the leaf lacks extended key usage {}", eku));
    }
  }
  for (const auto& [key, value] : did.subject) {
    VITRINE_TRY(const auto values, attribute_values(chain[0].subject(), *oid_of_attribute(key)));
    if (values.size() != 1 || values[0] != value) {
      return denied(fmt::format("did:x509: the leaf's subject is not {}={}", key, value));
    }
  }
  return {};
}

}  // namespace vitrine::attestation::uvm

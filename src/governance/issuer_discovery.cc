#include "governance/issuer_discovery.h"

#include <algorithm>
#include <utility>

#include "governance/json_fields.h"

namespace vitrine::governance {
namespace {

using codec::json::Object;

constexpr std::string_view kScheme = "https://";
// What a multi-tenant issuer writes where each tenant has its own id.
constexpr std::string_view kTenantId = "{tenantid}";

// RFC 3986 without user information and fragment; which characters a host has is the connection's
// to judge.
Status check_https_url(std::string_view url, std::string_view what) {
  const auto wrong = [&](std::string_view reason) {
    return malformed(std::string(what) + " " + quoted(url) + ": " + std::string(reason));
  };
  if (url.size() > kIssuerBytesMax) return malformed(std::string(what) + " is over 2048 bytes");
  if (!url.starts_with(kScheme)) return wrong("not an https URL");
  const bool printable = std::all_of(url.begin(), url.end(), [](char c) {
    return c > 0x20 && c < 0x7f && c != '"' && c != '\\' && c != '<' && c != '>' && c != '^' &&
           c != '`' && c != '{' && c != '|' && c != '}';
  });
  if (!printable) return wrong("a character that a URL has not");
  const std::string_view rest = url.substr(kScheme.size());
  const std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
  if (authority.empty() || authority.front() == ':') return wrong("no host");
  if (authority.find('@') != std::string_view::npos) return wrong("credentials in it");
  if (rest.find('#') != std::string_view::npos) return wrong("a fragment in it");
  return {};
}

// What an https URL says before its path, in lower case.
std::string authority_of(std::string_view url) {
  url.remove_prefix(kScheme.size());
  std::string authority(url.substr(0, url.find_first_of("/?#")));
  std::transform(authority.begin(), authority.end(), authority.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return authority;
}

// Whether `stated` is this issuer, perhaps with the tenant left open (as Entra writes).
bool names_issuer(std::string_view stated, std::string_view issuer) {
  if (stated == issuer) return true;
  const std::size_t open = stated.find(kTenantId);
  if (open == std::string_view::npos) return false;
  const std::string_view before = stated.substr(0, open),
                         after = stated.substr(open + kTenantId.size());
  return issuer.size() > before.size() + after.size() && issuer.starts_with(before) &&
         issuer.ends_with(after) &&
         issuer.substr(before.size(), issuer.size() - before.size() - after.size()).find('/') ==
             std::string_view::npos;
}

// A key may say whose it is.
bool is_of_issuer(const Object& jwk, std::string_view issuer) {
  const auto stated = codec::json::text_of(jwk, "issuer");
  return !stated || names_issuer(*stated, issuer);
}

auto order_of(const crypto::Jwk& key) {
  return std::make_tuple(std::string_view(key.kid), crypto::name_of(key.algorithm),
                         as_text(key.key.spki()));
}
void sort(std::vector<crypto::Jwk>& keys) {
  std::sort(keys.begin(), keys.end(),
            [](const auto& a, const auto& b) { return order_of(a) < order_of(b); });
}

}  // namespace

Status check_refreshable(std::string_view issuer) {
  VITRINE_CHECK(check_https_url(issuer, "issuer"));
  if (issuer.find('?') != std::string_view::npos)
    return malformed("issuer " + quoted(issuer) + ": a query in it");
  return {};
}

std::string discovery_url(std::string_view issuer) {
  while (!issuer.empty() && issuer.back() == '/') issuer.remove_suffix(1);
  return std::string(issuer) + "/.well-known/openid-configuration";
}

Result<std::string> jwks_uri_in(std::string_view document, std::string_view issuer) {
  const auto json = codec::json::parse_object(document);
  if (!json) return in_context("discovery document", json.error());
  const auto* stated = codec::json::find(*json, "issuer");
  if (stated != nullptr) {
    const auto name = codec::json::text_of(*json, "issuer");
    if (!name) return malformed("discovery document: issuer is not text");
    if (!names_issuer(*name, issuer)) {
      return denied("discovery document: it is that of issuer " + quoted(*name),
                    "the issuer must be set by exactly the name that its document says");
    }
  }
  const auto uri = codec::json::text_of(*json, "jwks_uri");
  if (!uri) return malformed("discovery document: jwks_uri is not text");
  if (const Status checked = check_https_url(*uri, "jwks_uri"); !checked)
    return in_context("discovery document", checked.error());
  if (stated == nullptr && authority_of(*uri) != authority_of(issuer)) {
    return denied("discovery document: it names no issuer, and its keys lie on another host: " +
                  quoted(*uri));
  }
  return std::string(*uri);
}

Result<std::vector<crypto::Jwk>> keys_in(std::string_view jwks, std::string_view issuer) {
  VITRINE_TRY(auto json, codec::json::parse_object(jwks));
  const auto* list = codec::json::array_of(json, "keys");
  if (list == nullptr) return malformed("jwks: keys: missing or not a list");
  codec::json::Array own;
  for (const auto& entry : *list) {
    if (!entry.is_object() || is_of_issuer(entry.get_object(), issuer)) own.push_back(entry);
  }
  const std::size_t of_others = list->size() - own.size();
  json["keys"] = std::move(own);
  VITRINE_TRY(auto keys, crypto::jwks_from_json(json));
  if (keys.empty()) {
    return malformed("jwks: none of its keys signs tokens of this issuer" +
                     (of_others == 0 ? std::string()
                                     : "; " + std::to_string(of_others) + " say another issuer"));
  }
  if (keys.size() > kIssuerKeysMax) return malformed("jwks: over 64 keys");
  sort(keys);
  return keys;
}

codec::json::Object jwks_to_json(const std::vector<crypto::Jwk>& keys) {
  codec::json::Array list;
  for (const auto& key : keys) list.push_back(crypto::jwk_to_json(key.key, key.kid, key.algorithm));
  return Object{{"keys", std::move(list)}};
}

bool same_keys(std::vector<crypto::Jwk> a, std::vector<crypto::Jwk> b) {
  sort(a);
  sort(b);
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const auto& x, const auto& y) { return order_of(x) == order_of(y); });
}

Result<std::vector<crypto::Certificate>> certificates_of_bundle(std::string_view pem) {
  if (pem.size() > kBundleBytesMax) return malformed("CA bundle: over 524288 bytes");
  auto list = crypto::Certificate::list_from_pem(pem, kBundleCertificatesMax);
  if (!list) return in_context("CA bundle", list.error());
  return list;
}

}  // namespace vitrine::governance

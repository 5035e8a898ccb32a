#include "core/issuer_refreshes.h"

#include "base/hex.h"
#include "crypto/hash.h"

namespace vitrine::core {

std::string issuer_id(std::string_view issuer) {
  constexpr std::size_t kDigits = 16;
  return to_hex(crypto::sha256(as_bytes(issuer))).substr(0, kDigits);
}

IssuerRefreshes::Heard IssuerRefreshes::succeeded(const std::string& issuer, bool changed,
                                                  Time now) {
  const Lock lock(mutex_);
  ++(changed ? counts_.changed : counts_.unchanged);
  IssuerRefresh& refresh = issuers_[issuer];
  const bool failed_before = refresh.failures_in_row > 0;
  refresh = {issuer, now, now, {}, 0};
  return failed_before ? Heard::news : Heard::nothing_new;
}

IssuerRefreshes::Heard IssuerRefreshes::failed(const std::string& issuer, const std::string& reason,
                                               Time now) {
  const Lock lock(mutex_);
  ++counts_.failed;
  IssuerRefresh& refresh = issuers_[issuer];
  const bool same = refresh.failures_in_row > 0 && refresh.failure == reason;
  refresh.issuer = issuer;
  refresh.last_try = now;
  refresh.failure = reason;
  ++refresh.failures_in_row;
  return same ? Heard::nothing_new : Heard::news;
}

void IssuerRefreshes::keep_only(const std::set<std::string, std::less<>>& issuers) {
  const Lock lock(mutex_);
  std::erase_if(issuers_, [&](const auto& entry) { return issuers.count(entry.first) == 0; });
}

RefreshCounts IssuerRefreshes::counts() const {
  const Lock lock(mutex_);
  return counts_;
}

std::vector<IssuerRefresh> IssuerRefreshes::all() const {
  const Lock lock(mutex_);
  std::vector<IssuerRefresh> list;
  list.reserve(issuers_.size());
  for (const auto& [issuer, refresh] : issuers_) list.push_back(refresh);
  return list;
}

}  // namespace vitrine::core

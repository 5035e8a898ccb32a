#include "client/audit/http_source.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include "base/hex.h"
#include "client/answer.h"
#include "ledger/tile.h"

namespace vitrine::client::audit {
namespace {

// A busy service says when to come again; an audit has time.
constexpr int kAttemptsMax = 20;
constexpr std::chrono::seconds kPause{1};

}  // namespace

Result<std::string> HttpSource::get(const std::string& path) {
  net::Request request;
  request.method = "GET";
  request.target = path;
  for (int attempt = 1;; ++attempt) {
    VITRINE_TRY(auto response, http_->send(request));
    if (response.status == 200) return std::move(response.body);
    if (response.status == 503 && attempt < kAttemptsMax) {
      std::this_thread::sleep_for(kPause);
      continue;
    }
    const auto answer = read_answer("GET " + path, response);
    if (answer) return internal("GET " + path + ": status " + std::to_string(response.status));
    return tl::unexpected(answer.error());
  }
}

Result<ledger::SignedHead> HttpSource::head() {
  VITRINE_TRY(const auto body, get("/head"));
  VITRINE_TRY(auto head, ledger::decode_signed_head(as_bytes(body)));
  size_ = head.root.roots.size;
  return head;
}

Result<std::uint64_t> HttpSource::size() { return size_; }

Status HttpSource::read(std::uint64_t first, std::uint64_t count,
                        const std::function<Status(std::uint64_t index, Item item)>& each) {
  const std::uint64_t end = std::min(first + count, size_);
  while (first < end) {
    ledger::TilePath path;
    path.entries = true;
    path.index = first / ledger::kTileWidth;
    const std::uint64_t begin = path.index * ledger::kTileWidth;
    // As wide as the head allows, whatever was asked for: one spelling for each bundle.
    path.width = std::min(size_ - begin, ledger::kTileWidth);
    VITRINE_TRY(const auto body, get("/" + ledger::to_text(path)));
    VITRINE_TRY(const auto entries, ledger::entries_in_bundle(as_bytes(body), path.width));
    for (; first < std::min(end, begin + path.width); ++first)
      VITRINE_CHECK(each(first, {to_bytes(entries[first - begin]), std::nullopt, std::nullopt}));
  }
  return {};
}

Result<Bytes> HttpSource::blob(std::uint64_t index, const ledger::BlobRef& named) {
  VITRINE_TRY(const auto body,
              get("/blob/" + to_hex(named.sha256) + "?entry=" + std::to_string(index + 1)));
  return to_bytes(body);
}

Result<Bytes> HttpSource::tile(const ledger::TileId& id) {
  if (id.tree != ledger::TreeKind::rfc9162) return not_found(url_ + ": shows tiles of one tree");
  ledger::TilePath path;
  path.level = id.level;
  path.index = id.index;
  path.width = ledger::kTileWidth;
  VITRINE_TRY(const auto body, get("/" + ledger::to_text(path)));
  return to_bytes(body);
}

}  // namespace vitrine::client::audit

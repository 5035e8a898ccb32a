// The log as anyone may copy it (C2SP tlog-tiles; transparency.md 4, 5; docs/formats/heads.md): the
// signed head, tiles, leaves, and the blobs that leaves name. Sealed parts never leave here.
#include "base/hex.h"
#include "base/log.h"
#include "base/text.h"
#include "crypto/hash.h"
#include "ledger/tile.h"
#include "service/log_reader.h"
#include "service/routes.h"

namespace vitrine::service {
namespace {

constexpr std::string_view kBlobPath = "/blob/";

net::Response bytes_answer(std::string_view content_type, std::string body) {
  net::Response response;
  add_header(response, "content-type", content_type);
  response.body = std::move(body);
  return response;
}

// What a path below the log names never changes.
net::Response immutable(ByteView body) {
  net::Response response = bytes_answer("application/octet-stream", to_text(body));
  add_header(response, "cache-control", "public, max-age=31536000, immutable");
  add_header(response, "x-content-type-options", "nosniff");
  return response;
}

// The newest head changes with each batch: whoever keeps it asks again, and learns cheaply that it
// is the same.
net::Response newest(const net::Request& request, std::string_view content_type, std::string body) {
  const std::string etag = '"' + to_hex(crypto::sha256(as_bytes(body))).substr(0, 32) + '"';
  const auto kept = net::find_header(request.headers, "if-none-match");
  net::Response response =
      kept == etag ? failure(304) : bytes_answer(content_type, std::move(body));
  add_header(response, "cache-control", "no-cache");
  add_header(response, "etag", etag);
  return response;
}

net::Response unknown(std::string_view path) {
  return framework_error(404, "ResourceNotFound", "Unknown path: " + std::string(path) + ".");
}

net::Response unreadable(std::string_view path, const Error& error) {
  log::error("log not read", {{"path", std::string(path)}, {"reason", error.message}});
  return framework_error(500, "InternalError", "The log can't be read here.");
}

// Entries up to the signed head: what follows is not certain yet.
std::uint64_t signed_size(const LogReader& log) { return log.view.head.root.roots.size; }

net::Response entries(const LogReader& log, std::string_view name, const ledger::TilePath& path) {
  const std::uint64_t size = signed_size(log);
  if (path.index > size / ledger::kTileWidth) return unknown(name);
  const std::uint64_t first = path.index * ledger::kTileWidth;
  if (size - first < path.width) return unknown(name);
  Bytes bundle;
  std::uint64_t count = 0;
  const Status read = log.store.read(first, path.width,
                                     [&](std::uint64_t, const storage::Record& record) -> Status {
                                       ledger::append_to_bundle(bundle, record.leaf);
                                       ++count;
                                       return {};
                                     });
  if (!read) return unreadable(name, read.error());
  if (count != path.width) return unreadable(name, {Code::internal, "entries are missing", {}});
  return immutable(bundle);
}

// The hashes of a level that the signed head covers.
std::uint64_t width_of_level(std::uint64_t size, unsigned level) {
  constexpr unsigned kBitsOfLevel = 8;
  return level * kBitsOfLevel >= 64 ? 0 : size >> (level * kBitsOfLevel);
}

}  // namespace

net::Response LogReader::checkpoint(const net::Request& request) const {
  return newest(request, "text/plain; charset=utf-8", view.head.checkpoint);
}

net::Response LogReader::signed_head(const net::Request& request) const {
  return newest(request, "application/cbor", to_text(ledger::encode(view.head)));
}

net::Response LogReader::tile(std::string_view name) const {
  const auto path = ledger::tile_path_from(name.substr(1));
  if (!path) return unknown(name);
  if (path->entries) return entries(*this, name, *path);
  const std::uint64_t hashes = width_of_level(signed_size(*this), path->level);
  if (path->index > hashes / ledger::kTileWidth ||
      hashes - path->index * ledger::kTileWidth < path->width)
    return unknown(name);
  const auto tile = view.trees->rfc9162.tile(path->level, path->index, path->width);
  if (!tile) return unreadable(name, tile.error());
  return immutable(*tile);
}

// The store finds entries by number, not blobs by hash: who asks has the entry that names the blob.
net::Response LogReader::blob(std::string_view path, const net::Target& target) const {
  const std::string_view name = path.substr(kBlobPath.size());
  const auto entry = parse_decimal(target.find("entry").value_or(""));
  if (!entry || *entry == 0 || *entry > signed_size(*this)) return unknown(path);
  const auto record = store.read_one(*entry - 1);
  if (!record) return unreadable(path, record.error());
  if (record->blob.empty() || to_hex(crypto::sha256(record->blob)) != name) return unknown(path);
  return immutable(record->blob);
}

net::Response get_checkpoint(Exchange& exchange) {
  return LogReader{exchange.core.store(), *exchange.view}.checkpoint(exchange.request);
}

net::Response get_signed_head(Exchange& exchange) {
  return LogReader{exchange.core.store(), *exchange.view}.signed_head(exchange.request);
}

net::Response get_tile(Exchange& exchange) {
  return LogReader{exchange.core.store(), *exchange.view}.tile(exchange.path);
}

net::Response get_blob(Exchange& exchange) {
  return LogReader{exchange.core.store(), *exchange.view}.blob(exchange.path, exchange.target);
}

}  // namespace vitrine::service

// A ledger as a service shows it to anyone: entry bundles, blobs and the signed head
// (docs/formats/heads.md).
#pragma once

#include <memory>

#include "client/audit/source.h"
#include "net/client.h"

namespace vitrine::client::audit {

class HttpSource final : public Source {
 public:
  HttpSource(std::string url, std::unique_ptr<net::Client> http)
      : url_(std::move(url)), http_(std::move(http)) {}

  std::string describe() const override { return url_; }
  Result<ledger::SignedHead> head() override;
  Result<std::uint64_t> size() override;
  Status read(std::uint64_t first, std::uint64_t count,
              const std::function<Status(std::uint64_t index, Item item)>& each) override;
  Result<Bytes> blob(std::uint64_t index, const ledger::BlobRef& named) override;
  Result<Bytes> tile(const ledger::TileId& id) override;  // of the RFC 9162 tree

 private:
  Result<std::string> get(const std::string& path);

  const std::string url_;
  const std::unique_ptr<net::Client> http_;
  std::uint64_t size_ = 0;  // of the newest head that head() gave
};

}  // namespace vitrine::client::audit

// The files that a node keeps beside its store, in its data folder: `last_head.sealed` and
// `snapshots/SIZE.snapshot` (docs/configuration.md).
#pragma once

#include "core/node_files.h"

namespace vitrine::vitrined {

class NodeFolder final : public core::NodeFiles {
 public:
  explicit NodeFolder(std::string data) : data_(std::move(data)) {}

  Result<std::optional<Bytes>> last_head() const override;
  Status put_last_head(ByteView sealed) override;
  std::string describe_last_head() const override { return data_ + "/last_head.sealed"; }
  Result<std::vector<std::uint64_t>> snapshots() const override;
  Result<Bytes> snapshot(std::uint64_t size) const override;
  Status put_snapshot(std::uint64_t size, ByteView sealed) override;
  Status remove_snapshot(std::uint64_t size) override;
  std::string describe_snapshot(std::uint64_t size) const override;

 private:
  std::string snapshots_folder() const { return data_ + "/snapshots"; }
  const std::string data_;
};

}  // namespace vitrine::vitrined

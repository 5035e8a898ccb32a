// The public log as it is served (C2SP tlog-tiles; docs/formats/heads.md): signed head, tiles,
// entry bundles and blobs, of a view and the store it stands on. A running node has both, and so
// has one that waits for recovery shares.
#pragma once

#include <string_view>

#include "core/core.h"
#include "net/http.h"
#include "net/target.h"

namespace vitrine::service {

struct LogReader {
  const storage::Store& store;
  const core::View& view;

  net::Response checkpoint(const net::Request& request) const;
  net::Response signed_head(const net::Request& request) const;
  net::Response tile(std::string_view path) const;  // and entry bundles
  net::Response blob(std::string_view path, const net::Target& target) const;
};

}  // namespace vitrine::service

// Reads what is in force from the service's public endpoints, each document once. What `changes.h`
// compares with. Not thread-safe; `service` outlives it.
#pragma once

#include <map>

#include "client/governance/api.h"
#include "client/governance/changes.h"

namespace vitrine::client {

class CurrentReader {
 public:
  explicit CurrentReader(Service& service) : service_(service) {}

  // null: nothing is set.
  Result<codec::json::Value> read(Source source);
  Current current() {
    return [this](Source source) { return read(source); };
  }

 private:
  Result<Answer> fetch(Source source);

  Service& service_;
  std::map<Source, Result<codec::json::Value>> kept_;
};

}  // namespace vitrine::client

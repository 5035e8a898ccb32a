// Members and users as the service lists them (ccf.md 3). Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "codec/json.h"

namespace vitrine::client {

enum class Role { member, user };

struct Person {
  std::string id;      // hex
  std::string name;    // the certificate's common name; may be empty
  std::string status;  // of a member: Accepted or Active
  std::string until;   // of the certificate, RFC 3339; empty where it can't be read
  bool recovers = false;
  codec::json::Value data;
};

// From {"value":[…]}; what can't be read of a person is left empty.
std::vector<Person> people_from(const codec::json::Value& list, Role role);

const Person* find(const std::vector<Person>& people, std::string_view id);
std::size_t count_active(const std::vector<Person>& members);

// "alice (3f9c41d2aa01...)": short enough for a line, long enough to tell people apart.
std::string described(const Person& person);
// The same for an id whose owner may be unknown.
std::string described(const std::vector<Person>& people, std::string_view id);
// The first digits of an id or digest.
std::string shortened(std::string_view id);

}  // namespace vitrine::client

#include "policy/release_policy.h"

#include <algorithm>
#include <array>

#include "policy/comparison.h"
#include "policy/nearest.h"

namespace vitrine::policy {
namespace {

using codec::json::Array;
using codec::json::Object;
using codec::json::Value;

constexpr std::size_t kValuesPerClaimMax = 1024;  // merging compares each with each
constexpr const char* kTooMany = ": more than 1024 values";
constexpr std::array kMembers =
    std::to_array<std::string_view>({"type", "claims", "gte", "gt", "lt", "lte", "profiles",
                                     "freshness", "allow_unbound", "service"});

std::string quoted(std::string_view name) { return '"' + std::string(name.substr(0, 80)) + '"'; }

Status check_members(const Object& args) {
  for (const auto& member : args) {
    const std::string_view name(member.key().data(), member.key().size());
    if (std::find(kMembers.begin(), kMembers.end(), name) != kMembers.end()) continue;
    const auto near = nearest(name, kMembers);
    return malformed("release policy: unknown member " + quoted(name),
                     near.empty() ? "" : "did you mean " + quoted(near) + "?");
  }
  return {};
}

Status check_name(std::string_view where, std::string_view name) {
  if (is_known_claim(name)) return {};
  const auto near = nearest_claim(name);
  return malformed("release policy: " + std::string(where) + ": unknown claim " + quoted(name),
                   near.empty() ? "" : "did you mean " + quoted(near) + "?");
}

std::string_view key_of(const boost::json::key_value_pair& member) {
  return {member.key().data(), member.key().size()};
}

// The values of one claim, a scalar being a list of one.
Result<Array> values_of(std::string_view name, const Value& value) {
  Array values;
  if (const auto* list = value.if_array()) {
    values = *list;
  } else {
    values.push_back(value);
  }
  const std::string what = "release policy: claims." + std::string(name);
  if (values.empty()) return malformed(what + ": no values");
  if (values.size() > kValuesPerClaimMax) return malformed(what + kTooMany);
  for (const auto& each : values) {
    if (!text_of_value(each)) {
      return malformed(what + ": a value is neither text, integer nor truth value");
    }
  }
  return values;
}

Status check_operator_value(std::string_view where, const Value& value) {
  if (number_of(value)) return {};
  return malformed("release policy: " + std::string(where) +
                   ": the value is neither an integer nor text that is one");
}

bool contains(const Array& values, const Value& value) {
  return std::find(values.begin(), values.end(), value) != values.end();
}

bool names_member(std::string_view text, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), text) != names.end();
}

}  // namespace

const ReleasePolicy::Operator ReleasePolicy::kOperators[4] = {
    {"gte", &ReleasePolicy::gte_, &ReleasePolicy::has_gte_},
    {"gt", &ReleasePolicy::gt_, &ReleasePolicy::has_gt_},
    {"lt", &ReleasePolicy::lt_, &ReleasePolicy::has_lt_},
    {"lte", &ReleasePolicy::lte_, &ReleasePolicy::has_lte_},
};

Status ReleasePolicy::apply(const Object& args) {
  VITRINE_CHECK(check_members(args));
  const auto type = codec::json::text_of(args, "type");
  if (!type) return malformed("release policy: type is not text");
  if (codec::json::object_of(args, "claims") == nullptr) {
    return malformed("release policy: claims is not an object");
  }
  ReleasePolicy next = *this;  // all or nothing
  if (*type == "add") {
    VITRINE_CHECK(next.add(args));
  } else if (*type == "remove") {
    VITRINE_CHECK(next.remove(args));
  } else {
    return malformed("release policy: type is " + quoted(*type) + ", not \"add\" or \"remove\"");
  }
  *this = std::move(next);
  return {};
}

Status ReleasePolicy::add(const Object& args) {
  VITRINE_CHECK(add_claims(*codec::json::object_of(args, "claims")));
  for (const auto& op : kOperators) {
    const auto* member = codec::json::find(args, op.name);
    if (member == nullptr) continue;
    const auto* values = member->if_object();
    if (values == nullptr) {
      return malformed("release policy: " + std::string(op.name) + " is not an object");
    }
    this->*op.set = true;
    for (const auto& each : *values) {
      VITRINE_CHECK(check_name(op.name, key_of(each)));
      VITRINE_CHECK(check_operator_value(std::string(op.name) + "." + std::string(key_of(each)),
                                         each.value()));
      (this->*op.values)[each.key()] = each.value();
    }
  }
  VITRINE_CHECK(replace_conditions(args));
  stored_ = true;
  return {};
}

Status ReleasePolicy::add_claims(const Object& claims) {
  for (const auto& each : claims) {
    VITRINE_CHECK(check_name("claims", key_of(each)));
    VITRINE_TRY(const auto values, values_of(key_of(each), each.value()));
    auto& stored = claims_[each.key()];
    if (!stored.is_array()) stored.emplace_array();
    for (const auto& value : values) {
      if (!contains(stored.get_array(), value)) stored.get_array().push_back(value);
    }
    if (stored.get_array().size() > kValuesPerClaimMax) {
      return malformed("release policy: claims." + std::string(key_of(each)) + kTooMany);
    }
  }
  return {};
}

Status ReleasePolicy::replace_conditions(const Object& args) {
  if (const auto* member = codec::json::find(args, "profiles")) {
    const auto* list = member->if_array();
    if (list == nullptr || list->empty()) {
      return malformed("release policy: profiles is not a list of at least one name");
    }
    profiles_.clear();
    for (const auto& each : *list) {
      const auto* name = each.if_string();
      if (name == nullptr || name->empty()) {
        return malformed("release policy: profiles: a name is not text");
      }
      const std::string text(codec::json::text_view(*name));
      if (std::find(profiles_.begin(), profiles_.end(), text) != profiles_.end()) {
        return malformed("release policy: profiles: " + quoted(text) + " stands twice");
      }
      profiles_.push_back(text);
    }
    profiles_set_ = true;
  }
  if (codec::json::find(args, "freshness") != nullptr) {
    const auto text = codec::json::text_of(args, "freshness");
    if (!text || !names_member(*text, {"none", "age", "nonce"})) {
      return malformed("release policy: freshness is not \"none\", \"age\" or \"nonce\"");
    }
    freshness_ = std::string(*text);
    freshness_set_ = true;
  }
  if (codec::json::find(args, "allow_unbound") != nullptr) {
    const auto truth = codec::json::bool_of(args, "allow_unbound");
    if (!truth) return malformed("release policy: allow_unbound is neither true nor false");
    allow_unbound_ = *truth;
    allow_unbound_set_ = true;
  }
  return {};
}

Status ReleasePolicy::remove(const Object& args) {
  if (!stored_) return malformed("release policy: nothing to remove, no policy was ever set");
  for (const auto name : {"profiles", "freshness", "allow_unbound"}) {
    if (codec::json::find(args, name) != nullptr) {
      return malformed(std::string("release policy: ") + name + " can't be removed",
                       "replace it with \"type\":\"add\"");
    }
  }
  VITRINE_CHECK(remove_claims(*codec::json::object_of(args, "claims")));
  for (const auto& op : kOperators) {
    const auto* member = codec::json::find(args, op.name);
    if (member == nullptr) continue;
    const auto* values = member->if_object();
    if (values == nullptr) {
      return malformed("release policy: " + std::string(op.name) + " is not an object");
    }
    for (const auto& each : *values) {
      VITRINE_CHECK(check_name(op.name, key_of(each)));
      if (each.value().is_array()) {
        return malformed("release policy: " + std::string(op.name) + "." +
                         std::string(key_of(each)) + ": the value is an array");
      }
      if ((this->*op.values).stable_erase(each.key()) == 0) {
        return malformed("release policy: " + std::string(op.name) + ": " + quoted(key_of(each)) +
                         " is not in the policy");
      }
    }
  }
  return {};
}

Status ReleasePolicy::remove_claims(const Object& claims) {
  for (const auto& each : claims) {
    VITRINE_CHECK(check_name("claims", key_of(each)));
    VITRINE_TRY(const auto values, values_of(key_of(each), each.value()));
    auto* const stored = claims_.if_contains(each.key());
    if (stored == nullptr) {
      return malformed("release policy: claims: " + quoted(key_of(each)) + " is not in the policy");
    }
    // A value that is not in the list is ignored, as the peers do (kms-api.md 7.1).
    Array rest;
    for (const auto& value : stored->get_array()) {
      if (!contains(values, value)) rest.push_back(value);
    }
    if (rest.empty()) {
      claims_.stable_erase(each.key());  // GET keeps the order of the rest
    } else {
      stored->emplace_array() = std::move(rest);
    }
  }
  return {};
}

Object ReleasePolicy::to_json() const {
  Object json;
  json["type"] = "add";
  json["claims"] = claims_;
  for (const auto& op : kOperators) {
    if (op.name == "lt") {  // what else is set stands before the operators the peers don't have
      if (profiles_set_) {
        Array names;
        for (const auto& name : profiles_) names.emplace_back(name);
        json["profiles"] = std::move(names);
      }
      if (freshness_set_) json["freshness"] = freshness_;
      if (allow_unbound_set_) json["allow_unbound"] = allow_unbound_;
    }
    if (this->*op.set) json[op.name] = this->*op.values;
  }
  return json;
}

Result<ReleasePolicy> ReleasePolicy::from_json(const Object& stored) {
  ReleasePolicy policy;
  VITRINE_CHECK(policy.apply(stored));
  if (codec::json::write(policy.to_json()) != codec::json::write(stored)) {
    return malformed("release policy: not in the form it is stored in");
  }
  return policy;
}

const Object* ReleasePolicy::operator_values(std::string_view name) const {
  for (const auto& op : kOperators) {
    if (op.name == name) return this->*op.set ? &(this->*op.values) : nullptr;
  }
  return nullptr;
}

}  // namespace vitrine::policy

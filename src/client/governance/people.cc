#include "client/governance/people.h"

#include <algorithm>

#include "base/clock.h"
#include "client/governance/difference.h"
#include "crypto/x509.h"

namespace vitrine::client {
namespace {

using codec::json::Object;
using codec::json::Value;

constexpr std::size_t kShortIdDigits = 12;

std::string text_member(const Object& object, std::string_view name) {
  return shown(codec::json::text_of(object, name).value_or(""));
}

Person person_from(const Object& object, Role role) {
  Person person;
  person.id = text_member(object, role == Role::member ? "memberId" : "userId");
  person.status = text_member(object, "status");
  const Value* key = codec::json::find(object, "publicEncryptionKey");
  person.recovers = key != nullptr && key->is_string();
  if (const Value* data =
          codec::json::find(object, role == Role::member ? "memberData" : "userData")) {
    person.data = *data;
  }
  const auto pem = codec::json::text_of(object, "certificate");
  const auto certificate = crypto::Certificate::from_pem(pem.value_or(""));
  if (certificate) {
    person.name = shown(certificate->subject_common_name());
    person.until = to_rfc3339(certificate->not_after());
  }
  return person;
}

}  // namespace

std::vector<Person> people_from(const Value& list, Role role) {
  std::vector<Person> people;
  const Object* all = list.if_object();
  const auto* values = all == nullptr ? nullptr : codec::json::array_of(*all, "value");
  if (values == nullptr) return people;
  for (const auto& value : *values) {
    if (value.is_object()) people.push_back(person_from(value.get_object(), role));
  }
  return people;
}

const Person* find(const std::vector<Person>& people, std::string_view id) {
  const auto found = std::find_if(people.begin(), people.end(),
                                  [id](const Person& person) { return person.id == id; });
  return found == people.end() ? nullptr : &*found;
}

std::size_t count_active(const std::vector<Person>& members) {
  return static_cast<std::size_t>(
      std::count_if(members.begin(), members.end(),
                    [](const Person& person) { return person.status == "Active"; }));
}

std::string shortened(std::string_view id) {
  if (id.size() <= kShortIdDigits) return shown(id);
  return shown(id.substr(0, kShortIdDigits)) + "...";
}

std::string described(const Person& person) {
  if (person.name.empty()) return shortened(person.id);
  return person.name + " (" + shortened(person.id) + ")";
}

std::string described(const std::vector<Person>& people, std::string_view id) {
  const Person* person = find(people, id);
  return person == nullptr ? shortened(id) : described(*person);
}

}  // namespace vitrine::client

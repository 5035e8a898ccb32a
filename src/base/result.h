// Errors are values: what can fail returns Result<T>. No exception leaves a module.
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace vitrine {

// What a caller may branch on. Each maps to one exit status and a default HTTP status.
enum class Code {
  malformed,    // the input is not what its format says
  denied,       // well formed, and refused: signature, policy, permission
  not_found,    // names nothing that exists
  conflict,     // the state moved, or says otherwise
  unavailable,  // may work later
  internal,     // we are broken
};

struct Error {
  Code code = Code::internal;
  std::string message;  // what was attempted, on what, what was found; never a secret
  std::string hint;     // what to do; may be empty
};

template <class T>
using Result = tl::expected<T, Error>;
using Status = Result<void>;

inline tl::unexpected<Error> fail(Code code, std::string message, std::string hint = {}) {
  return tl::unexpected<Error>(Error{code, std::move(message), std::move(hint)});
}
inline tl::unexpected<Error> malformed(std::string message, std::string hint = {}) {
  return fail(Code::malformed, std::move(message), std::move(hint));
}
inline tl::unexpected<Error> denied(std::string message, std::string hint = {}) {
  return fail(Code::denied, std::move(message), std::move(hint));
}
inline tl::unexpected<Error> not_found(std::string message, std::string hint = {}) {
  return fail(Code::not_found, std::move(message), std::move(hint));
}
inline tl::unexpected<Error> conflict(std::string message, std::string hint = {}) {
  return fail(Code::conflict, std::move(message), std::move(hint));
}
inline tl::unexpected<Error> unavailable(std::string message, std::string hint = {}) {
  return fail(Code::unavailable, std::move(message), std::move(hint));
}
inline tl::unexpected<Error> internal(std::string message, std::string hint = {}) {
  return fail(Code::internal, std::move(message), std::move(hint));
}

// The same error with `context` and ": " in front of its message.
inline tl::unexpected<Error> in_context(const std::string& context, Error error) {
  error.message = context + ": " + error.message;
  return tl::unexpected<Error>(std::move(error));
}

const char* name_of(Code code);
// What a program ends with where this is why: 1 to 6 (docs/errors.md).
int exit_status_of(Code code);

}  // namespace vitrine

#define VITRINE_CONCAT_2(a, b) a##b
#define VITRINE_CONCAT(a, b) VITRINE_CONCAT_2(a, b)

// VITRINE_TRY(const auto x, f()): x is f()'s value, or the enclosing function returns f()'s error.
#define VITRINE_TRY(declaration, ...) \
  VITRINE_TRY_AS(VITRINE_CONCAT(vitrine_try_, __LINE__), declaration, __VA_ARGS__)
#define VITRINE_TRY_AS(name, declaration, ...)                                   \
  auto name = (__VA_ARGS__);                                                     \
  if (!name) return ::tl::unexpected<::vitrine::Error>(std::move(name).error()); \
  declaration = *std::move(name)

// VITRINE_CHECK(f()): for a Status; returns f()'s error.
#define VITRINE_CHECK(...)                                                          \
  do {                                                                              \
    if (auto vitrine_status = (__VA_ARGS__); !vitrine_status) {                     \
      return ::tl::unexpected<::vitrine::Error>(std::move(vitrine_status).error()); \
    }                                                                               \
  } while (false)

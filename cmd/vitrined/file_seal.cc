#include "vitrined/file_seal.h"

#include "base/file.h"
#include "base/hex.h"

namespace vitrine::vitrined {
namespace {

constexpr std::size_t kKeyBytes = 32;
constexpr char kHexDigits[] = "0123456789abcdef";

// One hex digit, or -1. Branches on a secret are harmless here: the file is read once, by its
// owner.
int hex_value(Byte digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  return -1;
}

}  // namespace

Result<SecretBytes> FileSeal::read() const {
  auto text = read_secret_file(path_, 2 * kKeyBytes + 1);
  if (!text) {
    return fail(text.error().code, "unseal key: " + text.error().message,
                text.error().hint.empty()
                    ? "--unseal-key names the key file this data folder was made with"
                    : text.error().hint);
  }
  const ByteView digits = text->reveal();
  const auto refused = [this] {
    return malformed("unseal key " + path_ + ": must be 64 lower-case hex digits and a newline",
                     "give the key file this data folder was made with");
  };
  if (digits.size() != 2 * kKeyBytes + 1 || digits.back() != '\n') return refused();
  SecretBytes key(kKeyBytes);
  for (std::size_t i = 0; i < kKeyBytes; ++i) {
    const int high = hex_value(digits[2 * i]);
    const int low = hex_value(digits[2 * i + 1]);
    if (high < 0 || low < 0) return refused();
    key.reveal_writable()[i] = static_cast<Byte>(high << 4 | low);
  }
  return key;
}

Result<SecretBytes> FileSeal::open(ByteView object) {
  if (!object.empty()) return malformed("sealed service secrets: kind \"file\" has no object");
  return read();
}

Result<core::SealingKey> FileSeal::make(Random& random) {
  if (exists(path_)) {
    VITRINE_TRY(SecretBytes key, read());
    return core::SealingKey{"file", std::move(key), {}};
  }
  SecretBytes key(kKeyBytes);
  random.fill(key.reveal_writable());
  SecretBytes text(2 * kKeyBytes + 1);
  auto out = text.reveal_writable();
  for (std::size_t i = 0; i < kKeyBytes; ++i) {
    out[2 * i] = static_cast<Byte>(kHexDigits[key.reveal()[i] >> 4]);
    out[2 * i + 1] = static_cast<Byte>(kHexDigits[key.reveal()[i] & 15]);
  }
  out[2 * kKeyBytes] = '\n';
  VITRINE_CHECK(write_file_atomically(path_, text.reveal(), 0600));
  return core::SealingKey{"file", std::move(key), {}};
}

}  // namespace vitrine::vitrined

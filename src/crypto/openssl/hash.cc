#include "crypto/hash.h"

#include <algorithm>

#include "base/assert.h"
#include "crypto/openssl/algorithms.h"

namespace vitrine::crypto {

namespace openssl {

const EVP_MD* digest_of(Hash hash) {
  // Kept for the life of the process, so that no order of destruction can matter.
  static EVP_MD* const sha256 = EVP_MD_fetch(nullptr, "SHA2-256", nullptr);
  static EVP_MD* const sha384 = EVP_MD_fetch(nullptr, "SHA2-384", nullptr);
  static EVP_MD* const sha512 = EVP_MD_fetch(nullptr, "SHA2-512", nullptr);
  const EVP_MD* const found = hash == Hash::sha256   ? sha256
                              : hash == Hash::sha384 ? sha384
                                                     : sha512;
  VITRINE_ASSERT(found != nullptr);
  return found;
}

}  // namespace openssl

namespace {

constexpr std::size_t kHashBytesMax = 64;
constexpr std::size_t kBlockBytesMax = 128;

std::size_t block_size(Hash hash) { return hash == Hash::sha256 ? 64 : 128; }

// One run over the parts. Nothing here can fail but for want of memory.
class Run {
 public:
  explicit Run(Hash hash) : context_(EVP_MD_CTX_new()) {
    VITRINE_ASSERT(context_ != nullptr);
    VITRINE_ASSERT(EVP_DigestInit_ex2(context_.get(), openssl::digest_of(hash), nullptr) == 1);
  }
  void update(ByteView bytes) {
    VITRINE_ASSERT(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) == 1);
  }
  void finish(Byte* out) { VITRINE_ASSERT(EVP_DigestFinal_ex(context_.get(), out, nullptr) == 1); }

 private:
  openssl::DigestContext context_;
};

void hmac_into(Hash hash, ByteView key, std::initializer_list<ByteView> message,
               std::span<Byte> out) {
  VITRINE_ASSERT(out.size() == hash_size(hash));
  const std::size_t block = block_size(hash);
  std::array<Byte, kBlockBytesMax> pad{};
  std::array<Byte, kHashBytesMax> inner{};
  if (key.size() > block) {
    Run run(hash);
    run.update(key);
    run.finish(pad.data());
  } else {
    std::copy(key.begin(), key.end(), pad.begin());
  }
  for (Byte& b : pad) b ^= 0x36;
  Run inside(hash);
  inside.update(ByteView(pad).first(block));
  for (const ByteView part : message) inside.update(part);
  inside.finish(inner.data());
  for (Byte& b : pad) b ^= 0x36 ^ 0x5c;
  Run outside(hash);
  outside.update(ByteView(pad).first(block));
  outside.update(ByteView(inner).first(hash_size(hash)));
  outside.finish(out.data());
  wipe(pad);
  wipe(inner);
}

}  // namespace

std::size_t hash_size(Hash hash) {
  return hash == Hash::sha256 ? 32 : hash == Hash::sha384 ? 48 : 64;
}

Digest sha256(ByteView bytes) { return sha256({bytes}); }

Digest sha256(std::initializer_list<ByteView> parts) {
  Run run(Hash::sha256);
  for (const ByteView part : parts) run.update(part);
  Digest out;
  run.finish(out.bytes.data());
  return out;
}

Bytes digest(Hash hash, ByteView bytes) {
  Run run(hash);
  run.update(bytes);
  Bytes out(hash_size(hash));
  run.finish(out.data());
  return out;
}

struct Sha256::State {
  Run run{Hash::sha256};
};

Sha256::Sha256() : state_(std::make_unique<State>()) {}
Sha256::~Sha256() = default;

void Sha256::update(ByteView bytes) {
  VITRINE_ASSERT(state_ != nullptr);
  state_->run.update(bytes);
}

Digest Sha256::finish() {
  VITRINE_ASSERT(state_ != nullptr);
  Digest out;
  state_->run.finish(out.bytes.data());
  state_.reset();
  return out;
}

SecretBytes hmac(Hash hash, ByteView key, ByteView message) {
  return hmac_of_parts(hash, key, {message});
}

SecretBytes hmac_of_parts(Hash hash, ByteView key, std::initializer_list<ByteView> message) {
  SecretBytes out(hash_size(hash));
  hmac_into(hash, key, message, out.reveal_writable());
  return out;
}

Digest hmac_sha256(ByteView key, ByteView message) {
  Digest out;
  hmac_into(Hash::sha256, key, {message}, out.bytes);
  return out;
}

SecretBytes hkdf_extract(Hash hash, ByteView salt, ByteView ikm) {
  return hkdf_extract_of_parts(hash, salt, {ikm});
}

// An empty HMAC key is padded with zeros, so the empty salt needs no case of its own.
SecretBytes hkdf_extract_of_parts(Hash hash, ByteView salt, std::initializer_list<ByteView> ikm) {
  return hmac_of_parts(hash, salt, ikm);
}

SecretBytes hkdf_expand(Hash hash, ByteView prk, ByteView info, std::size_t size) {
  const std::size_t step = hash_size(hash);
  VITRINE_ASSERT(size <= 255 * step);
  SecretBytes out(size);
  const std::span<Byte> to = out.reveal_writable();
  std::array<Byte, kHashBytesMax> block{};
  std::size_t previous = 0;
  Byte counter = 1;
  for (std::size_t at = 0; at < size; at += step, ++counter) {
    hmac_into(hash, prk, {ByteView(block).first(previous), info, ByteView(&counter, 1)},
              std::span<Byte>(block).first(step));
    previous = step;
    const std::size_t now = std::min(step, size - at);
    std::copy_n(block.begin(), now, to.begin() + static_cast<std::ptrdiff_t>(at));
  }
  wipe(block);
  return out;
}

SecretBytes hkdf(Hash hash, ByteView salt, ByteView ikm, ByteView info, std::size_t size) {
  return hkdf_expand(hash, hkdf_extract(hash, salt, ikm).reveal(), info, size);
}

}  // namespace vitrine::crypto

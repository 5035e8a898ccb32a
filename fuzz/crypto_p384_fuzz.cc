// Our P-384 verification against libcrypto's: whatever key, digest and signature, one verdict.
#include <algorithm>

#include "base/assert.h"
#include "crypto/der_writer.h"
#include "crypto/diffie_hellman.h"
#include "crypto/key.h"
#include "crypto/p384/ecdsa.h"
#include "crypto/p384/numbers_for_testing.h"

using namespace vitrine;
using namespace vitrine::crypto;

namespace {

// Bytes of the input, and zeros after its end.
class Input {
 public:
  explicit Input(ByteView bytes) : bytes_(bytes) {}
  Byte byte() { return take(1)[0]; }
  Bytes take(std::size_t size) {
    const std::size_t now = std::min(size, bytes_.size());
    Bytes out = to_bytes(bytes_.first(now));
    out.resize(size);
    bytes_ = bytes_.subspan(now);
    return out;
  }
  // A number near one of the places where arithmetic turns: 0, n, p, 2^384, or anywhere.
  p384::Number number() {
    const Byte where = byte();
    const p384::Number distance = p384::small_number(byte());
    p384::Number out{};
    switch (where % 8) {
      case 0:
        return distance;
      case 1:
        subtract(out, p384::kOrder, distance);
        return out;
      case 2:
        subtract(out, p384::kPrime, distance);
        return out;
      case 3:
        subtract(out, {}, distance);
        return out;
      case 4:
        add(out, p384::kOrder, distance);
        return out;
      default:
        return p384::number_from(take(48));
    }
  }
  p384::Number scalar() {
    const p384::Number any = p384::reduce_modulo_order(number());
    return p384::is_zero(any) ? p384::small_number(1) : any;
  }

 private:
  ByteView bytes_;
};

Bytes public_of(const p384::Number& scalar) {
  return *diffie_hellman_public_of(KeyKind::ec_p384, p384::bytes_of(scalar));
}

Bytes der_of(ByteView raw) {
  Bytes buffer(128);
  DerWriter writer(buffer);
  writer.integer(raw.last(48));
  writer.integer(raw.first(48));
  writer.wrap(0x30, 0);
  return to_bytes(writer.written());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Input input({data, size});
  const Byte mode = input.byte();
  const p384::Number d = input.scalar(), u1 = p384::reduce_modulo_order(input.number());
  const p384::Number u2 = input.scalar();
  const Bytes key = public_of(d);
  const p384::Number k = add_modulo(u1, p384::product(u2, d), p384::kOrder);
  Bytes digest, signature;
  if (mode % 2 == 0 || p384::is_zero(k)) {
    digest = input.take(input.byte() % 80);
    signature = p384::signature_of(input.number(), input.number());
  } else {  // valid: u1 * G + u2 * Q has x coordinate r
    const auto r =
        p384::reduce_modulo_order(p384::number_from(ByteView(public_of(k)).subspan(1, 48)));
    if (p384::is_zero(r)) return 0;
    const auto s = p384::Reciprocal(u2).times(r);
    digest = p384::bytes_of(p384::product(u1, s));
    signature = p384::signature_of(r, s);
  }
  const bool made_valid = mode % 2 == 1 && !p384::is_zero(k);
  const auto point = p384::point_from(key);
  VITRINE_ASSERT(point.has_value());
  const bool ours = p384::verify(*point, digest, signature);
  const auto public_key =
      PublicKey::from_ec(KeyKind::ec_p384, ByteView(key).subspan(1, 48), ByteView(key).subspan(49));
  VITRINE_ASSERT(public_key.has_value());
  VITRINE_ASSERT(ours == public_key->verify_prehashed(digest, der_of(signature)).has_value());
  VITRINE_ASSERT(!made_valid || ours);
  if (mode % 16 >= 14) {  // a table takes longer to make than all of the rest
    const p384::Table table(*point, p384::Table::kKeyWindowBits);
    VITRINE_ASSERT(p384::verify(table, digest, signature) == ours);
  }

  // A point of any bytes is one to both, or to neither.
  Bytes changed = key;
  changed[input.byte() % changed.size()] ^= input.byte();
  const bool on_curve = p384::point_from(changed).has_value();
  const auto other = PublicKey::from_ec(KeyKind::ec_p384, ByteView(changed).subspan(1, 48),
                                        ByteView(changed).subspan(49));
  VITRINE_ASSERT(on_curve == (other.has_value() && changed[0] == 4));
  return 0;
}

// For tests of net only: the other side of an HTTP/2 session, frame by frame. Header lists are
// written as plain literals (RFC 7541 6.2.2), answers are read with nghttp2's decoder.
#pragma once

#include <nghttp2/nghttp2.h>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/http2_session.h"

namespace vitrine::net::testing {

enum FrameType : std::uint8_t {
  kData,
  kHeaders,
  kPriority,
  kRstStream,
  kSettings,
  kPushPromise,
  kPing,
  kGoaway,
  kWindowUpdate,
  kContinuation
};
inline constexpr std::uint8_t kEndStream = 1, kAck = 1, kEndHeaders = 4;
inline constexpr std::string_view kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

inline std::string number(std::uint32_t value, int bytes) {
  std::string out;
  for (int i = bytes - 1; i >= 0; --i) out.push_back(static_cast<char>(value >> (8 * i)));
  return out;
}
inline std::string frame(std::uint8_t type, std::uint8_t flags, std::int32_t stream,
                         std::string_view payload) {
  return number(static_cast<std::uint32_t>(payload.size()), 3) + number(type, 1) +
         number(flags, 1) + number(static_cast<std::uint32_t>(stream), 4) + std::string(payload);
}
inline std::string hpack_text(std::string_view text) {  // RFC 7541 5.2, not Huffman
  std::string out;
  if (text.size() < 127) {
    out.push_back(static_cast<char>(text.size()));
  } else {
    out.push_back(127);
    std::size_t rest = text.size() - 127;
    for (; rest >= 128; rest /= 128) out.push_back(static_cast<char>(rest % 128 + 128));
    out.push_back(static_cast<char>(rest));
  }
  return out.append(text);
}
inline std::string hpack(const Headers& fields) {
  std::string out;
  for (const auto& [name, value] : fields) {
    out.append(1, '\0').append(hpack_text(name)).append(hpack_text(value));
  }
  return out;
}
inline Headers request_fields(const std::string& method, const std::string& path,
                              const Headers& more = {}) {
  Headers fields = {
      {":method", method}, {":scheme", "https"}, {":authority", "a"}, {":path", path}};
  fields.insert(fields.end(), more.begin(), more.end());
  return fields;
}
inline std::string headers_frame(std::int32_t stream, const Headers& fields, bool end) {
  return frame(kHeaders, static_cast<std::uint8_t>(kEndHeaders | (end ? kEndStream : 0)), stream,
               hpack(fields));
}
inline std::string preface_and_settings() {
  return std::string(kPreface) + frame(kSettings, 0, 0, "");
}

// What came back on one stream.
struct StreamAnswer {
  Headers headers;  // the last list of them: interim answers are counted
  int interim = 0;
  std::string body;
  bool ended = false;
  std::optional<std::uint32_t> reset;
  std::string status() const { return std::string(find_header(headers, ":status").value_or("")); }
};

class Http2Answers {
 public:
  Http2Answers() { nghttp2_hd_inflate_new(&inflater_); }
  ~Http2Answers() { nghttp2_hd_inflate_del(inflater_); }
  Http2Answers(const Http2Answers&) = delete;
  Http2Answers& operator=(const Http2Answers&) = delete;

  void put(std::string_view bytes) {
    bytes_.append(bytes);
    while (bytes_.size() >= 9) {
      const auto size = read_number(0, 3);
      if (bytes_.size() < 9 + size) return;
      take(static_cast<std::uint8_t>(bytes_[3]), static_cast<std::uint8_t>(bytes_[4]),
           static_cast<std::int32_t>(read_number(5, 4)), bytes_.substr(9, size));
      bytes_.erase(0, 9 + size);
    }
  }
  StreamAnswer& of(std::int32_t stream) { return streams[stream]; }

  std::map<std::int32_t, StreamAnswer> streams;
  std::vector<std::int32_t> order;  // in which streams ended
  std::optional<std::uint32_t> goaway;
  int pings = 0;
  int settings = 0;

 private:
  std::size_t read_number(std::size_t at, int bytes) const {
    std::size_t value = 0;
    for (int i = 0; i < bytes; ++i) {
      value = value * 256 + static_cast<unsigned char>(bytes_[at + static_cast<std::size_t>(i)]);
    }
    return value;
  }
  void take(std::uint8_t type, std::uint8_t flags, std::int32_t stream,
            const std::string& payload) {
    const auto code = [&payload](std::size_t at) {
      return (static_cast<std::uint32_t>(static_cast<unsigned char>(payload[at + 2])) << 8) |
             static_cast<unsigned char>(payload[at + 3]);
    };
    if (type == kGoaway) goaway = code(4);
    if (type == kPing) ++pings;
    if (type == kSettings) ++settings;
    if (type == kRstStream) of(stream).reset = code(0);
    if (type == kData) of(stream).body.append(payload);
    if (type == kHeaders) {
      if (!of(stream).headers.empty()) ++of(stream).interim;
      of(stream).headers = inflate(payload);
    }
    if ((type == kData || type == kHeaders) && (flags & kEndStream) != 0) {
      of(stream).ended = true;
      order.push_back(stream);
    }
  }
  Headers inflate(const std::string& block) {
    Headers fields;
    const auto* in = reinterpret_cast<const std::uint8_t*>(block.data());
    std::size_t left = block.size();
    while (true) {
      nghttp2_nv field;
      int flags = 0;
      const auto taken = nghttp2_hd_inflate_hd2(inflater_, &field, &flags, in, left, 1);
      if (taken < 0) return {{":status", "not HPACK"}};
      in += taken;
      left -= static_cast<std::size_t>(taken);
      if ((flags & NGHTTP2_HD_INFLATE_EMIT) != 0) {
        fields.emplace_back(std::string(reinterpret_cast<char*>(field.name), field.namelen),
                            std::string(reinterpret_cast<char*>(field.value), field.valuelen));
      }
      if ((flags & NGHTTP2_HD_INFLATE_FINAL) != 0) break;
      if ((flags & NGHTTP2_HD_INFLATE_EMIT) == 0 && left == 0) break;
    }
    nghttp2_hd_inflate_end_headers(inflater_);
    return fields;
  }

  nghttp2_hd_inflater* inflater_ = nullptr;
  std::string bytes_;
};

}  // namespace vitrine::net::testing

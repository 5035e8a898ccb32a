#include "net/http2_session.h"

#include <fmt/format.h>
#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <array>

#include "net/http_text.h"

namespace vitrine::net::http2 {
namespace {

constexpr std::size_t kStreamsMax = 100;
constexpr std::int32_t kConnectionWindowBytes = 1'048'576;
constexpr std::size_t kContinuationsMax = 8;
constexpr std::size_t kUnsentAcksMax = 100;
// One client may have so many bodies of the largest size on their way at once.
constexpr std::size_t kBodiesPerConnection = 4;
// A list this far over its bound is not read to its end.
constexpr std::size_t kHeaderFloodFactor = 8;
constexpr std::chrono::seconds kDropTimeout{2};
constexpr std::size_t kDroppedBytesMax = 4'194'304;
constexpr std::size_t kSlowestReaderBytesPerMs = 16;

nghttp2_nv field(std::string_view name, std::string_view value) {
  // nghttp2 copies both before it returns; its C interface just lacks the const.
  const auto bytes = [](std::string_view text) {
    return const_cast<std::uint8_t*>(reinterpret_cast<const std::uint8_t*>(text.data()));
  };
  return {bytes(name), bytes(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE};
}

std::string_view text(const std::uint8_t* bytes, std::size_t size) {
  return {reinterpret_cast<const char*>(bytes), size};
}

struct OptionFree {
  void operator()(nghttp2_option* option) const { nghttp2_option_del(option); }
};
struct CallbacksFree {
  void operator()(nghttp2_session_callbacks* callbacks) const {
    nghttp2_session_callbacks_del(callbacks);
  }
};

}  // namespace

// From C to the members. Nothing may be thrown through C. A flood ends at the very frame: a few
// bytes can stand for megabytes of fields that nghttp2 would still check one by one.
struct Session::Callbacks {
  template <class Work>
  static int guarded(void* session, const Work& work) {
    try {
      auto& self = *static_cast<Session*>(session);
      const int result = work(self);
      return self.flooded_ ? static_cast<int>(NGHTTP2_ERR_CALLBACK_FAILURE) : result;
    } catch (...) {
      return NGHTTP2_ERR_CALLBACK_FAILURE;
    }
  }
  static bool begins_request(const nghttp2_frame& frame) {
    return frame.hd.type == NGHTTP2_HEADERS && frame.headers.cat == NGHTTP2_HCAT_REQUEST;
  }

  static int begin_headers(nghttp2_session*, const nghttp2_frame* frame, void* self) {
    return guarded(self, [frame](Session& session) {
      return begins_request(*frame) ? session.on_begin_request(frame->hd.stream_id) : 0;
    });
  }
  static int header(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name,
                    std::size_t name_size, const std::uint8_t* value, std::size_t value_size,
                    std::uint8_t, void* self) {
    return guarded(self, [&](Session& session) {
      session.on_header(frame->hd.stream_id, !begins_request(*frame), text(name, name_size),
                        text(value, value_size));
      return 0;
    });
  }
  static int invalid_header(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t*,
                            std::size_t, const std::uint8_t*, std::size_t, std::uint8_t,
                            void* self) {
    return guarded(self, [frame](Session& session) {
      session.on_invalid_header(frame->hd.stream_id);
      return 0;
    });
  }
  static int frame_received(nghttp2_session*, const nghttp2_frame* frame, void* self) {
    return guarded(self, [frame](Session& session) {
      if (begins_request(*frame)) session.on_head(frame->hd.stream_id);
      const bool may_end = frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA;
      if (may_end && (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0) {
        session.on_request_end(frame->hd.stream_id);
      }
      return 0;
    });
  }
  static int data(nghttp2_session*, std::uint8_t, std::int32_t stream, const std::uint8_t* bytes,
                  std::size_t size, void* self) {
    return guarded(self, [&](Session& session) {
      session.on_body(stream, text(bytes, size));
      return 0;
    });
  }
  static int frame_sent(nghttp2_session*, const nghttp2_frame* frame, void* self) {
    return guarded(self, [frame](Session& session) {
      if (frame->hd.type == NGHTTP2_RST_STREAM) session.on_reset_sent(frame->hd.stream_id);
      const bool is_piece = frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA;
      if (!is_piece) return 0;
      session.guard_.answered();
      if ((frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0) {
        session.on_answer_end(frame->hd.stream_id);
      }
      return 0;
    });
  }
  static int stream_closed(nghttp2_session*, std::int32_t stream, std::uint32_t, void* self) {
    return guarded(self, [stream](Session& session) {
      session.on_close(stream);
      return 0;
    });
  }
  static ssize_t read(nghttp2_session*, std::int32_t stream, std::uint8_t* into, std::size_t size,
                      std::uint32_t* flags, nghttp2_data_source*, void* self) {
    bool end = false;
    const auto count = static_cast<Session*>(self)->read_answer(stream, into, size, end);
    if (end) *flags |= NGHTTP2_DATA_FLAG_EOF;
    return count;
  }
};

Session::Session(const ServerLimits& limits, std::shared_ptr<BodyBudget> bodies, Refusal refusal)
    : limits_(limits),
      bodies_(std::make_shared<BodyBudget>(kBodiesPerConnection * limits.body_bytes_max,
                                           std::move(bodies))),
      refusal_(std::move(refusal)) {}

Session::~Session() { nghttp2_session_del(native_); }

Result<std::unique_ptr<Session>> Session::make(const ServerLimits& limits,
                                               std::shared_ptr<BodyBudget> bodies,
                                               Refusal refusal) {
  std::unique_ptr<Session> session(new Session(limits, std::move(bodies), std::move(refusal)));
  if (!session->begin()) return internal("HTTP/2: out of memory for a session");
  return session;
}

bool Session::begin() {
  nghttp2_session_callbacks* new_callbacks = nullptr;
  nghttp2_option* new_option = nullptr;
  if (nghttp2_session_callbacks_new(&new_callbacks) != 0) return false;
  const std::unique_ptr<nghttp2_session_callbacks, CallbacksFree> callbacks(new_callbacks);
  if (nghttp2_option_new(&new_option) != 0) return false;
  const std::unique_ptr<nghttp2_option, OptionFree> option(new_option);

  nghttp2_session_callbacks* c = callbacks.get();
  nghttp2_session_callbacks_set_on_begin_headers_callback(c, Callbacks::begin_headers);
  nghttp2_session_callbacks_set_on_header_callback(c, Callbacks::header);
  nghttp2_session_callbacks_set_on_invalid_header_callback(c, Callbacks::invalid_header);
  nghttp2_session_callbacks_set_on_frame_recv_callback(c, Callbacks::frame_received);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(c, Callbacks::data);
  nghttp2_session_callbacks_set_on_frame_send_callback(c, Callbacks::frame_sent);
  nghttp2_session_callbacks_set_on_stream_close_callback(c, Callbacks::stream_closed);
  nghttp2_option_set_no_closed_streams(option.get(), 1);
  nghttp2_option_set_max_outbound_ack(option.get(), kUnsentAcksMax);
  nghttp2_option_set_max_continuations(option.get(), kContinuationsMax);
  if (nghttp2_session_server_new2(&native_, c, this, option.get()) != 0) return false;

  const std::array<nghttp2_settings_entry, 3> settings{
      {{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, kStreamsMax},
       {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE,
        static_cast<std::uint32_t>(limits_.header_bytes_max)},
       {NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1}}};
  return nghttp2_submit_settings(native_, NGHTTP2_FLAG_NONE, settings.data(), settings.size()) ==
             0 &&
         nghttp2_session_set_local_window_size(native_, NGHTTP2_FLAG_NONE, 0,
                                               kConnectionWindowBytes) == 0;
}

void Session::put(std::string_view bytes, Clock::time_point now) {
  if (broken_ || flooded_) return;
  now_ = now;
  if (!guard_.put(bytes, now)) {
    flooded_ = true;
    return;
  }
  const auto taken = nghttp2_session_mem_recv(
      native_, reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  if (taken == NGHTTP2_ERR_FLOODED) flooded_ = true;
  if (taken < 0) broken_ = true;
}

// Says why the connection ends. By hand: nghttp2 is left where the flood was seen.
void Session::append_calm(std::string& out) {
  const auto last = static_cast<std::uint32_t>(nghttp2_session_get_last_proc_stream_id(native_));
  const std::array<std::uint8_t, 17> goaway{0,
                                            0,
                                            8,
                                            NGHTTP2_GOAWAY,
                                            0,
                                            0,
                                            0,
                                            0,
                                            0,
                                            static_cast<std::uint8_t>(last >> 24),
                                            static_cast<std::uint8_t>(last >> 16),
                                            static_cast<std::uint8_t>(last >> 8),
                                            static_cast<std::uint8_t>(last),
                                            0,
                                            0,
                                            0,
                                            NGHTTP2_ENHANCE_YOUR_CALM};
  out.append(text(goaway.data(), goaway.size()));
}

bool Session::finished() const {
  if (flooded_) return said_calm_;
  return broken_ ||
         (nghttp2_session_want_read(native_) == 0 && nghttp2_session_want_write(native_) == 0);
}

void Session::go_away() {
  const auto last = nghttp2_session_get_last_proc_stream_id(native_);
  if (nghttp2_submit_goaway(native_, NGHTTP2_FLAG_NONE, last, NGHTTP2_NO_ERROR, nullptr, 0) != 0) {
    broken_ = true;
  }
}

void Session::pull(std::string& out, std::size_t bytes_max) {
  while (!broken_ && !flooded_ && out.size() < bytes_max) {
    const std::uint8_t* bytes = nullptr;
    const auto count = nghttp2_session_mem_send(native_, &bytes);
    if (count < 0) broken_ = true;
    if (count <= 0) break;
    out.append(text(bytes, static_cast<std::size_t>(count)));
  }
  if (flooded_ && !said_calm_) {
    said_calm_ = true;
    append_calm(out);
  }
}

void Session::expire(Clock::time_point now) {
  now_ = now;
  for (auto& [id, stream] : streams_) {
    if (now < stream.deadline) continue;
    if (stream.answered) {
      give_up(id, stream);
    } else {
      refuse(id, stream, request_too_late());
    }
  }
}

Session::Stream* Session::find(StreamId id) {
  const auto found = streams_.find(id);
  return found == streams_.end() ? nullptr : &found->second;
}

// A stream that the client gave up while its request runs would else make room for the next one,
// and so without end.
int Session::on_begin_request(StreamId id) {
  unknown_header_bytes_ = 0;
  if (streams_.size() + orphans_ >= kStreamsMax) {
    reset(id, NGHTTP2_REFUSED_STREAM);
    return 0;
  }
  Stream& stream = streams_[id];
  stream.charge = BodyCharge(bodies_);
  stream.deadline = now_ + limits_.request_timeout;
  return 0;
}

void Session::on_header(StreamId id, bool trailer, std::string_view name, std::string_view value) {
  Stream* stream = find(id);
  const auto most = limits_.header_bytes_max;
  if (stream == nullptr) {
    unknown_header_bytes_ += name.size() + value.size();
    if (unknown_header_bytes_ > kHeaderFloodFactor * most) flooded_ = true;
    return;
  }
  if (trailer) {
    stream->head.add_trailer(name, value, most);
  } else {
    stream->head.add(name, value, most);
  }
  if (stream->head.bytes() > kHeaderFloodFactor * most) flooded_ = true;
}

void Session::on_invalid_header(StreamId id) {
  if (Stream* stream = find(id)) stream->head.add_invalid();
}

void Session::on_head(StreamId id) {
  Stream* stream = find(id);
  if (stream == nullptr || stream->answered) return;
  stream->head_complete = true;
  stream->deadline = std::min(stream->deadline, now_ + limits_.body_timeout);
  if (const auto checked = stream->head.finish(limits_.body_bytes_max); !checked) {
    refuse(id, *stream, checked.error());
  } else if (stream->head.expects_continue()) {
    send_continue(id);
  }
}

void Session::on_body(StreamId id, std::string_view bytes) {
  Stream* stream = find(id);
  if (stream == nullptr) return;
  if (stream->answered) {
    stream->dropped += bytes.size();
    if (stream->dropped > kDroppedBytesMax) give_up(id, *stream);
    return;
  }
  const auto size = stream->body.size() + bytes.size();
  if (size > limits_.body_bytes_max) {
    refuse(id, *stream, body_too_large(limits_.body_bytes_max));
  } else if (!stream->charge.grow_to(size)) {
    refuse(id, *stream, bodies_fill_memory());
  } else {
    stream->body.append(bytes);
  }
}

void Session::on_request_end(StreamId id) {
  Stream* stream = find(id);
  if (stream == nullptr) return;
  stream->complete = true;
  if (stream->answered) return;
  if (stream->head.fault()) {  // of its trailer
    refuse(id, *stream, *stream->head.fault());
    return;
  }
  stream->deadline = Clock::time_point::max();  // how long an answer takes is the handler's affair
  Request request = stream->head.take();
  request.body = std::move(stream->body);
  running_.insert(id);
  incoming_.push_back({id, std::move(request), std::move(stream->charge)});
}

// Clients that still send their body take a reset for a failure and forget the answer before it, so
// the rest is dropped for a while first.
void Session::on_answer_end(StreamId id) {
  Stream* stream = find(id);
  if (stream == nullptr) return;
  stream->answer_out = true;
  if (!stream->complete) stream->deadline = now_ + kDropTimeout;
}

void Session::give_up(StreamId id, Stream& stream) {
  if (stream.given_up) return;
  stream.given_up = true;
  // RFC 9113 8.1: the answer counts, and the rest of the request is not wanted.
  reset(id, stream.answer_out ? NGHTTP2_NO_ERROR : NGHTTP2_CANCEL);
}

void Session::on_close(StreamId id) {
  const Stream* stream = find(id);
  if (stream == nullptr) return;
  const bool given_up = !stream->answer_out;
  if (running_.count(id) != 0) ++orphans_;
  streams_.erase(id);
  if (given_up && !guard_.gave_up_stream(now_)) flooded_ = true;
}

// Streams over the number that there may be are refused, most by nghttp2 itself without a word.
void Session::on_reset_sent(StreamId id) {
  if (find(id) == nullptr && !guard_.gave_up_stream(now_)) flooded_ = true;
}

void Session::answer(StreamId id, Response response, Clock::time_point now) {
  now_ = now;
  if (running_.erase(id) == 0) return;
  Stream* stream = find(id);
  if (stream == nullptr) --orphans_;
  if (stream != nullptr && !stream->answered) submit(id, *stream, std::move(response));
}

void Session::refuse(StreamId id, Stream& stream, const Fault& fault) {
  stream.charge = BodyCharge();
  std::string().swap(stream.body);
  submit(id, stream, refusal_(fault));
}

void Session::submit(StreamId id, Stream& stream, Response response) {
  stream.answered = true;
  stream.answer = std::move(response);
  stream.deadline = now_ + limits_.request_timeout +
                    std::chrono::milliseconds(stream.answer.body.size() / kSlowestReaderBytesPerMs);
  const fmt::format_int status(stream.answer.status);
  const fmt::format_int length(stream.answer.body.size());
  std::vector<std::pair<std::string, std::string>> fields;
  for (const auto& [name, value] : stream.answer.headers) {
    if (is_token(name) && !is_framing_field(name)) {
      fields.emplace_back(lower_case(name), harmless_field_value(value));
    }
  }
  std::vector<nghttp2_nv> list;
  list.reserve(fields.size() + 2);
  list.push_back(field(":status", {status.data(), status.size()}));
  for (const auto& [name, value] : fields) list.push_back(field(name, value));
  list.push_back(field("content-length", {length.data(), length.size()}));
  nghttp2_data_provider provider{};
  provider.read_callback = Callbacks::read;
  const bool with_body = !stream.answer.body.empty() && !stream.head.is_head();
  if (nghttp2_submit_response(native_, id, list.data(), list.size(),
                              with_body ? &provider : nullptr) != 0) {
    broken_ = true;
  }
}

std::ptrdiff_t Session::read_answer(StreamId id, std::uint8_t* into, std::size_t size, bool& end) {
  Stream* stream = find(id);
  if (stream == nullptr) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
  const auto count = std::min(size, stream->answer.body.size() - stream->sent);
  std::copy_n(stream->answer.body.data() + stream->sent, count, into);
  stream->sent += count;
  end = stream->sent == stream->answer.body.size();
  return static_cast<std::ptrdiff_t>(count);
}

void Session::send_continue(StreamId id) {
  const auto status = field(":status", "100");
  if (nghttp2_submit_headers(native_, NGHTTP2_FLAG_NONE, id, nullptr, &status, 1, nullptr) != 0) {
    broken_ = true;
  }
}

void Session::reset(StreamId id, std::uint32_t error_code) {
  if (nghttp2_submit_rst_stream(native_, NGHTTP2_FLAG_NONE, id, error_code) != 0) broken_ = true;
}

}  // namespace vitrine::net::http2

/// @file body.hpp
/// Body: what Client::send() and Client::upload() send.
#ifndef USERVOICE_BODY_HPP
#define USERVOICE_BODY_HPP

#include "result.hpp"

#include <cstddef>
#include <cstdint>
#include <istream>
#include <string>
#include <string_view>
#include <type_traits>

namespace uservoice {

/// What Client::send() and Client::upload() send: bytes, which are not copied, or what a
/// stream has left, which is read into memory (open a file with std::ios::binary). Valid
/// as long as they are.
class Body {
  public:
    /// Bytes: a std::string, a std::string_view or a string literal.
    template <class T, class = std::enable_if_t<std::is_convertible_v<const T &, std::string_view>>>
    Body(const T &bytes) : bytes_(bytes)
    {
    }

    /// Bytes of any type, such as those of a std::vector<unsigned char>.
    Body(const void *bytes, std::size_t size) : bytes_(static_cast<const char *>(bytes), size) {}

    /// A stream, from its current position to its end.
    Body(std::istream &stream) : stream_(&stream) {}

  private:
    friend class Client;

    // Returns the bytes, for which `buffer` is the memory.
    Result<std::string_view> read(const char *argument, std::uint64_t max_bytes,
                                  std::string &buffer) const
    {
        if (stream_ == nullptr)
            return bytes_;
        char piece[4096];
        while (*stream_ && buffer.size() <= max_bytes) {
            stream_->read(piece, sizeof piece);
            buffer.append(piece, static_cast<std::size_t>(stream_->gcount()));
        }
        if (stream_->bad())
            return detail::invalid_argument(argument, "the stream cannot be read");
        if (buffer.size() > max_bytes)
            return detail::invalid_argument(argument, "the stream is longer than max_request_bytes");
        return std::string_view(buffer);
    }

    std::string_view bytes_;
    std::istream *stream_ = nullptr;
};

} // namespace uservoice

#endif // USERVOICE_BODY_HPP

#pragma once
#include <expected>
#include <string>
#include <string_view>
#include <utility>

#include "core/words.hpp"

namespace bisectd {

/// Who is to blame when something could not be done.
enum class ErrorKind {
    infrastructure,  ///< the lab failed (disk, network, board, builder); never becomes a verdict
    request,         ///< what was asked for is wrong; the person who asked can mend it
    cancelled,       ///< somebody stopped it on purpose
    bug,             ///< we are wrong
};

template <>
struct Words<ErrorKind> {
    static constexpr auto all =
        word_table<ErrorKind>({{ErrorKind::infrastructure, "infrastructure"},
                               {ErrorKind::request, "request"},
                               {ErrorKind::cancelled, "cancelled"},
                               {ErrorKind::bug, "bug"}});
};

/// Why something could not be done: who is to blame, where it happened ("recipe.toml:12:3",
/// "board vb1, upload") and what happened, in a sentence that says what to do.
struct Error {
    ErrorKind kind = ErrorKind::bug;
    std::string where;
    std::string what;
};

/// "where: what", as it is shown to a person.
std::string describe(const Error& error);

template <class T = void>
using Result = std::expected<T, Error>;

inline std::unexpected<Error> infrastructure(std::string where, std::string what) {
    return std::unexpected(Error{ErrorKind::infrastructure, std::move(where), std::move(what)});
}
inline std::unexpected<Error> wrong_request(std::string where, std::string what) {
    return std::unexpected(Error{ErrorKind::request, std::move(where), std::move(what)});
}
inline std::unexpected<Error> cancelled(std::string where, std::string what) {
    return std::unexpected(Error{ErrorKind::cancelled, std::move(where), std::move(what)});
}

/// Prints and ends the process: a broken invariant; the journal brings us back.
[[noreturn]] void assertion_failed(const char* condition, const char* file, int line);

}  // namespace bisectd

#define BISECTD_ASSERT(condition) \
    ((condition) ? void() : ::bisectd::assertion_failed(#condition, __FILE__, __LINE__))

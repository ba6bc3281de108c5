#include "ctl/said.hpp"

#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <iostream>

#include "core/bisect_log_text.hpp"

namespace bisectd::ctl {

Result<Seen> read_seen(std::string_view text) {
    const auto number = [](std::string_view digits, std::uint64_t& out) {
        const auto [stopped, error] =
            std::from_chars(digits.data(), digits.data() + digits.size(), out);
        return error == std::errc{} && stopped == digits.data() + digits.size();
    };
    const std::size_t slash = text.find('/');
    Seen seen;
    if (slash == std::string_view::npos || !number(text.substr(0, slash), seen.failures) ||
        !number(text.substr(slash + 1), seen.runs))
        return wrong_request("--seen", "write FAILURES/RUNS, such as 3/2400");
    return seen;
}

Result<std::string> read_log(const std::string& file) {
    std::ifstream opened;
    if (file != "-") {
        opened.open(file, std::ios::binary);
        if (!opened)
            return wrong_request(file, std::string("cannot be read: ") + std::strerror(errno));
    }
    std::istream& in = file == "-" ? std::cin : opened;
    std::string text(bisect_log_limit_bytes + 1, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(in.gcount()));
    if (in.bad()) return wrong_request(file, "cannot be read");
    if (text.empty()) return wrong_request(file, "is empty; give what `git bisect log` printed");
    if (text.size() > bisect_log_limit_bytes)
        return wrong_request(file, "is longer than 200 KiB: that is no git bisect log");
    return text;
}

}  // namespace bisectd::ctl

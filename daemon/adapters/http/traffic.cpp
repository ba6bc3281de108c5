#include "adapters/http/traffic.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace bisectd::http {

void Traffic::answered(unsigned status, std::chrono::steady_clock::duration took) {
    ++by_class_[std::min<std::size_t>(status / 100, by_class_.size() - 1)];
    const double seconds = std::chrono::duration<double>(took).count();
    const auto bound = std::ranges::lower_bound(bounds, seconds);
    ++by_time_[static_cast<std::size_t>(bound - bounds.begin())];
    seconds_ += seconds;
}

std::string Traffic::text() const {
    std::string out =
        "# HELP bisectd_http_requests_total Requests answered, by class of status.\n"
        "# TYPE bisectd_http_requests_total counter\n";
    for (std::size_t i = 2; i < by_class_.size(); ++i)
        out += fmt::format("bisectd_http_requests_total{{status=\"{}xx\"}} {}\n", i, by_class_[i]);
    out +=
        "# HELP bisectd_http_request_seconds From a request read to its answer made.\n"
        "# TYPE bisectd_http_request_seconds histogram\n";
    std::uint64_t up_to = 0;
    for (std::size_t i = 0; i < bounds.size(); ++i) {
        up_to += by_time_[i];
        out +=
            fmt::format("bisectd_http_request_seconds_bucket{{le=\"{}\"}} {}\n", bounds[i], up_to);
    }
    up_to += by_time_.back();
    out += fmt::format(
        "bisectd_http_request_seconds_bucket{{le=\"+Inf\"}} {0}\n"
        "bisectd_http_request_seconds_sum {1}\nbisectd_http_request_seconds_count {0}\n",
        up_to, seconds_);
    out += fmt::format(
        "# HELP bisectd_event_streams Open event streams.\n"
        "# TYPE bisectd_event_streams gauge\nbisectd_event_streams {}\n",
        streams_);
    return out;
}

}  // namespace bisectd::http
